import { APICallError } from '@ai-sdk/provider';
import { PlatformError, isJsonObject, isPlatformError } from '@automatos/kernel';
import type { Clock, JsonObject } from '@automatos/kernel';
import { normalBaseUrl } from '../calls/credential.ts';
import { createWatchdog } from '../calls/watchdog.ts';
import type { Watchdog } from '../calls/watchdog.ts';
import type { ProviderRow } from '../catalogue/catalogue-types.ts';
import { classifyFailure, malformed, streamCut } from '../failures/classify-failure.ts';
import type { FailureContext } from '../failures/classify-failure.ts';
import type { Attempted, Candidate } from '../router/ports.ts';
import { costOf } from '../usage/cost.ts';
import type { CountedUsage } from '../usage/cost.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import { chatBodyFor, wantsUsage } from './chat-body.ts';
import { firstChoice, writtenIn } from './estimate-output.ts';
import type { ChatBody, PassTarget, PassedAnswer } from './ports.ts';
import type { Poster } from './post-bytes.ts';
import { readUsage } from './read-usage.ts';
import { UnreadableEvent, VendorErrorEvent, createStreamReader } from './stream-reader.ts';
import type { StreamReader } from './stream-reader.ts';

/** Of an answer that says what is wrong. */
const ERROR_BYTES_MAX = 64 * 1024;
/** An answer's size is asked of the budget this often, in tokens. */
const BUDGET_LOOK_TOKENS = 16;

export interface PassRequest {
  body: ChatBody;
  /** Upper estimate of what is sent; stands in where the vendor tells no usage. */
  inputTokens: number;
  /** Sent as `Idempotency-Key`. */
  idempotencyKey?: string | undefined;
  /** Sent as `X-Request-ID`. */
  requestId?: string | undefined;
}

/** Whether bodies and answers of OpenAI's chat wire can go to this provider and back as they are. */
export function speaksChatWire(provider: ProviderRow): boolean {
  return provider.codec !== null && (provider.wire === 'openai-chat' || provider.id === 'openai');
}

/** One attempt at one candidate: what is sent, and where its answer goes. */
export interface Pass {
  candidate: Candidate;
  request: PassRequest;
  target: PassTarget;
}

/** Passes one chat request to one candidate and its answer to `target` while it comes. Rejects with typed errors, as a call does. */
export async function passChat(
  deps: { poster: Poster; clock: Clock },
  pass: Pass,
): Promise<Attempted<PassedAnswer>> {
  const { candidate, request, target } = pass;
  const watchdog = watchdogOf(deps.clock, candidate);
  const passing = begin(deps.clock, watchdog, pass);
  try {
    await deps.poster.post(
      {
        ...addressOf(candidate, request),
        body: chatBodyFor(request.body, candidate),
        connectMs: candidate.settings.timeouts.connect_ms,
        signal: watchdog.signal,
      },
      {
        onHead: (status, headers) => takeHead(passing, status, headers),
        onData: (chunk) => takeData(passing, chunk),
      },
    );
    const answer = wholeAnswer(passing);
    target.end(answer);
    const { inputTokens, outputTokens, cachedInputTokens, estimated } = answer.usage;
    return {
      value: answer,
      costMicros: answer.costMicros,
      inputTokens,
      outputTokens,
      cachedInputTokens,
      usageEstimated: estimated,
    };
  } catch (error) {
    owe(passing);
    throw typedError(error, watchdog.signal, passing.context);
  } finally {
    watchdog.end();
  }
}

function watchdogOf(clock: Clock, { settings, signal, resolved }: Candidate): Watchdog {
  const { connect_ms, first_token_ms, between_tokens_ms, total_ms } = settings.timeouts;
  return createWatchdog({
    clock,
    signal,
    timeouts: {
      connectMs: connect_ms,
      firstTokenMs: first_token_ms,
      betweenTokensMs: between_tokens_ms,
      totalMs: total_ms,
    },
    who: `${resolved.provider.name} "${resolved.model.id}"`,
  });
}

function addressOf(
  { resolved, credential }: Candidate,
  { idempotencyKey, requestId }: PassRequest,
): { url: string; headers: Record<string, string> } {
  const { provider } = resolved;
  const key = credential?.apiKey;
  const baseUrl = normalBaseUrl(provider, credential?.baseUrl ?? provider.baseUrl ?? '');
  return {
    url: `${baseUrl}/chat/completions`,
    headers: {
      ...credential?.headers,
      'content-type': 'application/json',
      // The bytes are read while they pass.
      'accept-encoding': 'identity',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
    },
  };
}

/** An attempt while its answer comes. */
interface Passing extends Pass {
  clock: Clock;
  startedAt: number;
  firstTokenMs: number | null;
  status: number;
  headers: Record<string, string>;
  /** Of an answer that is not streamed, or says what is wrong. */
  chunks: Buffer[];
  bytes: number;
  /** Tokens at which the budget was asked last. */
  askedAt: number;
  context: FailureContext;
  /** Null when the answer is not streamed. */
  reader: StreamReader | null;
  onPart(): void;
}

function begin(clock: Clock, watchdog: Watchdog, pass: Pass): Passing {
  const { candidate, request } = pass;
  const { provider, model } = candidate.resolved;
  const startedAt = clock.now();
  const passing: Passing = {
    ...pass,
    clock,
    startedAt,
    firstTokenMs: null,
    status: 0,
    headers: {},
    chunks: [],
    bytes: 0,
    askedAt: 0,
    reader: null,
    context: {
      provider: provider.id,
      providerName: provider.name,
      model: model.id,
      apiKey: candidate.credential?.apiKey,
      nowMs: startedAt,
      answerBegan: false,
    },
    onPart() {
      passing.firstTokenMs ??= clock.now() - startedAt;
      watchdog.touch();
      candidate.onPart();
    },
  };
  if (request.body['stream'] === true) {
    passing.reader = createStreamReader({
      passUsage: wantsUsage(request.body),
      onPart: passing.onPart,
    });
  }
  return passing;
}

