import { isIPv6 } from 'node:net';
import { sql } from 'drizzle-orm';
import type { Database, Tx } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';

/** How many failures are free, and how long each further one locks: the first `lockMs`, then twice as long each time. */
interface Allowance {
  free: number;
  lockMs: number;
  lockMsMax: number;
  /** Failures are forgotten when none came for so long. */
  forgetMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** What is counted. A person can always go on after `lockMsMax` at the latest: nobody is locked out for ever by others. */
const ALLOWANCES = {
  /** Sign-ins of one account from one address. */
  pair: { free: 10, lockMs: 30 * SECOND_MS, lockMsMax: 15 * MINUTE_MS, forgetMs: 30 * MINUTE_MS },
  /** Sign-ins of one account from all addresses together that it is not signed in at. */
  account: { free: 50, lockMs: MINUTE_MS, lockMsMax: 15 * MINUTE_MS, forgetMs: 60 * MINUTE_MS },
  /** Passwords that a signed-in person is asked for. */
  password: {
    free: 10,
    lockMs: 30 * SECOND_MS,
    lockMsMax: 15 * MINUTE_MS,
    forgetMs: 30 * MINUTE_MS,
  },
  /** Codes of second factors, over all challenges of a person. */
  mfa: {
    free: 10,
    lockMs: 5 * MINUTE_MS,
    lockMsMax: 60 * MINUTE_MS,
    forgetMs: 24 * 60 * MINUTE_MS,
  },
} as const satisfies Record<string, Allowance>;

export interface Tried {
  kind: keyof typeof ALLOWANCES;
  subject: string;
}

/** Rows older than the longest memory are of no use. */
const KEPT_MS = 24 * 60 * MINUTE_MS;

/**
 * Counts tries where they begin, so that many at once are no more than many in a row; what succeeds is taken back. Kept in the
 * database: the count holds over processes and restarts.
 */
export interface SignInGuard {
  /** Counts a try; throws `identity.tries.too_many` (429, with the wait) without counting while it is locked. */
  begin(tried: Tried): Promise<{ locks: boolean }>;
  /** Takes a try back that succeeded, and with `forget` all before it. */
  succeeded(tx: Tx, tried: Tried, options: { forget: boolean }): Promise<void>;
}

export function createSignInGuard(deps: {
  database: Pick<Database, 'system'>;
  clock: Pick<Clock, 'now'>;
}): SignInGuard {
  const { database, clock } = deps;
  return {
    async begin(tried) {
      const nowMs = clock.now();
      const counted = await database.system((tx) => count(tx, tried, nowMs));
      if (counted.allowed) return { locks: counted.locks };
      throw tooMany(counted.waitMs);
    },
    async succeeded(tx, tried, { forget }) {
      const key = keyOf(tried);
      await tx.execute(
        forget
          ? sql`DELETE FROM sign_in_tries WHERE subject = ${key}`
          : sql`UPDATE sign_in_tries SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE subject = ${key}`,
      );
    },
  };
}

type Counted = { allowed: true; locks: boolean } | { allowed: false; waitMs: number };

async function count(tx: Tx, tried: Tried, nowMs: number): Promise<Counted> {
  const { free, lockMs, lockMsMax, forgetMs } = ALLOWANCES[tried.kind];
  const key = keyOf(tried);
  const at = (ms: number) => sql`${new Date(ms).toISOString()}::timestamptz`;
  const failures = sql`CASE WHEN t.last_at < ${at(nowMs - forgetMs)} THEN 1 ELSE t.failures + 1 END`;
  const done = await tx.execute<{ failures: number }>(sql`
    INSERT INTO sign_in_tries AS t (subject, failures, last_at) VALUES (${key}, 1, ${at(nowMs)})
    ON CONFLICT (subject) DO UPDATE SET failures = ${failures}, last_at = ${at(nowMs)},
      locked_until = CASE WHEN (${failures}) < ${free} THEN NULL
        ELSE ${at(nowMs)} + interval '1 millisecond' * least(${lockMsMax}::float8, ${lockMs}::float8 * 2 ^ least((${failures}) - ${free}, 20)) END
    WHERE t.locked_until IS NULL OR t.locked_until <= ${at(nowMs)} RETURNING failures`);
  const row = done.rows[0];
  if (row !== undefined) {
    if (row.failures === 1)
      await tx.execute(sql`DELETE FROM sign_in_tries WHERE last_at < ${at(nowMs - KEPT_MS)}`);
    return { allowed: true, locks: row.failures >= free };
  }
  const found = await tx.execute<{ locked_until: Date | string }>(
    sql`SELECT locked_until FROM sign_in_tries WHERE subject = ${key}`,
  );
  const until = found.rows[0]?.locked_until;
  return {
    allowed: false,
    waitMs: Math.max(until === undefined ? 0 : new Date(until).getTime() - nowMs, SECOND_MS),
  };
}

/** A hash, so that no addresses of people who have no account are kept. */
function keyOf({ kind, subject }: Tried): string {
  return sha256(`${kind}\n${subject}`);
}

/** One network of a home or an office: of IPv6 addresses its /64, of which one machine has all. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const groups = [...before, ...(tail === undefined ? [] : zeros), ...after];
  const start = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${start.join(':')}::/64`;
}

function tooMany(waitMs: number): PlatformError {
  const seconds = Math.ceil(waitMs / 1000);
  return new PlatformError({
    code: 'identity.tries.too_many',
    kind: 'rate-limited',
    message: `Too many wrong tries; wait ${seconds} seconds and try again.`,
    retryAfterMs: waitMs,
  });
}
