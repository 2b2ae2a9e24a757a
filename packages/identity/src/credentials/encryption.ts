import type { EncryptionStatus } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import { credentialError } from './credential-error.ts';
import type { MasterKey } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';
import { listKeys, useFirstKey } from './encryption-store.ts';
import { adoptKey, retireEmptyKeys, rewrapBatch } from './rotate-keys.ts';
import type { RewrapCursor } from './rotate-keys.ts';

export interface EncryptionDeps {
  database: Pick<Database, 'system'>;
  ring: KeyRing;
  clock: Pick<Clock, 'now'>;
}

/** Which master key is used, and its change. Which key counts stands in the database, so that all processes agree. */
export interface Encryption {
  /** The key that is written with. The first one ever used becomes it. Throws `encryption.key.missing`. */
  current(): Promise<MasterKey>;
  /** The key of a stored record. Throws `encryption.key.missing`. */
  keyOf(id: string): Promise<MasterKey>;
  status(): Promise<EncryptionStatus>;
  /**
   * Begins a change of the key or takes it further by at most `recordsMax` records; to be repeated until nothing is pending. May be
   * cut at any point and begun again in any process. Throws `encryption.key.unchanged` when there is no new key to change to.
   */
  rotate(recordsMax: number): Promise<EncryptionStatus>;
}

const BATCH = 100;

export function createEncryption(deps: EncryptionDeps): Encryption {
  const { database, ring } = deps;
  const now = () => new Date(deps.clock.now());

  async function keyOf(id: string): Promise<MasterKey> {
    const key = await ring.find(id);
    if (key !== null) return key;
    throw keyMissing(id);
  }

  async function current(): Promise<MasterKey> {
    const used = await database.system(async (tx) => {
      const found = await tx.execute<{ id: string }>(
        sql`SELECT id FROM encryption_keys WHERE state = 'current'`,
      );
      return found.rows[0]?.id;
    });
    if (used !== undefined) return keyOf(used);
    const first = await ring.primary();
    if (first === null) throw keyMissing(null);
    const id = await database.system((tx) => useFirstKey(tx, first.id, now()));
    return id === first.id ? first : keyOf(id);
  }

  async function status(): Promise<EncryptionStatus> {
    const rows = await database.system(listKeys);
    const keys = await Promise.all(
      rows.map(async (row) => ({ ...row, available: (await ring.find(row.id)) !== null })),
    );
    const records = keys.reduce((sum, key) => sum + key.records, 0);
    const used = keys.find((key) => key.state === 'current');
    const pending = records - (used?.records ?? 0);
    const configured = keys.length === 0 ? null : await ring.primary();
    const configuredId = configured?.id ?? null;
    const findings = findingsOf(keys, { used: used?.id ?? null, configured: configuredId });
    const view = { current_key: used?.id ?? null, configured_key: configuredId, keys, records };
    const rotating = keys.some((key) => key.state === 'retiring');
    return { store: 'database', source: ring.source, ...view, pending, rotating, findings };
  }

  async function rotate(recordsMax: number): Promise<EncryptionStatus> {
    const used = await current();
    const before = await status();
    if (!before.rotating) {
      const next = before.configured_key === used.id ? await ring.renew() : await ring.primary();
      if (next === null || next.id === used.id) throw keyUnchanged();
      await database.system((tx) => adoptKey(tx, next.id, now()));
    }
    const to = await current();
    let after: RewrapCursor | null = null;
    for (let done = 0; done < recordsMax; done += BATCH) {
      const limit = Math.min(BATCH, recordsMax - done);
      after = await rewrapBatch(database, { to, keyOf, limit, after });
      if (after === null) break;
    }
    await database.system((tx) => retireEmptyKeys(tx, now()));
    const ended = await status();
    const retired = ended.keys.filter((key) => key.state === 'retired' && key.available);
    if (retired.length === 0) return ended;
    // Also those of a rotation that was cut between its last step and this one.
    await ring.forget(retired.map(({ id }) => id));
    return status();
  }

  return { current, keyOf, status, rotate };
}

function findingsOf(
  keys: EncryptionStatus['keys'],
  ids: { used: string | null; configured: string | null },
): string[] {
  const findings = keys
    .filter((key) => !key.available && (key.records > 0 || key.state === 'current'))
    .map(
      (key) =>
        `The master key ${key.id} is missing, and ${key.records} stored credentials need it: set ENCRYPTION_KEY (or ENCRYPTION_KEY_OLD during a rotation) to it, or restore encryption.key in the data folder.`,
    );
  const canChange = keys.some((key) => key.id === ids.used && key.available);
  if (canChange && ids.configured !== null && ids.used !== ids.configured)
    findings.push(
      `ENCRYPTION_KEY is another key (${ids.configured}) than the one in use (${ids.used}): run "automatos credentials rotate-key" to change to it.`,
    );
  return findings;
}

function keyMissing(id: string | null) {
  return credentialError('encryption.key.missing', {
    kind: 'unavailable',
    message: `The master key${id === null ? '' : ` ${id}`} of the stored credentials is missing: set ENCRYPTION_KEY to it, or restore encryption.key in the data folder, and start again.`,
    retryable: false,
  });
}

function keyUnchanged() {
  return credentialError('encryption.key.unchanged', {
    kind: 'conflict',
    message:
      'There is no new master key to change to: set ENCRYPTION_KEY to the new one and ENCRYPTION_KEY_OLD to the one in use, start again, and repeat this.',
  });
}
