import type { Database, Tx } from '@automatos/database';
import { PlatformError, backoffMs, isPlatformError } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { currentAuditScope } from './audit-scope.ts';
import { appendEntries, deletePending, insertPending, takePending } from './audit-store.ts';
import type { AuditEntry, AuditTarget } from './audit-types.ts';
import { createGroupCommit } from './group-commit.ts';

/** Rows per transaction: a writer holds the chain of a workspace for about a millisecond. */
const ROWS_PER_WRITE = 200;
/** Entries that may wait while the database is away; beyond it nothing that would need another one is served. */
const WAITING_MAX = 5_000;
/** A request under way for so long has died with its process: the edge ends requests long before. */
const LEFT_BEHIND_MS = 15 * 60_000;
const SEAL_EVERY_MS = 2_000;
const RETRY = { delayMs: 200, factor: 2, delayMsMax: 5_000 };
const CLOSING_TRIES = 4;

export interface AuditLogDeps {
  database: Pick<Database, 'system' | 'workspace'>;
  clock: Clock;
  logger: Logger;
}

/** Writes the audit log. */
export interface AuditLog {
  /**
   * Puts an entry down before its outcome is known. Resolves when it is stored; whatever happens then, there will be a row:
   * by {@link AuditLog.settle}, or within 15 minutes as a failure whose end nobody saw. Rejects with the database's own failure
   * when that is away, else with `audit.entry.not_stored`.
   */
  begin(entry: AuditEntry): Promise<void>;
  /** Appends an entry, begun or not, and resolves when the row is stored. Rejects with `audit.entry.not_stored`. */
  settle(entry: AuditEntry): Promise<void>;
  /** The row is in the log already: what was begun is no longer needed. */
  forget(id: string): Promise<void>;
  /** Appends an entry soon, beside the work of the caller, repeating it until it is stored. Throws `audit.log.behind` when too many wait. */
  settleLater(entry: AuditEntry): void;
  /** Throws `audit.log.behind` while too many entries wait for the database: ask before work that will need one. */
  assertKeepingUp(): void;
  /** Appends an entry in the transaction of the change itself, as its last statement: the chain is held until `tx` ends. */
  append(tx: Tx, entry: AuditEntry): Promise<void>;
  /** The same for the request under way, to be called by its handler; nothing happens outside of one that is recorded. */
  appendRequest(tx: Tx, workspaceId: WorkspaceId, target: AuditTarget): Promise<void>;
  /** Notes an entry with a change that must not wait for the chain; it becomes a row within seconds. Works in workspace transactions. */
  note(tx: Tx, entry: AuditEntry): Promise<void>;
  /** Makes rows of what was noted or left behind; gives their number. */
  seal(): Promise<number>;
  /** Seals every two seconds until `close`. */
  start(): void;
  /** Writes what waits; what the database refuses to the end goes to the process log. */
  close(): Promise<void>;
}

export function createAuditLog(deps: AuditLogDeps): AuditLog {
  const { database, logger } = deps;
  const begins = createGroupCommit<AuditEntry>(
    (entries) => database.system((tx) => insertPending(tx, entries, false)),
    { itemsMax: ROWS_PER_WRITE },
  );
  const rows = createGroupCommit<AuditEntry>((entries) => appendAll(deps, entries), {
    itemsMax: ROWS_PER_WRITE,
  });
  const done = createGroupCommit<string>((ids) => database.system((tx) => deletePending(tx, ids)), {
    itemsMax: ROWS_PER_WRITE,
  });
  const later = createLaterQueue(deps, (entry) => rows.add(entry));
  const sealer = createSealer(deps);
  return {
    begin: (entry) => begins.add(entry).catch(tellCause),
    settle: (entry) => rows.add(entry).catch(refuse),
    forget: (id) => done.add(id),
    settleLater: later.add,
    assertKeepingUp: later.assertRoom,
    async append(tx, entry) {
      await appendEntries(tx, entry.workspaceId, [entry]);
    },
    async appendRequest(tx, workspaceId, target) {
      const scope = currentAuditScope();
      if (scope === undefined) return;
      const { id, requestId, action, actor, details } = scope;
      const entry = { id, requestId, action, actor, details, workspaceId, target };
      await appendEntries(tx, workspaceId, [{ ...entry, outcome: 'success' }]);
      Object.assign(scope, { workspaceId, target, appended: true });
    },
    note: (tx, entry) => insertPending(tx, [entry], true),
    seal: sealer.seal,
    start: sealer.start,
    async close() {
      await sealer.stop();
      await later.close();
      await Promise.all([begins.idle(), rows.idle(), done.idle()]);
      logger.debug({}, 'the audit log is closed');
    },
  };
}

