import { sql } from 'drizzle-orm';
import {
  backoffMs,
  deferred,
  type BackoffPolicy,
  type Clock,
  type Deferred,
  type JsonObject,
  type Logger,
  type WorkspaceId,
} from '@automatos/kernel';
import type { Database } from './database.ts';
import { OUTBOX_CHANNEL } from './outbox.ts';

export interface OutboxEntry {
  id: number;
  workspaceId: WorkspaceId;
  topic: string;
  key: string;
  payload: JsonObject;
  /** 1 for the first delivery. */
  attempt: number;
}

export type OutboxHandler = (entry: OutboxEntry) => Promise<void>;

export interface OutboxDispatcherDeps {
  database: Pick<Database, 'system' | 'listen' | 'capabilities'>;
  logger: Logger;
  clock: Clock;
  /** By topic; entries of other topics are left for a process that has their handler. */
  handlers: Record<string, OutboxHandler>;
  options?: Partial<OutboxDispatcherOptions>;
}

export interface OutboxDispatcherOptions {
  /** Deliveries before an entry is declared dead; default 10. */
  attemptsMax: number;
  /** How long one delivery keeps other dispatchers off, in ms; default 60,000. A crashed one's entry comes back after it. */
  claimMs: number;
  /** Longest wait between two looks at the table, in ms; default 5,000. */
  sweepMs: number;
  /** How long dispatched entries stay (and keep their key from being used again), in ms; default seven days. */
  keepMs: number;
  backoff: BackoffPolicy;
}

export interface OutboxDispatcher {
  start(): Promise<void>;
  /** Looks at the table now. */
  kick(): void;
  /** Ends after the delivery under way. */
  stop(): Promise<void>;
}

const DEFAULTS: OutboxDispatcherOptions = {
  attemptsMax: 10,
  claimMs: 60_000,
  sweepMs: 5_000,
  keepMs: 7 * 86_400_000,
  backoff: { delayMs: 1_000, factor: 2, delayMsMax: 300_000 },
};

const PURGE_EVERY_MS = 3_600_000;
const ERROR_LENGTH_MAX = 2_000;

/**
 * Delivers outbox entries at least once, the oldest first; handlers must bear a repetition. One dispatcher delivers
 * one entry at a time; an entry that fails waits for its back-off and does not hold up those behind it.
 */
export function createOutboxDispatcher(deps: OutboxDispatcherDeps): OutboxDispatcher {
  return new PollingDispatcher(deps);
}

class PollingDispatcher implements OutboxDispatcher {
  readonly #deps: OutboxDispatcherDeps;
  readonly #options: OutboxDispatcherOptions;
  readonly #store: OutboxStore;
  readonly #stopping = new AbortController();
  #wake: Deferred<void> = deferred();
  #unlisten: (() => Promise<void>) | undefined;
  #loop: Promise<void> = Promise.resolve();
  #purgedAt = 0;

  constructor(deps: OutboxDispatcherDeps) {
    this.#deps = deps;
    this.#options = { ...DEFAULTS, ...deps.options };
    this.#store = createStore(deps.database, Object.keys(deps.handlers), this.#options);
  }

  async start(): Promise<void> {
    const { database } = this.#deps;
    if (!database.capabilities.multiProcess) await this.#store.releaseClaims();
    this.#unlisten = await database.listen(OUTBOX_CHANNEL, () => this.kick());
    this.#loop = this.#run();
  }

