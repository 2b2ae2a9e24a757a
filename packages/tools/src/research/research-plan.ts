import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { EVIDENCE_KINDS, meaningfulWords, planQuestion, QUESTION_KINDS } from './plan-question.ts';
import { questionInputShape, readQuestion } from './question-input.ts';

const input = z.strictObject({
  ...questionInputShape,
  target: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Taken as the question when no question is given'),
});
const output = z.object({
  question: z.string(),
  kind: z.enum(QUESTION_KINDS),
  options: z.array(z.string()),
  criteria: z.array(z.string()),
  sub_questions: z.array(
    z.object({
      id: z.string(),
      question: z.string(),
      terms: z.array(z.string()),
      evidence: z.array(z.enum(EVIDENCE_KINDS)),
    }),
  ),
});

const VAGUE =
  /^(?:good|bad|better|best|nice|thing|things|stuff|something|anything|everything|tell|know|information|about)$/;

function vagueFinding(question: string): Finding[] {
  const telling = meaningfulWords(question).filter((word) => !VAGUE.test(word));
  if (telling.length >= 2) return [];
  return [
    {
      rule: 'research.question_vague',
      severity: 'low',
      message: 'The question names too little to search for.',
      evidence: question.slice(0, 300),
      fix: 'Name the subject and what you want to know of it.',
      tool: 'research_plan',
    },
  ];
}

export const researchPlan = defineTool({
  name: 'research_plan',
  title: 'Plan research',
  description:
    'Splits a question into sub-questions with the words to search for and the kind of evidence that would answer each; for comparisons one per option and criterion. Deterministic.',
  group: 'research',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 15_000,
  idempotent: true,
  isolation: 'inline',
  tainted: false,
  keywords: ['question', 'sub-questions', 'outline', 'investigate'],
  run(request) {
    const { question } = readQuestion(request);
    const plan = planQuestion(question, request);
    const about =
      plan.options.length > 1
        ? ` on ${plan.options.join(', ')}${plan.criteria.length === 0 ? '' : ` by ${plan.criteria.join(', ')}`}`
        : '';
    return Promise.resolve({
      output: plan,
      summary: `A ${plan.kind} question${about}: ${plan.sub_questions.length} sub-questions.`,
      findings: vagueFinding(question),
    });
  },
});
