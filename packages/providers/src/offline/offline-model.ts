import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { PlatformError } from '@automatos/kernel';
import { createSchemaValidator } from '../structured/validate-schema.ts';
import type { SchemaValidator } from '../structured/validate-schema.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { answerBody, answerFromText, intentOf } from './answer-from-text.ts';
import { composeReport } from './compose-report.ts';
import { fillSchema } from './fill-schema.ts';
import { gatherEvidence } from './gather-evidence.ts';
import type { Evidence } from './gather-evidence.ts';
import { parseRequest } from './parse-request.ts';
import type { OfflineRequest } from './parse-request.ts';
import { planTools } from './plan-tools.ts';
import type { PlannedCall, ToolPlan } from './plan-tools.ts';

/** Words after which the stream lets other work of the process run. */
const WORDS_PER_TURN = 64;

type Reply =
  | { kind: 'text'; text: string; isJson: boolean }
  | { kind: 'calls'; calls: PlannedCall[]; round: number };

/**
 * Creates the model that uses no language model: it plans tool calls by words and schemas, and writes only what tool results, inputs
 * and given texts hold. Deterministic, without network and state. Throws `providers.offline.cannot_answer` when there is nothing to
 * work on, rather than inventing.
 */
export function createOfflineModel(modelId: string): LanguageModelV4 {
  const validator = createSchemaValidator();
  return {
    specificationVersion: 'v4',
    provider: 'offline',
    modelId,
    supportedUrls: {},
    async doGenerate(options) {
      const { content, finishReason, usage } = answerParts(options, validator);
      return { content, finishReason, usage, warnings: [] };
    },
    async doStream(options) {
      const parts = streamParts(answerParts(options, validator));
      return { stream: toStream(parts, options.abortSignal) };
    },
  };
}

interface AnswerParts {
  content: LanguageModelV4Content[];
  finishReason: LanguageModelV4FinishReason;
  usage: LanguageModelV4Usage;
}

function answerParts(options: LanguageModelV4CallOptions, validator: SchemaValidator): AnswerParts {
  const request = parseRequest(options);
  const reply = decide(request, validator);
  const input =
    estimateTokens(JSON.stringify(options.prompt)) +
    estimateTokens(JSON.stringify(options.tools ?? []));
  if (reply.kind === 'calls') {
    const content = reply.calls.map((call, index): LanguageModelV4Content => ({
      type: 'tool-call',
      toolCallId: `offline_${reply.round}_${index + 1}`,
      toolName: call.tool,
      input: JSON.stringify(call.input),
    }));
    return {
      content,
      finishReason: { unified: 'tool-calls', raw: 'tool-calls' },
      usage: usageOf(input, estimateTokens(JSON.stringify(reply.calls))),
    };
  }
  const { text, cut } = cutToTokens(reply.text, reply.isJson ? null : request.maxOutputTokens);
  return {
    content: [{ type: 'text', text }],
    finishReason: { unified: cut ? 'length' : 'stop', raw: cut ? 'length' : 'stop' },
    usage: usageOf(input, estimateTokens(text)),
  };
}

function decide(request: OfflineRequest, validator: SchemaValidator): Reply {
  const evidence = gatherEvidence(request);
  const noPlan: ToolPlan = { calls: [], notCalled: [], selected: [] };
  const plan =
    request.tools.length === 0
      ? noPlan
      : planTools(request, {
          validator,
          report: () => reportOf(request, evidence, []),
          hasMaterial: evidence.handedOver,
        });
  if (plan.calls.length > 0)
    return { kind: 'calls', calls: plan.calls, round: request.made.length + 1 };
  if (request.responseSchema !== null)
    return {
      kind: 'text',
      text: JSON.stringify(
        fillSchema(
          request.responseSchema,
          { request, evidence, notCalled: plan.notCalled },
          validator,
        ),
      ),
      isJson: true,
    };
  if (evidence.results.length > 0 || plan.notCalled.length > 0)
    return { kind: 'text', text: reportOf(request, evidence, plan.notCalled), isJson: false };
  if (evidence.documents.length > 0 || intentOf(request.task) === 'classify')
    return { kind: 'text', text: answerFromText(request.task, evidence.documents), isJson: false };
  throw new PlatformError({
    code: 'providers.offline.cannot_answer',
    kind: 'invalid-input',
    message: `The offline provider is no language model and has nothing to work on: ${request.tools.length === 0 ? 'the request offers no tools, no inputs with findings and no context' : 'no offered tool fits the request'}. Name a tool, give a context, or configure a language model.`,
  });
}

function reportOf(
  request: OfflineRequest,
  evidence: Evidence,
  notCalled: ToolPlan['notCalled'],
): string {
  const withoutFindings = evidence.results.every((result) => result.findings.length === 0);
  const extra =
    withoutFindings && evidence.documents.length > 0
      ? `## From the texts\n\n${answerBody(request.task, evidence.documents)}`
      : '';
  return composeReport({
    results: evidence.results,
    notCalled,
    extra,
    maxTokens: request.maxOutputTokens,
  });
}

function usageOf(input: number, output: number): LanguageModelV4Usage {
  return {
    inputTokens: { total: input, noCache: input, cacheRead: 0, cacheWrite: 0 },
    outputTokens: { total: output, text: output, reasoning: 0 },
  };
}

function cutToTokens(text: string, max: number | null): { text: string; cut: boolean } {
  if (max === null || estimateTokens(text) <= max) return { text, cut: false };
  const words = wordsOf(text);
  let tokens = 0;
  const kept = words.findIndex((word) => (tokens += estimateTokens(word)) > max);
  return { text: words.slice(0, kept === -1 ? words.length : kept).join(''), cut: true };
}

function wordsOf(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

function streamParts({ content, finishReason, usage }: AnswerParts): LanguageModelV4StreamPart[] {
  const parts: LanguageModelV4StreamPart[] = [{ type: 'stream-start', warnings: [] }];
  for (const item of content) {
    if (item.type === 'text')
      parts.push(
        { type: 'text-start', id: 'text-1' },
        ...wordsOf(item.text).map((delta) => ({
          type: 'text-delta' as const,
          id: 'text-1',
          delta,
        })),
        { type: 'text-end', id: 'text-1' },
      );
    else if (item.type === 'tool-call') parts.push(item);
  }
  return [...parts, { type: 'finish', finishReason, usage }];
}

/** Hands parts over one by one as they are read; stops when the signal aborts. */
function toStream(
  parts: readonly LanguageModelV4StreamPart[],
  signal: AbortSignal | undefined,
): ReadableStream<LanguageModelV4StreamPart> {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      if (next % WORDS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted === true) return controller.error(signal.reason);
      const part = parts[next++];
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
  });
}
