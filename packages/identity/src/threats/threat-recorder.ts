import { notify } from '@automatos/database';
import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, Logger, Metrics } from '@automatos/kernel';
import { addCounts, deleteThreatsBefore, insertAssessments } from './store/assessment-store.ts';
import type { ZeroCount } from './store/assessment-store.ts';
import {
  addRefused,
  countEarlierBlocks,
  insertBlock,
  readProfiles,
  writeProfiles,
} from './store/block-store.ts';
import type { Profiles } from './behaviour/profiles.ts';
import { RecentlyUsed } from './behaviour/window.ts';
import { withoutMapping } from './address-list.ts';
import { THREATS_CHANNEL } from './threat-state.ts';
import type { Assessment, ThreatBlock } from './threat-types.ts';

/** Assessments that wait to be stored at most; more are counted as dropped. */
export const QUEUE_MAX = 5_000;
const BATCH = 200;
const FLUSH_EVERY_MS = 1_000;
const PROFILES_EVERY_MS = 60_000;
const COUNTS_MAX = 10_000;
const SWEEP_EVERY_MS = 3_600_000;
/** How long what belongs to no workspace is kept, and counts and blocks that are over. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Refused requests of one caller within ten minutes that make a lasting block. */
export const STRIKES = 3;
const STRIKES_WITHIN_MS = 10 * 60_000;
const BLOCK_MS = 15 * 60_000;
const BLOCK_MS_MAX = 24 * 3_600_000;
const WEEK_MS = 7 * 24 * 3_600_000;

/** Puts down what the detector found, beside the requests. */
export interface ThreatRecorder {
  add(assessment: Assessment): void;
  /** A request was turned away because of a block. */
  refused(block: ThreatBlock): void;
  /** A request called for a block; the third within ten minutes makes one that lasts. */
  strike(assessment: Assessment): void;
  readonly queued: number;
  readonly dropped: number;
  /** Stores what waits. */
  flush(): Promise<void>;
  start(): void;
  close(): Promise<void>;
}

export interface RecorderDeps {
  database: Pick<Database, 'system'>;
  clock: Clock;
  logger: Logger;
  metrics: Metrics;
  profiles: Profiles;
}

export function createThreatRecorder(deps: RecorderDeps): ThreatRecorder {
  const { clock, logger } = deps;
  const waiting = createWaiting(deps);
  const upkeep = createUpkeep(deps);
  const refused = new Map<string, number>();
  const blocks = createStrikes(clock);
  const closing = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function storeBlocks(): Promise<void> {
    const turnedAway = new Map(refused);
    refused.clear();
    if (turnedAway.size > 0) await deps.database.system((tx) => addRefused(tx, turnedAway));
    for (const assessment of blocks.take()) await makeBlock(deps, assessment);
  }

  async function flush(): Promise<void> {
    await waiting.storeAssessments();
    const { readUnknownPersons, writeKnownPersons, sweep } = upkeep;
    const isLast = closing.signal.aborted;
    const rest = [waiting.storeCounts, storeBlocks, readUnknownPersons, sweep];
    for (const work of [...rest, () => writeKnownPersons(isLast)])
      await work().catch((error: unknown) =>
        logger.warn(
          { reason: String(error) },
          'the threat detector could not write to the database',
        ),
      );
  }

  return {
    get queued() {
      return waiting.queued;
    },
    get dropped() {
      return waiting.dropped;
    },
    add: waiting.add,
    refused: (block) => void refused.set(block.id, (refused.get(block.id) ?? 0) + 1),
    strike: blocks.strike,
    flush,
    start() {
      running = (async () => {
        while (!closing.signal.aborted) {
          await flush();
          await clock.sleep(FLUSH_EVERY_MS, closing.signal).catch(() => undefined);
        }
      })();
    },
    async close() {
      closing.abort();
      await running;
      await flush();
    },
  };
}

