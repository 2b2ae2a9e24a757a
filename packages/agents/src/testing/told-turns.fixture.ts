import type { EventEnvelope, EventType } from '@automatos/contracts';
import type { TestDatabase } from '@automatos/database/testing';
import { newId } from '@automatos/kernel';
import { createTurnProjection } from '../turns/turn-projection.ts';

/** Name under which others call models in steps of agents. */
export const JUDGE = 'quality-judge';

export interface Told {
  run: string;
  type: EventType;
  step?: string;
  data: object;
  at?: string;
}

/** Stores what runs tell of agents, as the engine does: all of it in one transaction. */
export async function tell(
  { database, workspaceId }: TestDatabase,
  told: readonly Told[],
): Promise<void> {
  const events = told.map(({ type, step, data, run, at }, index) => ({
    event: {
      id: newId(),
      seq: index + 1,
      workspace_id: workspaceId,
      type,
      subject: run,
      run_id: run,
      ...(step === undefined ? {} : { step_id: step }),
      at: at ?? '2026-11-21T12:00:00.000Z',
      data,
    } as EventEnvelope,
  }));
  await database.system((tx) => createTurnProjection([JUDGE])(tx, workspaceId, events));
}

/** A run that is under way; returns its id. */
export async function insertRun(
  { database, workspaceId }: TestDatabase,
  { dryRun = false } = {},
): Promise<string> {
  const id = newId<'run'>();
  await database.pool.query(
    `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, created_by_kind, created_by_id, created_by_name, created_at, dry_run)
     VALUES ($1, $2, 'recipe', 't', 'running', '{}', '{}', 'user', 'u1', 'Ada', now(), $3)`,
    [id, workspaceId, dryRun],
  );
  return id;
}
