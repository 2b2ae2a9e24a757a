import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { isPlatformError } from '@automatos/kernel';
import type { Clock, JsonObject, PlatformError } from '@automatos/kernel';
import type { ResolvedModel } from '../catalogue/catalogue-types.ts';
import { observeResponses } from '../codecs/observe-responses.ts';
import { classifyFailure, malformed, streamCut } from '../failures/classify-failure.ts';
import type { FailureContext } from '../failures/classify-failure.ts';
import type { Candidate } from '../router/ports.ts';
import { costOf } from '../usage/cost.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { buildModel, needsSchemaInWords } from './build-model.ts';
import { IncompleteAnswer, collectAnswer } from './collect-answer.ts';
import type { CollectedAnswer } from './collect-answer.ts';
import type { CallTimeouts, ModelCall } from './model-call.ts';
import { toFunctionTools, toPrompt } from './to-prompt.ts';
import type { Transport } from './transport.ts';
import { createWatchdog } from './watchdog.ts';
import type { Watchdog } from './watchdog.ts';

export interface AttemptDeps {
  clock: Clock;
  transport: Transport;
}

export interface ChatAttempt {
  call: ModelCall;
  candidate: Candidate;
  timeouts: Required<CallTimeouts>;
  inputTokens: number;
  onPart: () => void;
}

/** Characters per token of an answer that a budget must end: more than any vendor's, so that one who keeps to its bound is never cut. */
const CHARS_PER_TOKEN_MAX = 5;

/** Sends one request and reads its answer to the end. Whatever fails is thrown as a typed error; nothing is sent twice. */
export async function attemptChat(
  deps: AttemptDeps,
  attempt: ChatAttempt,
): Promise<{ answer: CollectedAnswer; prompt: LanguageModelV4Prompt }> {
  const { call, candidate, timeouts } = attempt;
  const { provider, model } = candidate.resolved;
  const watchdog = createWatchdog({
    clock: deps.clock,
    signal: candidate.signal,
    timeouts,
    who: `${provider.name} "${model.id}"`,
  });
  const context = contextOf(candidate, deps.clock.now());
  const heard = { text: '', isOver: false };
  try {
    const prompt = withSchemaInstructions(
      toPrompt(call.messages),
      call.responseSchema,
      needsSchemaInWords(candidate.resolved),
    );
    const work = readAnswer(deps, attempt, { watchdog, context, prompt, heard });
    return { answer: await Promise.race([work, watchdog.stopped]), prompt };
  } catch (error) {
    if (context.answerBegan) candidate.owe(owedFor(attempt, candidate.resolved, heard.text));
    throw typedFailure(error, watchdog, context);
  } finally {
    heard.isOver = true;
    watchdog.end();
  }
}

interface Reading {
  watchdog: Watchdog;
  context: FailureContext;
  prompt: LanguageModelV4Prompt;
  /** What an attempt that was given up still hears must not reach the caller: the next one is speaking already. */
  heard: { text: string; isOver: boolean };
}

async function readAnswer(
  deps: AttemptDeps,
  { call, candidate, timeouts, onPart }: ChatAttempt,
  { watchdog, context, prompt, heard }: Reading,
): Promise<CollectedAnswer> {
  const { resolved, credential, reservation } = candidate;
  const fetch = observeResponses(
    deps.transport.fetchWith(timeouts.connectMs),
    candidate.onResponse,
  );
  const built = await buildModel(resolved, credential, fetch);
  const { stream } = await built.model.doStream({
    ...callOptions(call, candidate, watchdog),
    prompt,
    providerOptions: built.providerOptions,
  });
  return collectAnswer(stream, {
    onPart: () => {
      if (heard.isOver) return;
      context.answerBegan = true;
      watchdog.touch();
      candidate.onPart();
      onPart();
    },
    onDelta: (text) => {
      if (heard.isOver) return;
      heard.text += text;
      call.onDelta?.(text);
    },
    mayGoOn: (chars) => reservation.allows(Math.floor(chars / CHARS_PER_TOKEN_MAX)),
    who: resolved.provider.name,
  });
}

function owedFor(attempt: ChatAttempt, { model }: ResolvedModel, text: string) {
  const outputTokens = estimateTokens(text);
  const usage = {
    inputTokens: attempt.inputTokens,
    outputTokens,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    cacheWriteTokens: 0,
    estimated: true,
  };
  return { costMicros: costOf(usage, model.price).micros, outputTokens, seenChars: text.length };
}

function contextOf({ resolved, credential }: Candidate, nowMs: number): FailureContext {
  return {
    provider: resolved.provider.id,
    providerName: resolved.provider.name,
    model: resolved.model.id,
    apiKey: credential?.apiKey,
    nowMs,
    answerBegan: false,
  };
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
  { maxOutputTokens }: Candidate,
  watchdog: Watchdog,
): Omit<LanguageModelV4CallOptions, 'prompt'> {
  return {
    abortSignal: watchdog.signal,
    ...(call.tools === undefined || call.tools.length === 0
      ? {}
      : { tools: toFunctionTools(call.tools), toolChoice: toolChoiceOf(call) }),
    ...(call.json === true && call.responseSchema === undefined
      ? { responseFormat: { type: 'json' } as const }
      : {}),
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
    ...(maxOutputTokens === null ? {} : { maxOutputTokens }),
    ...(call.topP === undefined ? {} : { topP: call.topP }),
    ...(call.seed === undefined ? {} : { seed: call.seed }),
    ...(call.stopSequences === undefined ? {} : { stopSequences: [...call.stopSequences] }),
    ...(call.frequencyPenalty === undefined ? {} : { frequencyPenalty: call.frequencyPenalty }),
    ...(call.presencePenalty === undefined ? {} : { presencePenalty: call.presencePenalty }),
    ...(call.idempotencyKey === undefined
      ? {}
      : { headers: { 'Idempotency-Key': call.idempotencyKey } }),
  };
}

function toolChoiceOf({ toolChoice = 'auto' }: ModelCall) {
  return typeof toolChoice === 'string'
    ? { type: toolChoice }
    : { type: 'tool' as const, toolName: toolChoice.tool };
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
