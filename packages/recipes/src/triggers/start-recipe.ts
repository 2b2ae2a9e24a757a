import { isConnectionLoss } from '@automatos/database';
import type { Tx } from '@automatos/database';
import type { ErrorInfo, EventType, Run } from '@automatos/contracts';
import { isPlatformError, serializeError } from '@automatos/kernel';
import type { JsonObject, WorkspaceId } from '@automatos/kernel';
import type { Actor, StartRun } from '@automatos/runs';
import { sql } from 'drizzle-orm';

/** A start that no person asked for. */
export interface RecipeStart {
  workspaceId: WorkspaceId;
  recipeId: string;
  inputs: JsonObject;
  trigger: NonNullable<StartRun['trigger']>;
  idempotencyKey: string;
  by: Actor;
}

/** Starts a recipe in the caller's transaction; `announce` is called after its commit. Throws what keeps it from running. */
export type StartRecipe = (
  tx: Tx,
  start: RecipeStart,
) => Promise<{ run: Pick<Run, 'id'>; announce: () => void }>;

/** Stores an event of the workspace in the transaction of what it tells of. Filled by the composition. */
export type EmitTriggerEvent = (
  tx: Tx,
  workspaceId: WorkspaceId,
  event: { type: EventType; subject: string; data: JsonObject },
) => Promise<void>;

export type Attempt<T> = { ok: true; value: T } | { ok: false; error: ErrorInfo; thrown: unknown };

/**
 * Does `work` so that its failure undoes only what it wrote, not the transaction, which can then record the failure. A
 * database that is away is no failure of the work: that is thrown, and the caller comes again.
 */
export async function attempt<T>(tx: Tx, work: () => Promise<T>): Promise<Attempt<T>> {
  // By hand: in a transaction object of its own, prepared statements would be refused.
  await tx.execute(sql`SAVEPOINT automatos_attempt`);
  try {
    const value = await work();
    await tx.execute(sql`RELEASE SAVEPOINT automatos_attempt`);
    return { ok: true, value };
  } catch (error) {
    if (isTransient(error)) throw error;
    await tx.execute(sql`ROLLBACK TO SAVEPOINT automatos_attempt`);
    return { ok: false, error: toErrorInfo(error), thrown: error };
  }
}

function isTransient(error: unknown): boolean {
  if (isConnectionLoss(error)) return true;
  return isPlatformError(error) && error.retryable && error.code.startsWith('database.');
}

/** An error as fires, deliveries and events carry it. */
export function toErrorInfo(error: unknown): ErrorInfo {
  const { code, kind, message, retryable, errors } = serializeError(error);
  const info = { code, kind, message, retryable, ...(errors === undefined ? {} : { errors }) };
  // Messages quote what came in; PostgreSQL cannot keep this one character.
  return JSON.parse(JSON.stringify(info), (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\u0000', '\ufffd') : value,
  ) as ErrorInfo;
}

/** The same as a part of an event's data. */
export function errorData(error: ErrorInfo): JsonObject {
  return error as unknown as JsonObject;
}
