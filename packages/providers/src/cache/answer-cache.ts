import type { Database } from '@automatos/database';
import { notify } from '@automatos/database';
import { isPlatformError } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { ModelResult } from '../calls/model-call.ts';
import { findModel } from '../catalogue/catalogue.ts';
import type { CacheOutcome } from '../usage/usage-tables.ts';
import { createCacheFigures } from './cache-figures.ts';
import type { CacheFigures } from './cache-figures.ts';
import { cacheKeyOf, flightKeyOf, semanticQuestionOf } from './cache-key.ts';
import type {
  AnswerCache,
  CacheRequest,
  CachedAnswer,
  EmbedTexts,
  UpstreamHooks,
} from './cache-port.ts';
import { createFlights } from './flights.ts';
import type { Flights, Landed } from './flights.ts';
import { createKeptAnswers } from './kept-answers.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import type { SemanticAnswers } from './semantic-answers.ts';
import type { SharedAnswers } from './shared-answers.ts';

export interface AnswerCacheDeps {
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  /** Carries to all processes that a workspace's answers are to be forgotten. */
  database?: Pick<Database, 'listen' | 'workspace'>;
  /** Second level, shared by all processes. */
  shared?: SharedAnswers;
  /** Needed for `settings.semantic`; without both, no answer is found by meaning. */
  semantic?: { answers: SemanticAnswers; embed: EmbedTexts };
  /** Memory for kept answers of all workspaces together; default 64 MB. */
  bytesMax?: number;
}

const CHANNEL = 'automatos_answers';
const BYTES_MAX = 64 * 1024 * 1024;
const ANSWER_BYTES_MAX = 1024 * 1024;

/** What one flight brings: where the answer came from, and the answer as it was first given. */
interface Fetched {
  source: 'upstream' | 'hit' | 'semantic';
  result: ModelResult;
  keptAt: number;
}

/** What the cache works with. */
interface Rooms {
  deps: AnswerCacheDeps;
  kept: KeptAnswers;
  flights: Flights<Fetched>;
  figures: CacheFigures;
  /** Rises when a workspace forgets: what was asked before that is not kept after it. */
  forgotten: Map<WorkspaceId, number>;
}

/** The cache of answers; see {@link AnswerCache}. `start` begins to hear what other processes forget. */
export function createAnswerCache(deps: AnswerCacheDeps): AnswerCache & { start(): Promise<void> } {
  const figures = createCacheFigures(deps);
  const kept = createKeptAnswers({
    bytesMax: deps.bytesMax ?? BYTES_MAX,
    answerBytesMax: ANSWER_BYTES_MAX,
    onEvicted: figures.evicted,
  });
  const rooms: Rooms = { deps, kept, figures, flights: createFlights(), forgotten: new Map() };
  let stopListening: (() => Promise<void>) | undefined;
  return {
    answer: (request, upstream) => answer(rooms, request, upstream),
    async clear(workspaceId) {
      const inMemory = forget(rooms, workspaceId);
      const inShared = (await deps.shared?.clear(workspaceId)) ?? 0;
      const byMeaning = (await deps.semantic?.answers.clear(workspaceId)) ?? 0;
      await deps.database?.workspace(workspaceId, (tx) => notify(tx, CHANNEL, workspaceId));
      return Math.max(inMemory, inShared) + byMeaning;
    },
    stats: (workspaceId) => ({ ...figures.of(workspaceId), entries: kept.count(workspaceId) }),
    async start() {
      stopListening = await deps.database?.listen(CHANNEL, (workspaceId) => {
        forget(rooms, workspaceId as WorkspaceId);
      });
    },
    async close() {
      await stopListening?.();
      await deps.shared?.close();
    },
  };
}

function forget({ forgotten, kept }: Rooms, workspaceId: WorkspaceId): number {
  forgotten.set(workspaceId, (forgotten.get(workspaceId) ?? 0) + 1);
  return kept.clear(workspaceId);
}

