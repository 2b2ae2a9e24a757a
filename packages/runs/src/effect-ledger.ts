import { sql } from 'drizzle-orm';
import type { Database } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { Clock, JsonValue, WorkspaceId } from '@automatos/kernel';
import { contentHash } from '@automatos/kernel/hash';
import { toStorableJson } from './storable-json.ts';

export interface Effect {
  workspaceId: WorkspaceId;
  /** Content key of the action; the same action has the same key on every attempt. */
  key: string;
  runId?: string;
  /** E.g. the tool's name. */
  kind: string;
  request: JsonValue;
  /** True when the other side honours the key, so that an attempt whose outcome is unknown may be repeated. */
  repeatable: boolean;
}

/**
 * Ledger of effects on the outside world: claimed → committed | failed | unknown. A finished effect is never made again;
 * one that a crash left claimed is repeated with the same key if the other side honours keys, else it becomes `unknown`
 * and a person decides.
 */
export interface EffectLedger {
  perform(effect: Effect, act: () => Promise<JsonValue>): Promise<JsonValue>;
}

interface EffectRow {
  state: 'claimed' | 'committed' | 'failed' | 'unknown';
  result: JsonValue;
  request_hash: string;
}

export function createEffectLedger(deps: Deps): EffectLedger {
  return {
    async perform(effect, act) {
      const requestHash = contentHash(effect.request);
      const standing = await claim(deps, effect, requestHash);
      if (standing) return answerFrom(deps, effect, { standing, requestHash });
      let result: JsonValue;
      try {
        result = await act();
      } catch (error) {
        await settle(deps, effect, { state: 'failed', result: null });
        throw error;
      }
      await settle(deps, effect, { state: 'committed', result });
      return result;
    },
  };
}

interface Deps {
  database: Database;
  clock: Clock;
}

const timeOf = ({ clock }: Deps) => new Date(clock.now()).toISOString();

/** What a row that stands in the way means: its result, or why nobody may act now. */
async function answerFrom(
  deps: Deps,
  effect: Effect,
  { standing, requestHash }: { standing: EffectRow; requestHash: string },
): Promise<JsonValue> {
  if (standing.request_hash !== requestHash) {
    const message = `The key of this ${effect.kind} call was used for another request.`;
    throw new PlatformError({ code: 'runs.effect.key_reused', kind: 'conflict', message });
  }
  if (standing.state === 'committed') return standing.result;
  if (standing.state === 'claimed') await settle(deps, effect, { state: 'unknown', result: null });
  throw new PlatformError({
    code: 'runs.effect.unknown',
    kind: 'conflict',
    message: `An earlier attempt of this ${effect.kind} call was interrupted and may have taken effect; check the other side, then start again.`,
    retryable: false,
  });
}

async function settle(
  deps: Deps,
  effect: Effect,
  { state, result }: { state: 'committed' | 'failed' | 'unknown'; result: JsonValue },
): Promise<void> {
  await deps.database.workspace(effect.workspaceId, (tx) =>
    tx.execute(sql`
      UPDATE effects SET state = ${state}, result = ${toStorableJson(result)}::jsonb, settled_at = ${timeOf(deps)}::timestamptz
      WHERE workspace_id = ${effect.workspaceId} AND key = ${effect.key}`),
  );
}

/** Claims the effect, or returns the row that stands in the way. */
function claim(deps: Deps, effect: Effect, requestHash: string): Promise<EffectRow | null> {
  const now = timeOf(deps);
  return deps.database.workspace(effect.workspaceId, async (tx) => {
    const inserted = await tx.execute(sql`
      INSERT INTO effects (workspace_id, key, run_id, kind, request_hash, state, claimed_at)
      VALUES (${effect.workspaceId}, ${effect.key}, ${effect.runId ?? null}, ${effect.kind}, ${requestHash}, 'claimed', ${now}::timestamptz)
      ON CONFLICT (workspace_id, key) DO NOTHING RETURNING key`);
    if (inserted.rows.length > 0) return null;
    const found = await tx.execute(sql`
      SELECT state, result, request_hash FROM effects
      WHERE workspace_id = ${effect.workspaceId} AND key = ${effect.key} FOR UPDATE`);
    const row = found.rows[0] as unknown as EffectRow;
    const again = row.state === 'failed' || (row.state === 'claimed' && effect.repeatable);
    if (row.request_hash !== requestHash || !again) return row;
    await tx.execute(sql`
      UPDATE effects SET state = 'claimed', attempts = attempts + 1, claimed_at = ${now}::timestamptz
      WHERE workspace_id = ${effect.workspaceId} AND key = ${effect.key}`);
    return null;
  });
}
