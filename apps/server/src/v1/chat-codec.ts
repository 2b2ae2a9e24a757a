import type { ChatRequest, ResponseSink } from '@automatos/contracts';
import { newId, PlatformError } from '@automatos/kernel';
import {
  buildRepairMessages,
  findProvider,
  paidOfMismatch,
  usageRowOf,
} from '@automatos/providers';
import type { CallStatus, ModelCall, ModelRef, ModelResult, PaidCall } from '@automatos/providers';
import { factFields, factHeaders, JSON_HEADERS } from './answer-headers.ts';
import type { AnswerFacts } from './answer-headers.ts';
import { closingComment, createChunks, END_MARK, toCompletion, usageOf } from './completion.ts';
import type { AnswerFrame } from './completion.ts';
import type { Asker, V1Deps } from './deps.ts';
import { createStreamWriter } from './stream-writer.ts';
import { toAskedOfModel, uncarried } from './to-model-call.ts';

type Deps = Pick<V1Deps, 'providers' | 'usage' | 'clock' | 'heartbeatMs'>;

interface CodecChat {
  asker: Asker;
  request: ChatRequest;
  ref: ModelRef;
}

/** Answers through the vendor's codec, with all that the router and the caches do around it. */
export async function codecChat(deps: Deps, chat: CodecChat, sink: ResponseSink): Promise<void> {
  const { asker, request, ref } = chat;
  const call: ModelCall = {
    ...toAskedOfModel(request, findProvider(ref.provider)?.wire),
    ...callSettings(asker),
    unfit: ({ provider }) => uncarried(request, provider.wire),
    workspaceId: asker.workspaceId,
    ref,
    signal: asker.signal,
  };
  if (request.stream === true) return streamed(deps, { ...chat, call }, sink);
  const { result, costMicros } = await withRepair(deps, call);
  sink.start(200, { ...JSON_HEADERS, ...factHeaders({ ...factsOf(result), costMicros }) });
  sink.end(JSON.stringify(toCompletion(frameOf(deps, result.provider, result.model), result)));
}

/** What request headers say of the way of a call. */
export function callSettings(
  asker: Asker,
): Pick<ModelCall, 'useChain' | 'cache' | 'idempotencyKey'> {
  return {
    ...(asker.headers['x-automatos-fallback'] === 'off' ? { useChain: false } : {}),
    ...(asker.headers['x-automatos-cache'] === 'off' ? { cache: false } : {}),
    ...(asker.headers['idempotency-key'] === undefined
      ? {}
      : { idempotencyKey: asker.headers['idempotency-key'] }),
  };
}

interface Made {
  result: ModelResult;
  costMicros: number | null;
}

/** One call and its usage row; the owner's call id is the key of both. */
async function made(deps: Deps, call: ModelCall): Promise<ModelResult> {
  const callId = newId(deps.clock.now());
  const result = await deps.providers
    .call({ ...call, owner: { callId, source: 'api' } })
    .catch((error: unknown) => {
      recordPaid(deps, { call, callId }, error);
      throw error;
    });
  record(deps, { call, callId }, { ...result, cache: result.route.cache });
  return result;
}

/** A structured answer that does not fit is mended once; both calls count. */
async function withRepair(deps: Deps, call: ModelCall): Promise<Made> {
  try {
    const result = await made(deps, call);
    return { result, costMicros: result.costMicros };
  } catch (error) {
    const schema = call.responseSchema;
    const messages =
      schema === undefined ? null : buildRepairMessages([...call.messages], error, schema);
    if (messages === null) throw error;
    const result = await made(deps, { ...call, messages });
    const paid = paidOfMismatch(error);
    const costMicros =
      paid === null || paid.costMicros === null || result.costMicros === null
        ? null
        : paid.costMicros + result.costMicros;
    return { result, costMicros };
  }
}

async function streamed(
  deps: Deps,
  { asker, request, ref, call }: CodecChat & { call: ModelCall },
  sink: ResponseSink,
): Promise<void> {
  const writer = createStreamWriter(sink, deps.heartbeatMs);
  const ended = new AbortController();
  const frame = frameOf(deps, ref.provider, ref.model);
  const chunks = createChunks(frame);
  let attempts = 1;
  let hasText = false;
  const begin = (facts: AnswerFacts) => {
    if (sink.started) return;
    writer.begin(factHeaders(facts));
    writer.write(chunks.role());
  };
  try {
    const result = await made(deps, {
      ...call,
      signal: AbortSignal.any([asker.signal, ended.signal]),
      onDelta(text) {
        begin({ ...frameFacts(frame), attempts, cache: 'unknown' });
        hasText = true;
        writer.write(chunks.text(text));
      },
      onDiscard({ to }) {
        attempts += 1;
        frame.model = `${to.provider}/${to.model}`;
        if (hasText) ended.abort(alreadySaid());
      },
    });
    const facts = factsOf(result);
    begin({ ...facts, costMicros: undefined });
    writer.write(hasText ? '' : textChunk(chunks, result));
    writer.write(chunks.toolCalls(result.toolCalls));
    writer.write(chunks.finish(result.finishReason));
    if (request.stream_options?.include_usage === true) {
      writer.write(chunks.usage(usageOf(result.usage)));
    }
    writer.end(closingComment(factFields(facts)) + END_MARK);
  } catch (error) {
    if (!sink.started) throw error;
    writer.fail(ended.signal.aborted ? ended.signal.reason : error);
  }
}

const textChunk = (chunks: ReturnType<typeof createChunks>, { text }: ModelResult) =>
  text === '' ? '' : chunks.text(text);

/** What was streamed cannot be taken back in OpenAI's wire, so another candidate must not begin again behind it. */
export function alreadySaid(): PlatformError {
  return new PlatformError({
    code: 'providers.call.stream_cut',
    kind: 'upstream-failed',
    retryable: true,
    message:
      'The vendor broke off in the middle of the answer. What was streamed is incomplete; send the request again.',
  });
}

function frameOf(deps: Pick<V1Deps, 'clock'>, provider: string, model: string): AnswerFrame {
  const now = deps.clock.now();
  return {
    id: `chatcmpl-${newId(now)}`,
    created: Math.floor(now / 1000),
    model: `${provider}/${model}`,
  };
}

function frameFacts({ model }: AnswerFrame): Pick<AnswerFacts, 'provider' | 'model'> {
  const slash = model.indexOf('/');
  return { provider: model.slice(0, slash), model: model.slice(slash + 1) };
}

export function factsOf(result: ModelResult): AnswerFacts {
  const sent = result.route.attempts.filter(
    ({ outcome }) => outcome === 'answered' || outcome === 'failed',
  );
  return {
    provider: result.provider,
    model: result.model,
    costMicros: result.costMicros,
    cache: result.route.cache,
    attempts: sent.length,
  };
}

interface Recorded {
  call: ModelCall;
  callId: string;
}

function record(
  deps: Deps,
  { call, callId }: Recorded,
  ...[paid, status]: [PaidCall, CallStatus?]
): void {
  const { workspaceId } = call;
  const at = new Date(deps.clock.now());
  const owner = { workspaceId, callKey: callId, source: 'api' as const, at };
  deps.usage.add(usageRowOf(paid, owner, status === undefined ? {} : { status }));
}

/** An answer that misses its schema was paid for all the same. */
function recordPaid(deps: Deps, recorded: Recorded, error: unknown): void {
  const paid = paidOfMismatch(error);
  if (paid !== null) record(deps, recorded, paid, 'error');
}
