import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import type { Run } from '@automatos/contracts';
import { PlatformError, newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { insertRun } from '../run-insert.ts';
import { findByIdempotencyKey } from '../run-store.ts';
import type { Runs, StartRun } from '../types.ts';
import { QUEUE_CHANNEL } from './intake.ts';

interface Deps {
  database: Database;
  clock: Clock;
  worker: { hasRoom(): boolean; poke(): void };
}

/**
 * Accepts runs: the run's row is the order to execute it, so that nothing but its own transaction is needed. The worker
 * of this process looks right after the commit; others are woken when this one has no place for it.
 */
export function createStarter(deps: Deps): Pick<Runs, 'start' | 'startIn'> {
  const { database, clock, worker } = deps;

  async function startIn(tx: Tx, workspaceId: WorkspaceId, request: StartRun) {
    const now = clock.now();
    const scope = { workspaceId, runId: newId<'run'>(now), at: new Date(now).toISOString() };
    const run = await insertRun(tx, scope, request);
    if (!run) return { run: await startedBefore(tx, request), announce: () => undefined };
    if (database.capabilities.multiProcess && !worker.hasRoom())
      await notify(tx, QUEUE_CHANNEL, '');
    return { run, announce: () => worker.poke() };
  }
  return {
    startIn,
    async start(workspaceId, request) {
      const { run, announce } = await database.workspace(workspaceId, (tx) =>
        startIn(tx, workspaceId, request),
      );
      announce();
      return run;
    },
  };
}

async function startedBefore(tx: Tx, request: StartRun): Promise<Run> {
  const earlier = await findByIdempotencyKey(tx, request.idempotencyKey ?? '');
  if (earlier && contentHash(earlier.inputs) === contentHash(request.inputs)) return earlier.run;
  throw new PlatformError({
    code: 'runs.idempotency_key.reused',
    kind: 'conflict',
    message: 'This Idempotency-Key was used for a run with other inputs; use a new key.',
  });
}
