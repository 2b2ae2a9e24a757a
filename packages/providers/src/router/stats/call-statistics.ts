import type { ModelHealth } from '@automatos/contracts';
import { isConnectionLoss } from '@automatos/database';
import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { and, gte, lt, ne, sql } from 'drizzle-orm';
import type { ModelRef } from '../../catalogue/catalogue-types.ts';
import { providerStats } from '../router-tables.ts';
import type { LoggedCall } from './call-log.ts';
import { addFigures, countInto, emptyFigures, percentileOf } from './figures.ts';
import type { Figures } from './figures.ts';

const MINUTE_MS = 60_000;
/** How long figures are kept: the longest window that health shows. */
const KEPT_MS = 24 * 60 * MINUTE_MS;
const FLUSH_MS = 5_000;
/** Minutes, workspaces and models in memory at most; beyond it the oldest go, which without a database loses them. */
const ROWS_MAX = 20_000;

interface MinuteRow extends ModelRef {
  workspaceId: WorkspaceId;
  minute: number;
  figures: Figures;
  isDirty: boolean;
}

/** What is seen of models, by minute and workspace. */
export interface CallStatistics {
  add(call: LoggedCall): void;
  /** Models that the workspace called in the window, most calls first. */
  health(
    workspaceId: WorkspaceId,
    windowMs: number,
    inFlight: (ref: ModelRef) => number,
  ): Promise<ModelHealth[]>;
  /** Sums over all workspaces since a time, as all processes saw them. */
  since(ms: number): Promise<(ModelRef & { figures: Figures })[]>;
  start(): Promise<void>;
  /** Writes what is not written yet. */
  stop(): Promise<void>;
}

export interface CallStatisticsDeps {
  clock: Clock;
  logger: Logger;
  /** Null: figures live in this process only. */
  database: Database | null;
}

/**
 * Creates the statistics. A call costs a few additions in memory; every few seconds the minutes that changed are written, each by the
 * one process that owns its row, so that nothing has to be added up in the database.
 */
export function createCallStatistics(deps: CallStatisticsDeps): CallStatistics {
  return new MinuteTable(deps);
}

class MinuteTable implements CallStatistics {
  readonly #deps: CallStatisticsDeps;
  readonly #process = newId();
  readonly #rows = new Map<string, MinuteRow>();
  readonly #stopping = new AbortController();
  #flushing: Promise<void> = Promise.resolve();
  #clearedAt = 0;

  constructor(deps: CallStatisticsDeps) {
    this.#deps = deps;
  }

  add(call: LoggedCall): void {
    const row = this.#rowOf(call);
    row.isDirty = true;
    const { figures } = row;
    figures.calls += 1;
    if (call.answered !== null) figures.judged += 1;
    if (call.costMicros !== null) {
      figures.costMicros += call.costMicros;
      figures.priced += 1;
    }
    if (call.error !== null && call.answered !== null)
      figures.lastError = { ...call.error, at: call.at };
    if (call.answered !== true) return;
    figures.answered += 1;
    countInto(figures.latency, call.durationMs);
    if (call.firstTokenMs === null) return;
    countInto(figures.firstToken, call.firstTokenMs);
    figures.outputTokens += call.outputTokens;
    figures.outputMs += Math.max(0, call.durationMs - call.firstTokenMs);
  }

  async health(
    workspaceId: WorkspaceId,
    windowMs: number,
    inFlight: (ref: ModelRef) => number,
  ): Promise<ModelHealth[]> {
    const since = this.#deps.clock.now() - windowMs;
    const others = await this.#stored(workspaceId, since);
    const mine = [...this.#rows.values()].filter(
      (row) => row.workspaceId === workspaceId && row.minute + MINUTE_MS > since,
    );
    return summed([...mine, ...others])
      .map(({ figures, ...ref }) => toHealth(ref, figures, inFlight(ref)))
      .toSorted((a, b) => b.calls - a.calls);
  }