/** What is to be stored: assessments in order, counts by principal and minute, both bounded. */
function createWaiting({ database, logger, metrics }: RecorderDeps) {
  const queue: Assessment[] = [];
  const counts = new Map<string, ZeroCount>();

  function drop(count: number, reason: 'queue_full' | 'not_stored'): void {
    self.dropped += count;
    metrics.count('amas_threat_dropped_total', { reason }, count);
  }

  function countZero({ workspaceId, at, principal }: Assessment): void {
    const minute = at - (at % 60_000);
    const key = `${workspaceId} ${minute} ${principal.kind} ${principal.id}`;
    const known = counts.get(key);
    if (known !== undefined) known.count += 1;
    else if (counts.size < COUNTS_MAX)
      counts.set(key, { workspaceId, minute, kind: principal.kind, id: principal.id, count: 1 });
    else drop(1, 'queue_full');
  }

  async function storeBatch(batch: Assessment[]): Promise<void> {
    try {
      await database.system((tx) => insertAssessments(tx, batch));
    } catch (error) {
      // One row that the database does not take must not cost the others.
      let lost = 0;
      for (const each of batch)
        await database.system((tx) => insertAssessments(tx, [each])).catch(() => (lost += 1));
      if (lost === 0) return;
      drop(lost, 'not_stored');
      logger.warn({ reason: String(error), lost }, 'threat assessments could not be stored');
    }
  }

  const self = {
    dropped: 0,
    get queued() {
      return queue.length;
    },
    add(assessment: Assessment): void {
      if (assessment.score === 0) countZero(assessment);
      else if (queue.length < QUEUE_MAX) queue.push(assessment);
      else drop(1, 'queue_full');
    },
    async storeAssessments(): Promise<void> {
      while (queue.length > 0) await storeBatch(queue.splice(0, BATCH));
    },
    async storeCounts(): Promise<void> {
      const zero = [...counts.values()];
      counts.clear();
      if (zero.length > 0) await database.system((tx) => addCounts(tx, zero));
    },
  };
  return self;
}

/** Counts refused requests of a caller; the third within ten minutes makes a block. */
function createStrikes(clock: Clock) {
  const strikes = new RecentlyUsed<number[]>(20_000);
  const due: Assessment[] = [];
  return {
    strike(assessment: Assessment): void {
      const now = clock.now();
      const key = subjectOf(assessment).join(' ');
      const recent = strikes.take(key, () => []).filter((at) => now - at < STRIKES_WITHIN_MS);
      recent.push(now);
      strikes.delete(key);
      if (recent.length >= STRIKES) due.push(assessment);
      else strikes.take(key, () => recent);
    },
    take: () => due.splice(0),
  };
}

/** What comes round: profiles of people to read and write, and what is old. */
function createUpkeep({ database, clock, profiles }: RecorderDeps) {
  let writtenAt = clock.now();
  let sweptAt = clock.now();
  return {
    async readUnknownPersons(): Promise<void> {
      const unread = profiles.takeUnread();
      if (unread.length === 0) return;
      const stored = await database.system((tx) => readProfiles(tx, unread));
      for (const principal of unread) profiles.load(principal, stored.get(principal) ?? null);
    },
    async writeKnownPersons(isLast: boolean): Promise<void> {
      const now = clock.now();
      if (now - writtenAt < PROFILES_EVERY_MS && !isLast) return;
      writtenAt = now;
      const changed = profiles.takeChanged();
      if (changed.length > 0) await database.system((tx) => writeProfiles(tx, changed, now));
    },
    async sweep(): Promise<void> {
      const now = clock.now();
      if (now - sweptAt < SWEEP_EVERY_MS) return;
      sweptAt = now;
      const before = new Date(now - KEPT_MS).toISOString();
      await database.system((tx) =>
        deleteThreatsBefore(tx, { before, limit: 10_000, of: 'platform' }),
      );
    },
  };
}

/** Strangers are kept out by their address from everything, others as themselves from the workspace. */
function subjectOf({ principal, address }: Assessment): ['address' | 'principal', string] {
  return principal.kind === 'anonymous'
    ? ['address', withoutMapping(address)]
    : ['principal', `${principal.kind}:${principal.id}`];
}

async function makeBlock(
  { database, clock, logger }: RecorderDeps,
  assessment: Assessment,
): Promise<void> {
  const now = clock.now();
  const [kind, subject] = subjectOf(assessment);
  const { workspaceId } = assessment;
  await database.system(async (tx) => {
    const earlier = await countEarlierBlocks(tx, {
      workspaceId,
      kind,
      subject,
      since: now - WEEK_MS,
    });
    const lasts = Math.min(BLOCK_MS_MAX, BLOCK_MS * 2 ** Math.min(earlier, 10));
    await insertBlock(tx, {
      id: newId(now),
      workspaceId,
      kind,
      subject,
      reason: `${STRIKES} requests within ten minutes were attacks: ${assessment.categories.slice(0, 5).join(', ')}.`,
      createdBy: 'detector',
      createdAt: now,
      until: now + lasts,
      refused: 0,
      assessmentId: assessment.id,
    });
    await notify(tx, THREATS_CHANNEL, '');
    logger.warn(
      { kind, subject, minutes: lasts / 60_000 },
      'the threat detector keeps a caller out',
    );
  });
}