function takeHead(
  passing: Passing,
  status: number,
  given: Record<string, string | string[] | undefined>,
): void {
  passing.status = status;
  passing.headers = flat(given);
  passing.candidate.onResponse({ status, headers: passing.headers });
}

function takeData(passing: Passing, chunk: Buffer): Promise<void> | undefined {
  const { reader, status } = passing;
  if (status !== 200 || reader === null) {
    passing.bytes += chunk.length;
    if (status === 200 || passing.bytes <= ERROR_BYTES_MAX) passing.chunks.push(chunk);
    return undefined;
  }
  const out = reader.take(chunk);
  assertAllowed(passing, reader.roughTokens);
  return forward(passing, out);
}

/** Hands on what may go; a promise while the client is behind. */
function forward({ context, target }: Passing, out: Buffer | null): Promise<void> | undefined {
  if (out === null) return undefined;
  if (!context.answerBegan) {
    context.answerBegan = true;
    target.begin();
  }
  return target.write(out) ? undefined : target.drained();
}

function assertAllowed(passing: Passing, tokens: number): void {
  if (tokens - passing.askedAt < BUDGET_LOOK_TOKENS) return;
  passing.askedAt = tokens;
  if (!passing.candidate.reservation.allows(tokens)) throw cutByBudget(passing.candidate);
}

/** The answer at the end of the bytes; throws what is wrong with it. */
function wholeAnswer(passing: Passing): PassedAnswer {
  const { reader, status, headers, chunks, context, request } = passing;
  if (status !== 200) throw refused({ status, headers, body: Buffer.concat(chunks) });
  if (reader !== null) {
    void forward(passing, reader.finish());
    if (!reader.complete) throw reader.began ? streamCut(context) : malformed(context);
    return answerOf(passing, reader.usage ?? guess(request, reader.written()), null);
  }
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  const parsed = readWhole(body, context);
  passing.onPart();
  const usage = readUsage(parsed) ?? guess(request, writtenIn(firstChoice(parsed)['message']));
  return answerOf(passing, usage, body);
}

function answerOf(passing: Passing, usage: CountedUsage, body: Buffer | null): PassedAnswer {
  const { provider, model } = passing.candidate.resolved;
  const cost = costOf(usage, model.price);
  return {
    ref: { provider: provider.id, model: model.id },
    usage,
    costMicros: cost.micros,
    costIsUpperBound: cost.isUpperBound,
    body,
    durationMs: passing.clock.now() - passing.startedAt,
    firstTokenMs: passing.firstTokenMs,
  };
}

/** Says what an attempt that fails now has cost: nothing is owed for an answer that had not begun. */
function owe(passing: Passing): void {
  const { reader, request, candidate, context } = passing;
  const written = reader === null ? wholeSoFar(passing) : reader.written();
  if (reader === null ? written === '' : !reader.began) return;
  const usage = reader?.usage ?? guess(request, written);
  candidate.owe({
    costMicros: costOf(usage, candidate.resolved.model.price).micros,
    outputTokens: usage.outputTokens,
    seenChars: context.answerBegan ? written.length : 0,
  });
}

/** What has come of a whole answer. Vendors send it when it is written, so what came was made; a page of a proxy is no answer. */
function wholeSoFar({ status, chunks }: Passing): string {
  if (status !== 200) return '';
  const text = Buffer.concat(chunks).toString('utf8');
  return text.includes('"choices"') ? text : '';
}

function guess(request: PassRequest, written: string): CountedUsage {
  return {
    inputTokens: request.inputTokens,
    outputTokens: estimateTokens(written),
    cachedInputTokens: 0,
    reasoningTokens: 0,
    cacheWriteTokens: 0,
    estimated: true,
  };
}

function readWhole(body: Buffer, context: FailureContext): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw malformed(context, error);
  }
  if (!isJsonObject(parsed)) throw malformed(context);
  if (isJsonObject(parsed['error'])) throw new VendorErrorEvent(parsed as JsonObject);
  if (!Array.isArray(parsed['choices']) || parsed['choices'].length === 0) throw malformed(context);
  return parsed as JsonObject;
}

function refused(answer: {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}): APICallError {
  return new APICallError({
    message: `status ${answer.status}`,
    url: '',
    requestBodyValues: {},
    statusCode: answer.status,
    responseHeaders: answer.headers,
    responseBody: answer.body.toString('utf8'),
  });
}

function typedError(error: unknown, signal: AbortSignal, context: FailureContext): PlatformError {
  if (isPlatformError(error)) return error;
  if (signal.aborted && isPlatformError(signal.reason)) return signal.reason;
  if (error instanceof VendorErrorEvent) return classifyFailure(error.event, context);
  if (error instanceof UnreadableEvent || error instanceof RangeError)
    return context.answerBegan ? streamCut(context, error) : malformed(context, error);
  return classifyFailure(error, context);
}

function cutByBudget({ resolved, reservation }: Candidate): PlatformError {
  return new PlatformError({
    code: 'providers.budget.exceeded',
    kind: 'limit-reached',
    message: `${resolved.provider.name} went on past the bound that a budget sets for this answer; the stream was cut.`,
    details: { budget: reservation.cutBy },
  });
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return result;
}
