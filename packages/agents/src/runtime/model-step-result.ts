import { NO_USAGE } from '@automatos/contracts';
import type { CallRoute, Usage } from '@automatos/contracts';
import { roundUpMicros, tokenCost } from '@automatos/kernel';
import type { JsonObject, JsonValue, SerializedError } from '@automatos/kernel';
import { estimateTokens } from '@automatos/providers';
import type {
  ModelRef,
  ModelResult,
  ModelToolCall,
  ModelUsage,
  ResolvedModel,
} from '@automatos/providers';
import type { TurnLimit } from './runtime-types.ts';

/** What a call was, whatever became of it. */
interface Spent {
  /** Who really answered, or was speaking when the call ended. */
  provider: string;
  model: string;
  /** What the call was meant for: the next call begins there again. Absent in records of earlier versions. */
  asked?: { provider: string; model: string };
  /** Of the model that was asked for. */
  contextWindow: number;
  offline: boolean;
  usage: Usage;
  durationMs: number;
  text: string;
  /** Absent: no cache was asked. */
  cache?: CallRoute['cache'];
}

/** Recorded result of a model call. */
export type ModelStepResult =
  | ({
      kind: 'answer';
      object?: JsonValue;
      toolCalls: ModelToolCall[];
      message: JsonObject;
      finishReason: ModelResult['finishReason'];
      cutBy?: 'tokens' | 'money' | 'budget';
      /** With `budget`: its bound. */
      bound?: string;
    } & Spent)
  /** The call was made and paid for, but its answer misses the schema. */
  | ({ kind: 'mismatch'; error: SerializedError } & Spent)
  /** A limit kept the call from being made (`called` false) or cut it off. */
  | ({ kind: 'limit'; limit: TurnLimit; called: boolean } & Spent);

/** Window assumed when the catalogue does not know it: what current hosted models have at least, what local servers usually load. */
const WINDOW_HOSTED = 128_000;
const WINDOW_LOCAL = 32_000;
/** The offline provider reads everything; the bound only protects memory. */
const WINDOW_OFFLINE = 1_000_000;

export function contextWindowOf({ provider, model }: ResolvedModel): number {
  if (model.contextWindow !== null && model.contextWindow > 0) return model.contextWindow;
  if (provider.codec === 'offline') return WINDOW_OFFLINE;
  return model.status === 'open' ? WINDOW_LOCAL : WINDOW_HOSTED;
}

/** Bound of an answer, and by what it was lowered. */
export interface Granted {
  maxOutputTokens: number;
  cutBy?: 'tokens' | 'money' | 'budget';
  bound?: string;
}

export function refOf({ provider, model }: ResolvedModel): ModelRef {
  return { provider: provider.id, model: model.id };
}

/** `asked` is what the call was meant for; `answered` who took it over, when somebody did. */
export function spent(
  asked: ResolvedModel,
  what: Pick<Spent, 'usage' | 'durationMs' | 'text' | 'cache'>,
  answered: { provider: string; model: string; offline: boolean } = {
    ...refOf(asked),
    offline: asked.provider.codec === 'offline',
  },
): Spent {
  return { ...answered, asked: refOf(asked), contextWindow: contextWindowOf(asked), ...what };
}

function toUsage(usage: ModelUsage, costMicros: number | null, estimated: boolean): Usage {
  return {
    model_calls: 1,
    tool_calls: 0,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cached_input_tokens: usage.cachedInputTokens,
    reasoning_tokens: usage.reasoningTokens,
    cost_micros: costMicros,
    estimated,
  };
}

export function toAnswer(
  resolved: ResolvedModel,
  result: ModelResult,
  { cutBy, bound }: Granted,
): ModelStepResult {
  return {
    kind: 'answer',
    ...(result.object === undefined ? {} : { object: result.object }),
    toolCalls: result.toolCalls,
    message: result.message as unknown as JsonObject,
    finishReason: result.finishReason,
    ...(cutBy === undefined ? {} : { cutBy }),
    ...(bound === undefined ? {} : { bound }),
    ...spent(
      resolved,
      {
        usage: toUsage(result.usage, result.costMicros, result.usageEstimated),
        durationMs: result.durationMs,
        text: result.text,
        ...(result.route.cache === 'off' ? {} : { cache: result.route.cache }),
      },
      { provider: result.provider, model: result.model, offline: result.offline },
    ),
  };
}

/** A call that was cut off was paid for all the same; its usage is an estimate from above. */
function guessUsage(inputTokens: number, text: string, { model }: ResolvedModel): Usage {
  const output = estimateTokens(text);
  const { inputMicros, outputMicros } = model.price;
  const cost =
    inputMicros === null || outputMicros === null
      ? null
      : roundUpMicros([tokenCost(inputTokens, inputMicros), tokenCost(output, outputMicros)]);
  return {
    ...NO_USAGE,
    model_calls: 1,
    input_tokens: inputTokens,
    output_tokens: output,
    cost_micros: cost,
    estimated: true,
  };
}

/** What was seen of a call that did not come to its end. */
export interface Seen {
  speaking: ResolvedModel;
  inputTokens: number;
  text: string;
  durationMs: number;
}

export function toCutOff(
  resolved: ResolvedModel,
  { speaking, inputTokens, text, durationMs }: Seen,
): ModelStepResult {
  const usage = guessUsage(inputTokens, text, speaking);
  const rest = spent(resolved, { usage, durationMs, text }, answeredBy(speaking));
  return { kind: 'limit', limit: 'time', called: true, ...rest };
}

function answeredBy(resolved: ResolvedModel) {
  return { ...refOf(resolved), offline: resolved.provider.codec === 'offline' };
}

interface PaidResult {
  usage: ModelUsage;
  usage_estimated: boolean;
  cost_micros: number | null;
  duration_ms: number;
}

export function toMismatch(
  resolved: ResolvedModel,
  error: SerializedError,
  seen: Seen,
): ModelStepResult {
  const paid = error.details?.['result'] as PaidResult | undefined;
  const usage =
    paid === undefined
      ? guessUsage(seen.inputTokens, seen.text, seen.speaking)
      : toUsage(paid.usage, paid.cost_micros, paid.usage_estimated);
  const durationMs = paid?.duration_ms ?? seen.durationMs;
  return {
    kind: 'mismatch',
    error,
    ...spent(resolved, { usage, durationMs, text: seen.text }, answeredBy(seen.speaking)),
  };
}