  kick(): void {
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.kick();
    await this.#loop;
    await this.#unlisten?.();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      this.#wake = deferred();
      try {
        await this.#drain();
        await this.#purge();
      } catch (error) {
        const reason = (error as Error).message;
        this.#deps.logger.warn({ reason }, 'the outbox cannot be read; tried again later');
      }
      await this.#pause();
    }
  }

  async #drain(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const entry = await this.#store.claim();
      if (!entry) return;
      await this.#deliver(entry);
    }
  }

  async #purge(): Promise<void> {
    const now = this.#deps.clock.now();
    if (now - this.#purgedAt < PURGE_EVERY_MS) return;
    await this.#store.purge();
    this.#purgedAt = now;
  }

  /** Until kicked, stopped, or the sweep is due. */
  async #pause(): Promise<void> {
    const woken = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, woken.signal]);
    const sleep = this.#deps.clock.sleep(this.#options.sweepMs, signal).catch(() => undefined);
    await Promise.race([this.#wake.promise, sleep]);
    woken.abort();
  }

  async #deliver(entry: OutboxEntry): Promise<void> {
    const { id, topic, key, attempt } = entry;
    const about = { outbox_id: id, topic, key, attempt };
    if (attempt > this.#options.attemptsMax) {
      return this.#bury(entry, 'the process ended during the last delivery');
    }
    try {
      await this.#deps.handlers[topic]?.(entry);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const reason = text.slice(0, ERROR_LENGTH_MAX);
      if (attempt >= this.#options.attemptsMax) return this.#bury(entry, reason);
      await this.#store.postpone(entry, reason, backoffMs(this.#options.backoff, attempt + 1));
      this.#deps.logger.warn({ ...about, reason }, 'an outbox delivery failed; tried again later');
      return;
    }
    await this.#store.settle(entry);
  }

  async #bury(entry: OutboxEntry, reason: string): Promise<void> {
    await this.#store.bury(entry, reason);
    const { id, topic, key, attempt } = entry;
    const about = { outbox_id: id, topic, key, attempt, reason };
    this.#deps.logger.error(about, 'an outbox entry is dead: no delivery succeeded');
  }
}

interface OutboxStore {
  claim(): Promise<OutboxEntry | undefined>;
  settle(entry: OutboxEntry): Promise<void>;
  postpone(entry: OutboxEntry, reason: string, delayMs: number): Promise<void>;
  bury(entry: OutboxEntry, reason: string): Promise<void>;
  /** Makes what an ended process had claimed available at once; only where no other process can exist. */
  releaseClaims(): Promise<void>;
  purge(): Promise<void>;
}

interface ClaimedRow extends Record<string, unknown> {
  id: string;
  workspace_id: WorkspaceId;
  topic: string;
  key: string;
  payload: JsonObject;
  attempts: number;
}

function createStore(
  database: Pick<Database, 'system'>,
  topics: string[],
  options: OutboxDispatcherOptions,
): OutboxStore {
  const later = (ms: number) => sql`now() + ${ms} * interval '1 millisecond'`;
  const change = (statement: ReturnType<typeof sql>) =>
    database.system(async (tx) => void (await tx.execute(statement)));
  /** A delivery that outlived its claim must not undo what the next one wrote. */
  const still = (entry: OutboxEntry) =>
    sql`id = ${entry.id} AND attempts = ${entry.attempt} AND dispatched_at IS NULL`;
  return {
    // The oldest available entry of our topics, by outbox_pending; rows that another dispatcher is claiming are skipped.
    async claim() {
      const { rows } = await database.system((tx) =>
        tx.execute<ClaimedRow>(sql`
          UPDATE outbox SET attempts = attempts + 1, available_at = ${later(options.claimMs)}
          WHERE id = (
            SELECT id FROM outbox
            WHERE dispatched_at IS NULL AND dead_at IS NULL AND available_at <= now() AND topic = ANY(${sql.param(topics)}::text[])
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
          )
          RETURNING id, workspace_id, topic, key, payload, attempts`),
      );
      const row = rows[0];
      if (!row) return undefined;
      const { topic, key, payload } = row;
      return {
        id: Number(row.id),
        workspaceId: row.workspace_id,
        topic,
        key,
        payload,
        attempt: row.attempts,
      };
    },
    settle: (entry) =>
      change(
        sql`UPDATE outbox SET dispatched_at = now(), last_error = NULL WHERE id = ${entry.id}`,
      ),
    postpone: (entry, reason, delayMs) =>
      change(
        sql`UPDATE outbox SET available_at = ${later(delayMs)}, last_error = ${reason} WHERE ${still(entry)}`,
      ),
    bury: (entry, reason) =>
      change(sql`UPDATE outbox SET dead_at = now(), last_error = ${reason} WHERE ${still(entry)}`),
    releaseClaims: () =>
      change(
        sql`UPDATE outbox SET available_at = now() WHERE dispatched_at IS NULL AND dead_at IS NULL AND available_at > now()`,
      ),
    purge: () => change(sql`DELETE FROM outbox WHERE dispatched_at < ${later(-options.keepMs)}`),
  };
}
