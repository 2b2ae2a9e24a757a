import { z } from 'zod';
import { sourcesInputShape } from '../intelligence/source-document.ts';
import { toolError } from '../tool-error.ts';

/** Input fields that tools over a question share. A target that is no place is taken as the question. */
export const questionInputShape = {
  question: z.string().min(3).max(4000).optional().describe('The question to answer'),
  options: z
    .array(z.string().min(1).max(200))
    .max(12)
    .optional()
    .describe('Things to compare; default: those that the question names'),
  criteria: z
    .array(z.string().min(1).max(200))
    .max(12)
    .optional()
    .describe('What to compare them by; default: what the question names'),
};
export const researchInputShape = { ...sourcesInputShape, ...questionInputShape };

/** Keyword search finds words, not meanings; people must know. */
export const SEARCH_NOTE =
  'Keyword search: passages that say the same in other words are not found.';

interface Asked {
  question?: string | undefined;
  target?: string | undefined;
  sources?: string[] | undefined;
}

function looksLikeQuestion(text: string): boolean {
  return (
    /\s/.test(text.trim()) &&
    (/\?\s*$/.test(text) || !/^(?:https?:\/\/|\.{0,2}\/)/i.test(text.trim()))
  );
}

/** Question and sources of a request; throws `tools.question.none` without a question. */
export function readQuestion(request: Asked): {
  question: string;
  sources: string[];
  target: string | undefined;
} {
  const isQuestion =
    request.question === undefined &&
    request.target !== undefined &&
    looksLikeQuestion(request.target);
  const question = isQuestion ? request.target : request.question;
  if (question === undefined)
    throw toolError(
      'tools.question.none',
      'invalid-input',
      'No question was given: put it into "question".',
    );
  return {
    question,
    sources: request.sources ?? [],
    target: isQuestion ? undefined : request.target,
  };
}
