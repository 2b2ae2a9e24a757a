import type { JsonObject } from '@automatos/kernel';
import type { ToolSpec } from '@automatos/providers';
import type { ModelMessage } from 'ai';
import { BYTES_PER_TOKEN, upperTokensOf } from './estimate.ts';
import { fitResults } from './tool-results.ts';
import type { KeptResult } from './tool-results.ts';
import type { Entry } from './turn-state.ts';

/** JSON around one tool result in a message: ids, names, types. */
const WRAPPER_BYTES = 200;

export interface Conversation {
  messages: ModelMessage[];
  /** Upper estimate of all that is sent. */
  inputTokens: number;
}

export interface Room {
  tools: readonly ToolSpec[];
  schema: JsonObject | undefined;
  /** Tokens that prompt and answer may take together. */
  windowTokens: number;
  /** Kept free for the answer. */
  answerTokens: number;
}

/**
 * The messages of the next call. What tools gave shares one budget: the window, less everything else and the answer. Null when
 * not even short forms of the results fit.
 */
export function buildConversation(entries: readonly Entry[], room: Room): Conversation | null {
  const results = entries.flatMap((entry) => (entry.kind === 'results' ? entry.results : []));
  const fixed = [
    entries.map((entry) => (entry.kind === 'message' ? entry.message : null)),
    room.tools,
    room.schema ?? null,
  ];
  const fixedTokens =
    upperTokensOf(fixed) + Math.ceil((results.length * WRAPPER_BYTES) / BYTES_PER_TOKEN);
  const budgetBytes = (room.windowTokens - fixedTokens - room.answerTokens) * BYTES_PER_TOKEN;
  const shown = results.length === 0 ? [] : fitResults(results, budgetBytes);
  if (shown === null) return null;
  let next = 0;
  const messages = entries.map((entry): ModelMessage => {
    if (entry.kind === 'message') return entry.message;
    return {
      role: 'tool',
      content: entry.results.map((result) => toPart(result, shown[next++] ?? {})),
    };
  });
  return { messages, inputTokens: fixedTokens + upperTokensOf(shown) };
}

function toPart(result: KeptResult, value: JsonObject) {
  return {
    type: 'tool-result' as const,
    toolCallId: result.toolCallId,
    toolName: result.tool,
    output: { type: 'json' as const, value },
  };
}
