import { performance } from 'node:perf_hooks';
import { isPlatformError } from '@automatos/kernel';
import type { ToolEnvironment } from '../definition.ts';
import { latencyOf, type Latency } from './latency.ts';

export interface LoadPlan {
  url: string;
  method: 'GET' | 'HEAD';
  headers: Record<string, string>;
  requests: number;
  concurrency: number;
  durationMs: number;
}

export interface LoadResult {
  url: string;
  requests: number;
  /** Answers of 400 and above, and requests without an answer. */
  errors: number;
  latency: Latency;
  throughputPerSecond: number;
  statuses: Map<string, number>;
  /** Why it ended before all requests were sent. */
  stopped: 'duration' | 'errors' | null;
}

/** A server that only fails is not loaded further. */
const GIVE_UP_AFTER = 50;
const GIVE_UP_SHARE = 0.8;

interface Tally {
  sent: number;
  errors: number;
  times: number[];
  statuses: Map<string, number>;
  stopped: LoadResult['stopped'];
}

async function requestOnce(plan: LoadPlan, tally: Tally, env: ToolEnvironment): Promise<void> {
  const startedMs = performance.now();
  let status: string;
  try {
    const answer = await env.fetch(plan.url, {
      method: plan.method,
      headers: plan.headers,
      signal: env.signal,
      redirectsMax: 0,
    });
    status = String(answer.status);
    if (answer.status >= 400) tally.errors += 1;
  } catch (error) {
    env.signal.throwIfAborted();
    // What the guard refuses is a wrong request of ours, not a failure of the server.
    if (!isPlatformError(error) || error.kind === 'forbidden' || error.kind === 'invalid-input')
      throw error;
    status = error.kind === 'timeout' ? 'timeout' : 'no answer';
    tally.errors += 1;
  }
  tally.times.push(performance.now() - startedMs);
  tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
}

/** Sends requests from `concurrency` loops until all are sent or a bound is reached. Throws what the guard refuses. */
export async function runLoad(plan: LoadPlan, env: ToolEnvironment): Promise<LoadResult> {
  // The first requests pay for the connections and are no measurement.
  await Promise.all(
    Array.from({ length: Math.min(plan.concurrency, plan.requests) }, () =>
      requestOnce(plan, emptyTally(), env),
    ),
  );
  const tally = emptyTally();
  const startedMs = performance.now();
  const loop = async (): Promise<void> => {
    while (tally.sent < plan.requests && tally.stopped === null) {
      if (performance.now() - startedMs >= plan.durationMs) tally.stopped = 'duration';
      else {
        tally.sent += 1;
        await requestOnce(plan, tally, env);
        if (
          tally.times.length >= GIVE_UP_AFTER &&
          tally.errors / tally.times.length > GIVE_UP_SHARE
        )
          tally.stopped = 'errors';
      }
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, loop));
  const seconds = (performance.now() - startedMs) / 1000;
  return {
    url: plan.url,
    requests: tally.times.length,
    errors: tally.errors,
    latency: latencyOf(tally.times),
    throughputPerSecond: Math.round((tally.times.length / Math.max(seconds, 0.001)) * 10) / 10,
    statuses: tally.statuses,
    stopped: tally.stopped,
  };
}

function emptyTally(): Tally {
  return { sent: 0, errors: 0, times: [], statuses: new Map(), stopped: null };
}