  async since(ms: number): Promise<(ModelRef & { figures: Figures })[]> {
    const { database } = this.#deps;
    if (database === null) return summed([...this.#rows.values()]);
    const rows = await database.system((tx) =>
      tx
        .select()
        .from(providerStats)
        .where(gte(providerStats.minute, new Date(ms)))
        .limit(ROWS_MAX),
    );
    return summed(rows);
  }

  async start(): Promise<void> {
    if (this.#deps.database === null) return;
    void this.#flushForEver();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#flush();
  }

  async #flushForEver(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(FLUSH_MS, signal).catch(() => undefined);
      if (!signal.aborted) await this.#flush();
    }
  }

  /** One at a time: a row must not be written by an older figure last. */
  #flush(): Promise<void> {
    if (this.#deps.database === null) return Promise.resolve();
    this.#flushing = this.#flushing.then(() => this.#flushOnce());
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    const dirty = [...this.#rows.values()].filter((row) => row.isDirty);
    for (const [workspaceId, rows] of Map.groupBy(dirty, (row) => row.workspaceId))
      await this.#write(workspaceId, rows);
    await this.#clearOld(this.#deps.clock.now()).catch((error: unknown) => this.#warn(error));
  }

  async #write(workspaceId: WorkspaceId, rows: MinuteRow[]): Promise<void> {
    for (const row of rows) row.isDirty = false;
    const values = rows.map(({ provider, model, minute, figures }) => ({
      workspaceId,
      provider,
      model,
      minute: new Date(minute),
      process: this.#process,
      figures,
    }));
    const { workspaceId: id, minute, provider, model, process } = providerStats;
    try {
      await this.#deps.database?.workspace(workspaceId, (tx) =>
        tx
          .insert(providerStats)
          .values(values)
          .onConflictDoUpdate({
            target: [id, minute, provider, model, process],
            set: { figures: sql`excluded.figures` },
          }),
      );
    } catch (error) {
      // A workspace that is gone will not come back; a database that is away will.
      if (isConnectionLoss(error)) for (const row of rows) row.isDirty = true;
      this.#warn(error);
    }
  }

  #warn(error: unknown): void {
    this.#deps.logger.warn({ error: String(error) }, 'figures of model calls could not be written');
  }

  async #clearOld(now: number): Promise<void> {
    for (const [name, row] of this.#rows)
      if (!row.isDirty && row.minute < now - KEPT_MS) this.#rows.delete(name);
    if (now - this.#clearedAt < 60 * MINUTE_MS) return;
    this.#clearedAt = now;
    await this.#deps.database?.system((tx) =>
      tx.delete(providerStats).where(lt(providerStats.minute, new Date(now - KEPT_MS))),
    );
  }

  #rowOf({ owner, ref, at }: LoggedCall): MinuteRow {
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const name = `${owner.workspaceId}\n${ref.provider}\n${ref.model}\n${minute}`;
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#rows.size >= ROWS_MAX ? this.#rows.keys() : [];
    if (oldest !== undefined) this.#rows.delete(oldest);
    const { workspaceId } = owner;
    const row = { workspaceId, ...ref, minute, figures: emptyFigures(), isDirty: true };
    this.#rows.set(name, row);
    return row;
  }

  /** What other processes wrote, and this installation before it was started again. */
  async #stored(workspaceId: WorkspaceId, since: number) {
    const { database } = this.#deps;
    if (database === null) return [];
    return database.workspace(workspaceId, (tx) =>
      tx
        .select()
        .from(providerStats)
        .where(
          and(
            gte(providerStats.minute, new Date(since - MINUTE_MS)),
            ne(providerStats.process, this.#process),
          ),
        )
        .limit(ROWS_MAX),
    );
  }
}

function summed(rows: readonly (ModelRef & { figures: Figures })[]) {
  const sums = new Map<string, ModelRef & { figures: Figures }>();
  for (const { provider, model, figures } of rows) {
    const name = `${provider}\n${model}`;
    const sum = sums.get(name) ?? { provider, model, figures: emptyFigures() };
    sums.set(name, sum);
    addFigures(sum.figures, figures);
  }
  return [...sums.values()];
}

function toHealth(ref: ModelRef, figures: Figures, inFlight: number): ModelHealth {
  const { lastError } = figures;
  return {
    ...ref,
    calls: figures.calls,
    success_rate: figures.judged === 0 ? null : figures.answered / figures.judged,
    p50_ms: percentileOf(figures.latency, 0.5),
    p95_ms: percentileOf(figures.latency, 0.95),
    first_token_p50_ms: percentileOf(figures.firstToken, 0.5),
    tokens_per_second:
      figures.outputMs === 0 ? null : (figures.outputTokens * 1000) / figures.outputMs,
    cost_micros: figures.priced === 0 ? null : figures.costMicros,
    in_flight: inFlight,
    last_error:
      lastError === null
        ? null
        : {
            code: lastError.code,
            message: lastError.message,
            at: new Date(lastError.at).toISOString(),
          },
  };
}