async function answer(
  rooms: Rooms,
  request: CacheRequest,
  upstream: (hooks: UpstreamHooks) => Promise<ModelResult>,
): Promise<CachedAnswer> {
  const { call, owner, onDelta, onFallback } = request;
  if (!isCacheable(request))
    return { result: await upstream({ signal: call.signal, onDelta, onFallback }), outcome: 'off' };
  call.signal.throwIfAborted();
  const startedAt = rooms.deps.clock.now();
  const key = cacheKeyOf(request);
  const known = rooms.kept.get(owner.workspaceId, key);
  if (known !== undefined && isFresh(known, request, startedAt)) {
    say(onDelta, known.result.text);
    return taken(rooms, { source: 'hit', ...known }, { request, outcome: 'hit', startedAt });
  }
  const landed = await joinFlight(rooms, request, { key, upstream });
  return outcomeOf(rooms, landed, { request, startedAt });
}

/** A call that failed for a reason of the one who started it, its budget, says nothing about the others: they ask anew. */
async function joinFlight(
  rooms: Rooms,
  request: CacheRequest,
  work: Work,
): Promise<Landed<Fetched>> {
  const { onDelta, onFallback } = request;
  const passenger = { signal: request.call.signal, onDelta, onFallback };
  let isMine = false;
  const depart = (hooks: UpstreamHooks) => {
    isMine = true;
    return fetchAnswer(rooms, request, { ...work, hooks });
  };
  try {
    return await rooms.flights.join(flightKeyOf(request), passenger, depart);
  } catch (error) {
    const isOfStarter = isPlatformError(error) && error.code.startsWith('providers.budget.');
    if (isMine || !isOfStarter) throw error;
    const value = await fetchAnswer(rooms, request, { ...work, hooks: passenger });
    return { value, isFirst: true, joined: false };
  }
}

async function fetchAnswer(
  { deps, kept, forgotten }: Rooms,
  request: CacheRequest,
  { key, upstream, hooks }: Work & { hooks: UpstreamHooks },
): Promise<Fetched> {
  const { workspaceId } = request.owner;
  const asOf = forgotten.get(workspaceId);
  const remote = deps.shared === undefined ? undefined : await deps.shared.get(workspaceId, key);
  if (remote !== undefined && isFresh(remote, request, deps.clock.now())) {
    kept.set(workspaceId, key, remote);
    say(hooks.onDelta, remote.result.text);
    return { source: 'hit', ...remote };
  }
  const meaning =
    request.settings.semantic === null ? null : await lookUpMeaning(deps, request, hooks.signal);
  if (meaning?.found !== undefined) {
    say(hooks.onDelta, meaning.found.result.text);
    return { source: 'semantic', ...meaning.found };
  }
  const result = await upstream(hooks);
  const fresh: KeptAnswer = { result, keptAt: deps.clock.now() };
  if (isKeepable(result, request) && forgotten.get(workspaceId) === asOf) {
    kept.set(workspaceId, key, fresh);
    // Not awaited: the answer is there, and neither store may delay or fail it.
    void deps.shared?.set(workspaceId, key, { answer: fresh, ttlMs: request.settings.ttl_ms });
    if (meaning !== null) void keepMeaning(deps, workspaceId, { ...meaning, answer: fresh });
  }
  return { source: 'upstream', ...fresh };
}

interface Asked {
  request: CacheRequest;
  startedAt: number;
}

function outcomeOf(
  rooms: Rooms,
  { value, isFirst, joined }: Landed<Fetched>,
  asked: Asked,
): CachedAnswer {
  if (value.source !== 'upstream') return taken(rooms, value, { ...asked, outcome: value.source });
  if (!isFirst) return taken(rooms, value, { ...asked, outcome: 'shared' });
  // Whoever joined and stayed pays for the one who started the call and left.
  rooms.figures.record(asked.request.owner.workspaceId, 'miss', 0);
  return { result: joined ? { ...value.result } : value.result, outcome: 'miss' };
}

function taken(
  { deps, figures }: Rooms,
  value: Fetched,
  { request, outcome, startedAt }: Asked & { outcome: CacheOutcome },
): CachedAnswer {
  figures.record(request.owner.workspaceId, outcome, value.result.costMicros ?? 0);
  const durationMs = deps.clock.now() - startedAt;
  return { result: asTaken(value, { outcome, durationMs }), outcome };
}