/** Before anything is done a database that is away is all there is to tell, and its own words say when to come back. */
function tellCause(error: unknown): never {
  if (isPlatformError(error) && error.kind === 'unavailable') throw error;
  return refuse(error);
}

function refuse(error: unknown): never {
  throw new PlatformError({
    code: 'audit.entry.not_stored',
    kind: 'unavailable',
    message:
      'The audit log could not be written, so the request is not confirmed. Look whether the change took effect before sending it again.',
    retryable: false,
    cause: error,
  });
}

/** One transaction per workspace, one after the other: whoever holds one chain never waits for another. */
async function appendAll(
  { database }: AuditLogDeps,
  entries: readonly AuditEntry[],
): Promise<void> {
  for (const [workspaceId, own] of Map.groupBy(entries, (entry) => entry.workspaceId)) {
    await database.system(async (tx) => {
      await deletePending(
        tx,
        own.map(({ id }) => id),
      );
      await appendEntries(tx, workspaceId, own);
    });
  }
}

function createLaterQueue(
  { clock, logger }: AuditLogDeps,
  store: (entry: AuditEntry) => Promise<void>,
) {
  const closing = new AbortController();
  const waiting = new Set<Promise<void>>();

  function assertRoom(): void {
    if (waiting.size < WAITING_MAX) return;
    throw new PlatformError({
      code: 'audit.log.behind',
      kind: 'unavailable',
      message:
        'Too many entries of the audit log wait for the database, so nothing is done that could not be recorded. Try again in a moment.',
      retryAfterMs: 5_000,
    });
  }

  async function storeUntilDone(entry: AuditEntry): Promise<void> {
    for (let failures = 0; ;) {
      try {
        return await store(entry);
      } catch (error) {
        failures += 1;
        if (closing.signal.aborted && failures >= CLOSING_TRIES) {
          logger.error(
            { entry, reason: String(error) },
            'an audit entry was not stored before the end',
          );
          return;
        }
        if (failures === 1)
          logger.warn(
            { reason: String(error) },
            'an audit entry could not be stored; it is tried again',
          );
        const ms = closing.signal.aborted
          ? RETRY.delayMs
          : backoffMs(RETRY, Math.min(failures, 20));
        await rest(clock, ms, failures === 1 ? closing.signal : undefined);
      }
    }
  }

  return {
    assertRoom,
    add(entry: AuditEntry) {
      assertRoom();
      const storing = storeUntilDone(entry);
      waiting.add(storing);
      void storing.finally(() => waiting.delete(storing));
    },
    async close() {
      closing.abort();
      await Promise.all(waiting);
    },
  };
}

/** A pause that the signal cuts short. */
function rest(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return clock.sleep(ms, signal).catch(() => undefined);
}

function createSealer(deps: AuditLogDeps) {
  const { database, clock, logger } = deps;
  const closing = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function seal(): Promise<number> {
    let sealed = 0;
    for (;;) {
      const taken = await database.system(async (tx) => {
        const found = await takePending(tx, {
          limit: ROWS_PER_WRITE,
          leftBehindMs: LEFT_BEHIND_MS,
        });
        const entries = found.map(({ entry, complete }) => (complete ? entry : leftBehind(entry)));
        const byWorkspace = [...Map.groupBy(entries, (entry) => entry.workspaceId)];
        // In one order everywhere: this transaction holds several chains.
        for (const [workspaceId, own] of byWorkspace.toSorted(([a], [b]) => (a < b ? -1 : 1)))
          await appendEntries(tx, workspaceId, own);
        await deletePending(
          tx,
          entries.map(({ id }) => id),
        );
        return entries.length;
      });
      sealed += taken;
      if (taken < ROWS_PER_WRITE) return sealed;
    }
  }

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await seal();
      } catch (error) {
        logger.warn(
          { reason: String(error) },
          'noted audit entries could not be sealed; tried again',
        );
      }
      await rest(clock, SEAL_EVERY_MS, closing.signal);
    }
  }

  return {
    seal,
    start() {
      running = loop();
    },
    stop() {
      closing.abort();
      return running;
    },
  };
}

/** Its process ended, or lost the database, before the outcome was known. */
function leftBehind(entry: AuditEntry): AuditEntry {
  return { ...entry, outcome: 'failure', details: { ...entry.details, interrupted: true } };
}
