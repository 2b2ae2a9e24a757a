import { isPlatformError, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { inputTokensBound } from '../budgets/input-bound.ts';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import type {
  CodecIo,
  EmbedAnswer,
  EmbedRequest,
  RerankAnswer,
  RerankRequest,
} from '../codecs/codec-types.ts';
import { embedOnce } from '../codecs/embed-once.ts';
import { observeResponses } from '../codecs/observe-responses.ts';
import { rerankOnce } from '../codecs/rerank-once.ts';
import type { CallRoute } from '@automatos/contracts';
import type { CallKind } from '../usage/usage-tables.ts';
import type { CreatedRouter } from '../router/compose-router.ts';
import type { CallOwner, Candidate, RouteRequest } from '../router/ports.ts';
import { chargeOf } from '../usage/cost.ts';
import type { BilledUses } from '../usage/cost.ts';
import { estimateTokens } from '../usage/estimate-tokens.ts';
import type { Transport } from './transport.ts';
import { createWatchdog } from './watchdog.ts';

interface SmallCall {
  workspaceId: WorkspaceId;
  ref: ModelRef;
  /** Models that may stand in; of the same kind, and for vectors of the same space. */
  fallbacks?: readonly ModelRef[];
  owner?: Partial<Omit<CallOwner, 'workspaceId'>>;
  signal: AbortSignal;
}

/** Texts to embed; their number is bounded by `EMBED_VALUES_MAX`. */
export interface EmbedCall extends SmallCall, EmbedRequest {}
/** Documents to rank. */
export interface RerankCall extends SmallCall, RerankRequest {}

interface Told {
  provider: string;
  model: string;
  /** Null = the price is unknown. */
  costMicros: number | null;
  priceVersion: string;
  durationMs: number;
  route: CallRoute;
}

export interface EmbedResult extends EmbedAnswer, Told {}
export interface RerankResult extends RerankAnswer, Told {}

export interface EmbeddingDeps {
  router: Pick<CreatedRouter, 'route'>;
  priceVersionOf: (workspaceId: WorkspaceId, ref: ModelRef) => string;
  clock: Clock;
  transport: Transport;
}

/** Creates the calls that give numbers instead of text. The workspace's chain takes no part: vectors of two models never mix. */
export function createEmbedding(deps: EmbeddingDeps) {
  return {
    embed: (call: EmbedCall): Promise<EmbedResult> =>
      routeSmall(deps, call, {
        kind: 'embedding',
        inputTokens: tokensOf(call.values),
        texts: call.values,
        send: (candidate, io) => embedOnce(candidate.resolved, candidate.credential, call, io),
        used: ({ inputTokens, vendorCostMicros }) => ({ inputTokens, vendorCostMicros, uses: {} }),
      }),
    rerank: (call: RerankCall): Promise<RerankResult> =>
      routeSmall(deps, call, {
        kind: 'rerank',
        inputTokens: tokensOf([call.query, ...call.documents]),
        // Vendors read the question again with each document.
        texts: call.documents.flatMap((document) => [call.query, document]),
        send: (candidate, io) => rerankOnce(candidate.resolved, candidate.credential, call, io),
        used: ({ inputTokens, vendorCostMicros, searchUnits }) => ({
          inputTokens: inputTokens ?? 0,
          vendorCostMicros,
          uses: searchUnits === null ? {} : { search_unit: searchUnits },
        }),
      }),
  };
}

interface Small<Answer> {
  kind: CallKind;
  inputTokens: number;
  texts: readonly string[];
  send: (candidate: Candidate, io: CodecIo) => Promise<Answer>;
  used: (answer: Answer) => {
    inputTokens: number;
    vendorCostMicros: number | null;
    uses: BilledUses;
  };
}

async function routeSmall<Answer>(
  deps: EmbeddingDeps,
  call: SmallCall,
  small: Small<Answer>,
): Promise<Answer & Told> {
  const { workspaceId } = call;
  const request: RouteRequest = {
    owner: { callId: newId(), source: 'platform', ...call.owner, workspaceId },
    kind: small.kind,
    refs: [call.ref, ...(call.fallbacks ?? [])],
    useChain: false,
    inputTokens: small.inputTokens,
    inputTokensMax: inputTokensBound({ texts: small.texts, messages: small.texts.length }),
    maxOutputTokens: 0,
    needs: [],
    signal: call.signal,
  };
  const { value, route, resolved } = await deps.router.route(request, async (candidate) => {
    const startedAt = deps.clock.now();
    const answer = await sendWatched(deps, candidate, small);
    const durationMs = deps.clock.now() - startedAt;
    const { inputTokens, ...billed } = small.used(answer);
    const costMicros = costFor(candidate, inputTokens, billed);
    return { value: { answer, durationMs, costMicros }, costMicros, inputTokens, outputTokens: 0 };
  });
  const ref = { provider: resolved.provider.id, model: resolved.model.id };
  const priceVersion = deps.priceVersionOf(workspaceId, ref);
  const { answer, durationMs, costMicros } = value;
  return { ...answer, ...ref, costMicros, priceVersion, durationMs, route };
}

async function sendWatched<Answer>(
  deps: EmbeddingDeps,
  candidate: Candidate,
  small: Small<Answer>,
): Promise<Answer> {
  const { resolved, settings } = candidate;
  const { timeouts } = settings;
  const watchdog = createWatchdog({
    clock: deps.clock,
    signal: candidate.signal,
    timeouts: {
      connectMs: timeouts.connect_ms,
      firstTokenMs: timeouts.total_ms,
      betweenTokensMs: timeouts.total_ms,
      totalMs: timeouts.total_ms,
    },
    who: `${resolved.provider.name} "${resolved.model.id}"`,
  });
  const fetch = observeResponses(deps.transport.fetchWith(timeouts.connect_ms), (response) =>
    candidate.onResponse(response),
  );
  const io = { fetch, signal: watchdog.signal, nowMs: deps.clock.now() };
  try {
    return await Promise.race([small.send(candidate, io), watchdog.stopped]);
  } catch (error) {
    const reason: unknown = watchdog.signal.reason;
    throw watchdog.signal.aborted && isPlatformError(reason) ? reason : error;
  } finally {
    watchdog.end();
  }
}

function costFor(
  { resolved }: Candidate,
  inputTokens: number,
  billed: { vendorCostMicros: number | null; uses: BilledUses },
): number | null {
  const usage = {
    inputTokens,
    outputTokens: 0,
    cachedInputTokens: 0,
    reasoningTokens: 0,
    cacheWriteTokens: 0,
    estimated: false,
  };
  return chargeOf({ usage, price: resolved.model.price, ...billed }).micros;
}

function tokensOf(texts: readonly string[]): number {
  return Math.ceil(texts.reduce((sum, text) => sum + estimateTokens(text), 0) * 1.1);
}
