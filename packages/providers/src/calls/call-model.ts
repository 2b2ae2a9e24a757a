import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { isPlatformError } from '@automatos/kernel';
import type {
  Clock,
  JsonObject,
  JsonValue,
  Logger,
  Metrics,
  PlatformError,
  WorkspaceId,
} from '@automatos/kernel';
import { PRICE_VERSION } from '../catalogue/model-rows.ts';
import { resolveRef } from '../catalogue/catalogue.ts';
import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import { classifyFailure, malformed, streamCut } from '../failures/classify-failure.ts';
import type { FailureContext } from '../failures/classify-failure.ts';
import { parseStructuredAnswer } from '../structured/structured-answer.ts';
import type { SchemaValidator } from '../structured/validate-schema.ts';
import { costOf, countUsage } from '../usage/cost.ts';
import type { CountedUsage } from '../usage/cost.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { SENDS_JSON_SCHEMA, buildModel } from './build-model.ts';
import type { ProviderCredential } from './build-model.ts';
import { IncompleteAnswer, collectAnswer } from './collect-answer.ts';
import type { CollectedAnswer } from './collect-answer.ts';
import type { ModelCall, ModelResult } from './model-call.ts';
import { toFunctionTools, toPrompt } from './to-prompt.ts';
import type { Transport } from './transport.ts';
import { DEFAULT_TIMEOUTS, createWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';

export interface CallModelDeps {
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  transport: Transport;
  validator: SchemaValidator;
}

/** Makes exactly one model call; see `Providers.call`. */
export async function callModel(deps: CallModelDeps, call: ModelCall): Promise<ModelResult> {
  const resolved = resolveRef(call.ref);
  const labels = { provider: resolved.provider.id, model: resolved.model.id };
  const startedAt = deps.clock.now();
  let firstTokenMs: number | null = null;
  const onPart = () => {
    firstTokenMs ??= deps.clock.now() - startedAt;
  };
  try {
    const { answer, prompt } = await requestAnswer(deps, call, { resolved, onPart });
    const usage = countUsage(answer.usage, () => ({
      input: estimateTokens(promptText(prompt, call)),
      output: estimateTokens(answerText(answer)) + Math.ceil(answer.reasoningChars / 4),
    }));
    const result = toResult({
      resolved,
      answer,
      usage,
      durationMs: deps.clock.now() - startedAt,
      firstTokenMs,
    });
    recordSuccess(deps.metrics, labels, { result, estimated: usage.estimated });
    return withObject(result, call, deps.validator);
  } catch (error) {
    if (isPlatformError(error) && error.code !== 'providers.answer.schema_mismatch') {
      deps.metrics.count('amas_ai_provider_calls_total', { ...labels, status: statusOf(error) });
      deps.logger.info(
        {
          ...labels,
          code: error.code,
          retryable: error.retryable,
          detail: error.internalMessage,
          duration_ms: deps.clock.now() - startedAt,
        },
        'model call failed',
      );
    }
    throw error;
  }
}

interface Attempt {
  resolved: ResolvedModel;
  onPart: () => void;
}

async function requestAnswer(
  deps: CallModelDeps,
  call: ModelCall,
  attempt: Attempt,
): Promise<{ answer: CollectedAnswer; prompt: LanguageModelV4Prompt }> {
  const { provider, model } = attempt.resolved;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...call.timeouts };
  const watchdog = createWatchdog({
    clock: deps.clock,
    signal: call.signal,
    timeouts,
    who: `${provider.name} "${model.id}"`,
  });
  const context: FailureContext = {
    provider: provider.id,
    providerName: provider.name,
    model: model.id,
    apiKey: undefined,
    nowMs: deps.clock.now(),
    answerBegan: false,
  };
  const onPart = () => {
    context.answerBegan = true;
    watchdog.touch();
    attempt.onPart();
  };
  try {
    const prompt = withSchemaInstructions(
      toPrompt(call.messages),
      call.responseSchema,
      provider.codec === 'openai-compatible' && !SENDS_JSON_SCHEMA.has(provider.id),
    );
    const work = async () => {
      const credential =
        provider.codec === 'offline' ? null : await deps.credentials(provider.id, call.workspaceId);
      context.apiKey = credential?.apiKey;
      const built = await buildModel(
        attempt.resolved,
        credential,
        deps.transport.fetchWith(timeouts.connectMs),
      );
      const { stream } = await built.model.doStream({
        ...callOptions(call, watchdog),
        prompt,
        providerOptions: built.providerOptions,
      });
      return collectAnswer(stream, {
        onPart,
        onDelta: call.onDelta ?? (() => undefined),
        who: provider.name,
      });
    };
    return { answer: await Promise.race([work(), watchdog.stopped]), prompt };
  } catch (error) {
    throw typedFailure(error, watchdog, context);
  } finally {
    watchdog.end();
  }
}

function typedFailure(error: unknown, watchdog: Watchdog, context: FailureContext): PlatformError {
  if (isPlatformError(error)) return error;
  const reason: unknown = watchdog.signal.reason;
  if (watchdog.signal.aborted && isPlatformError(reason)) return reason;
  if (!(error instanceof IncompleteAnswer)) return classifyFailure(error, context);
  return context.answerBegan ? streamCut(context, error) : malformed(context, error);
}