interface Work {
  key: string;
  upstream: (hooks: UpstreamHooks) => Promise<ModelResult>;
}

/** Whether the call may be answered from here at all. The offline provider costs nothing and is never kept. */
function isCacheable({ call, refs, settings }: CacheRequest): boolean {
  if (refs[0]?.provider === 'offline') return false;
  if (call.cache !== undefined) return call.cache;
  return (
    settings.mode === 'always' || (settings.mode === 'deterministic' && call.temperature === 0)
  );
}

/**
 * Kept is a complete text of the very model that was asked for: not what a fallback answered, so that the wanted model is asked
 * again once it is back; not a text cut short or withheld; and no call of a tool, which belongs to one moment.
 */
function isKeepable(result: ModelResult, { refs }: CacheRequest): boolean {
  const wanted = refs[0];
  if (wanted === undefined || result.offline) return false;
  const model = findModel(wanted.provider, wanted.model)?.id ?? wanted.model;
  const isWanted = result.provider === wanted.provider && result.model === model;
  return isWanted && result.finishReason === 'stop';
}

function isFresh({ keptAt }: KeptAnswer, { settings }: CacheRequest, now: number): boolean {
  return now - keptAt < settings.ttl_ms;
}

function say(onDelta: (text: string) => void, text: string): void {
  if (text !== '') onDelta(text);
}

/** An answer as it is given again: free, in no time, by nobody's attempt. */
function asTaken(
  { result, keptAt }: Fetched,
  { outcome, durationMs }: { outcome: CacheOutcome; durationMs: number },
): ModelResult {
  const given = new Date(keptAt).toISOString();
  const reason = {
    hit: `The same call was answered at ${given}; that answer was kept.`,
    semantic: `A call of the same meaning was answered at ${given}; that answer was kept.`,
    shared: 'The same call was under way; its answer counts for both.',
    miss: '',
    off: '',
  }[outcome];
  return {
    ...structuredClone(result),
    costMicros: 0,
    costIsUpperBound: false,
    durationMs,
    firstTokenMs: outcome === 'shared' ? result.firstTokenMs : durationMs,
    route: { ...result.route, cache: outcome, attempts: [], reason },
  };
}

interface Meaning {
  scope: string;
  vector: readonly number[];
  found?: KeptAnswer;
}

/** Null where the semantic cache has no say, or its embedder or store fails: then the call is made. */
async function lookUpMeaning(
  { semantic, clock, logger }: AnswerCacheDeps,
  request: CacheRequest,
  signal: AbortSignal,
): Promise<Meaning | null> {
  const settings = request.settings.semantic;
  const question = settings === null ? null : semanticQuestionOf(request);
  if (semantic === undefined || settings === null || question === null) return null;
  const { workspaceId } = request.owner;
  try {
    const [vector] = await semantic.embed({
      owner: { ...request.owner, callId: `${request.owner.callId}/meaning` },
      ref: settings.embedding,
      texts: [question.text],
      signal,
    });
    if (vector === undefined) return null;
    const found = await semantic.answers.nearest({
      workspaceId,
      scope: question.scope,
      vector,
      similarity: settings.similarity,
      since: clock.now() - request.settings.ttl_ms,
    });
    return { scope: question.scope, vector, ...(found === undefined ? {} : { found }) };
  } catch (error) {
    signal.throwIfAborted();
    logger.warn(
      { reason: (error as Error).message, embedding: settings.embedding },
      'the semantic cache was not asked',
    );
    return null;
  }
}

async function keepMeaning(
  { semantic, logger }: AnswerCacheDeps,
  workspaceId: WorkspaceId,
  entry: { scope: string; vector: readonly number[]; answer: KeptAnswer },
): Promise<void> {
  try {
    await semantic?.answers.keep(workspaceId, entry);
  } catch (error) {
    logger.warn({ reason: (error as Error).message }, 'an answer was not kept by its meaning');
  }
}
