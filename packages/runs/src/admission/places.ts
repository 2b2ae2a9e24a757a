import { sql } from 'drizzle-orm';
import { isConnectionLoss } from '@automatos/database';
import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import type { TakePlace } from '../run-context.ts';
import { createSemaphore } from '../semaphore.ts';
import type { Semaphore } from '../semaphore.ts';

/** How long a change of limits may take to be seen here when another process made it. */
const LIMITS_FOR_MS = 5_000;
/** A place given back by another process is seen after this long at the latest. */
const LOOK_MS = 500;
const RETRY_MS = 250;
const WORKSPACES_MAX = 1_000;

type PlaceRequest = Parameters<TakePlace>[0];

/** Places of limits that hold for parts of runs, over all processes; free of cost where no limit is set. */
export interface Places {
  take: TakePlace;
  /** Reads the limits of the workspace anew at their next use. */
  forget(workspaceId: WorkspaceId): void;
}

interface Deps {
  database: Database;
  clock: Clock;
  logger: Logger;
}

export function createPlaces(deps: Deps): Places {
  const limits = createLimitCache(deps);
  /** One at a time asks for a place of a key; the rest stands in line behind it. */
  const lines = new Map<string, { turn: Semaphore; users: number; wake: () => void }>();

  async function take(request: PlaceRequest, signal: AbortSignal): Promise<() => Promise<void>> {
    if ((await limits.of(request)) === undefined) return () => Promise.resolve();
    const name = `${request.workspaceId} ${request.scope} ${request.key}`;
    const line = lines.get(name) ?? { turn: createSemaphore(1), users: 0, wake: () => undefined };
    lines.set(name, line);
    line.users += 1;
    try {
      const leave = await line.turn.acquire(signal);
      try {
        await waitForPlace(request, line, signal);
      } finally {
        leave();
      }
    } finally {
      line.users -= 1;
      if (line.users === 0) lines.delete(name);
    }
    return async () => {
      await giveBack(deps, request);
      lines.get(name)?.wake();
    };
  }

  async function waitForPlace(
    request: PlaceRequest,
    line: { wake: () => void },
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const max = await limits.of(request);
      if (max === undefined || (await tryTake(deps, request, max))) return;
      const look = new AbortController();
      line.wake = () => look.abort();
      const either = AbortSignal.any([look.signal, signal]);
      await deps.clock.sleep(LOOK_MS, either).catch(() => undefined);
      signal.throwIfAborted();
    }
  }

  return { take, forget: limits.forget };
}

/** Exact between processes: whoever counts holds the key's lock until its place is stored. */
async function tryTake({ database }: Deps, request: PlaceRequest, max: number): Promise<boolean> {
  const { workspaceId, scope, key, runId, callId, epoch } = request;
  return database.workspace(workspaceId, async (tx) => {
    await tx.execute(
      sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${workspaceId} ${scope} ${key}`}, 0))`,
    );
    const taken = await tx.execute(sql`
      INSERT INTO run_places (workspace_id, scope, key, run_id, call_id, epoch, taken_at)
      SELECT ${workspaceId}, ${scope}, ${key}, ${runId}, ${callId}, ${epoch}::int, clock_timestamp()
      WHERE (SELECT count(*) FROM run_places p WHERE p.workspace_id = ${workspaceId} AND p.scope = ${scope} AND p.key = ${key}
        AND NOT (p.run_id = ${runId} AND p.call_id = ${callId})) < ${max}::int
      ON CONFLICT (workspace_id, scope, key, run_id, call_id) DO UPDATE SET epoch = EXCLUDED.epoch, taken_at = EXCLUDED.taken_at
      RETURNING call_id`);
    return taken.rows.length > 0;
  });
}

/** Tries until the database took it: a place that stays taken would hold others up. */
async function giveBack({ database, clock, logger }: Deps, request: PlaceRequest): Promise<void> {
  const { workspaceId, scope, key, runId, callId, epoch } = request;
  for (;;) {
    try {
      await database.workspace(workspaceId, (tx) =>
        tx.execute(sql`
          DELETE FROM run_places WHERE workspace_id = ${workspaceId} AND scope = ${scope} AND key = ${key}
            AND run_id = ${runId} AND call_id = ${callId} AND epoch = ${epoch}::int`),
      );
      return;
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      logger.warn(
        { run_id: runId, error: String(error) },
        'database away, a place waits to be given back',
      );
      await clock.sleep(RETRY_MS);
    }
  }
}

function createLimitCache({ database, clock }: Deps) {
  const known = new Map<WorkspaceId, { until: number; max: Promise<Map<string, number>> }>();
  async function read(workspaceId: WorkspaceId): Promise<Map<string, number>> {
    const result = await database.workspace(workspaceId, (tx) =>
      tx.execute(
        sql`SELECT scope, key, max_running FROM run_limits WHERE workspace_id = ${workspaceId} AND scope = 'agent'`,
      ),
    );
    const rows = result.rows as unknown as { scope: string; key: string; max_running: number }[];
    return new Map(rows.map((row) => [`${row.scope} ${row.key}`, row.max_running]));
  }
  return {
    async of({ workspaceId, scope, key, limit }: PlaceRequest): Promise<number | undefined> {
      let entry = known.get(workspaceId);
      if (!entry || entry.until < clock.now()) {
        entry = { until: clock.now() + LIMITS_FOR_MS, max: read(workspaceId) };
        entry.max.catch(() => known.delete(workspaceId));
        known.set(workspaceId, entry);
        if (known.size > WORKSPACES_MAX) known.delete(known.keys().next().value as WorkspaceId);
      }
      return (await entry.max).get(`${scope} ${key}`) ?? limit;
    },
    forget: (workspaceId: WorkspaceId) => void known.delete(workspaceId),
  };
}