function callOptions(
  call: ModelCall,
  watchdog: Watchdog,
): Omit<LanguageModelV4CallOptions, 'prompt'> {
  return {
    abortSignal: watchdog.signal,
    ...(call.tools === undefined || call.tools.length === 0
      ? {}
      : { tools: toFunctionTools(call.tools), toolChoice: { type: 'auto' } as const }),
    ...(call.responseSchema === undefined
      ? {}
      : {
          responseFormat: {
            type: 'json',
            schema: call.responseSchema as NonNullable<
              Extract<LanguageModelV4CallOptions['responseFormat'], { type: 'json' }>['schema']
            >,
            name: 'answer',
          } as const,
        }),
    ...(call.temperature === undefined ? {} : { temperature: call.temperature }),
    ...(call.maxOutputTokens === undefined ? {} : { maxOutputTokens: call.maxOutputTokens }),
    ...(call.topP === undefined ? {} : { topP: call.topP }),
    ...(call.frequencyPenalty === undefined ? {} : { frequencyPenalty: call.frequencyPenalty }),
    ...(call.presencePenalty === undefined ? {} : { presencePenalty: call.presencePenalty }),
    ...(call.idempotencyKey === undefined
      ? {}
      : { headers: { 'Idempotency-Key': call.idempotencyKey } }),
  };
}

/** Servers that take no JSON schema get it in words, or they would never see it. */
function withSchemaInstructions(
  prompt: LanguageModelV4Prompt,
  schema: JsonObject | undefined,
  inWords: boolean,
): LanguageModelV4Prompt {
  if (schema === undefined || !inWords) return prompt;
  return [
    {
      role: 'system',
      content: `Answer with one JSON value that fits this JSON schema and with nothing else:\n${JSON.stringify(schema)}`,
    },
    ...prompt,
  ];
}

interface ResultParts {
  resolved: ResolvedModel;
  answer: CollectedAnswer;
  usage: CountedUsage;
  durationMs: number;
  firstTokenMs: number | null;
}

function toResult({ resolved, answer, usage, durationMs, firstTokenMs }: ResultParts): ModelResult {
  const cost = costOf(usage, resolved.model.price);
  return {
    text: answer.text,
    toolCalls: answer.toolCalls,
    finishReason: answer.finishReason,
    usage: {
      inputTokens: usage.inputTokens,
      outputTokens: usage.outputTokens,
      cachedInputTokens: usage.cachedInputTokens,
      reasoningTokens: usage.reasoningTokens,
    },
    usageEstimated: usage.estimated,
    costMicros: cost.micros,
    costIsUpperBound: cost.isUpperBound,
    priceVersion: PRICE_VERSION,
    provider: resolved.provider.id,
    model: resolved.model.id,
    durationMs,
    firstTokenMs,
    offline: resolved.provider.codec === 'offline',
    message: answer.message,
  };
}

/** Validates a structured answer; the tokens of one that does not fit were spent all the same and ride along in the error. */
function withObject(result: ModelResult, call: ModelCall, validator: SchemaValidator): ModelResult {
  if (
    call.responseSchema === undefined ||
    result.toolCalls.length > 0 ||
    result.finishReason !== 'stop'
  )
    return result;
  try {
    return {
      ...result,
      object: parseStructuredAnswer(result.text, call.responseSchema, validator) as JsonValue,
    };
  } catch (error) {
    if (isPlatformError(error) && error.details !== undefined)
      error.details['result'] = {
        usage: result.usage,
        usage_estimated: result.usageEstimated,
        cost_micros: result.costMicros,
        duration_ms: result.durationMs,
      };
    throw error;
  }
}

function recordSuccess(
  metrics: Metrics,
  labels: { provider: string; model: string },
  { result, estimated }: { result: ModelResult; estimated: boolean },
): void {
  metrics.count('amas_ai_provider_calls_total', { ...labels, status: 'success' });
  metrics.observe('amas_ai_provider_latency_seconds', labels, result.durationMs / 1000);
  if (result.firstTokenMs !== null)
    metrics.observe(
      'amas_ai_provider_time_to_first_token_seconds',
      labels,
      result.firstTokenMs / 1000,
    );
  const { usage } = result;
  metrics.count(
    'amas_ai_provider_tokens_total',
    { ...labels, direction: 'input' },
    usage.inputTokens - usage.cachedInputTokens,
  );
  metrics.count(
    'amas_ai_provider_tokens_total',
    { ...labels, direction: 'output' },
    usage.outputTokens,
  );
  if (usage.cachedInputTokens > 0)
    metrics.count(
      'amas_ai_provider_tokens_total',
      { ...labels, direction: 'cached' },
      usage.cachedInputTokens,
    );
  if (result.costMicros !== null)
    metrics.count('amas_ai_provider_cost_usd_total', labels, result.costMicros / 1_000_000);
  if (estimated)
    metrics.count('amas_ai_provider_usage_estimated_total', { provider: labels.provider });
}

function statusOf(error: PlatformError): string {
  if (error.kind === 'timeout') return 'timeout';
  if (error.kind === 'cancelled') return 'cancelled';
  return error.kind === 'rate-limited' ? 'rate_limited' : 'error';
}

function promptText(prompt: LanguageModelV4Prompt, call: ModelCall): string {
  const parts = prompt.map((message) =>
    typeof message.content === 'string'
      ? message.content
      : message.content
          .map((part) => ('text' in part ? part.text : JSON.stringify(part)))
          .join('\n'),
  );
  return [...parts, ...(call.tools ?? []).map((tool) => JSON.stringify(tool))].join('\n');
}

function answerText(answer: CollectedAnswer): string {
  return [
    answer.text,
    ...answer.toolCalls.map((tool) => `${tool.name}${JSON.stringify(tool.input)}`),
  ].join('\n');
}
