import { bindRoutes, securityRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { noMetrics } from '@automatos/kernel';
import type { Clock, Logger, Metrics } from '@automatos/kernel';
import { createDetector } from './detector.ts';
import { matchRules } from './match-rules.ts';
import { THREAT_RULES } from './rules/index.ts';
import { deleteThreatsBefore } from './store/assessment-store.ts';
import { createThreatHandlers } from './threat-handlers.ts';
import { createThreatRecorder } from './threat-recorder.ts';
import type { ThreatRecorder } from './threat-recorder.ts';
import { createThreatState } from './threat-state.ts';
import type { Assessment, RequestFacts, ThreatBlock } from './threat-types.ts';

export interface ThreatsDeps {
  database: Pick<Database, 'system' | 'workspace' | 'listen'>;
  clock: Clock;
  logger: Logger;
  metrics?: Metrics;
}

/** How a request was answered. */
export interface RequestEnd {
  status: number;
  /** Run that it started. */
  runId?: string | undefined;
  /** The assessment was made after the answer, so nothing could follow from it. */
  isLate?: boolean;
  /** The detector refused it: its own refusals are no behaviour of the caller. */
  refusedByThreats?: boolean;
}

/**
 * The threat detector. What a request waits for is in memory and never fails: a detector that breaks lets the request go on to
 * the walls that stand without it, counts that, and says so in overview, metrics and log.
 */
export interface Threats {
  routes: BoundRoute[];
  /** The block that keeps a caller out, counted as a refusal; undefined for none. */
  blockOf(facts: Pick<RequestFacts, 'address' | 'caller'>): ThreatBlock | undefined;
  /** What a request looks like; null when the detector failed. */
  assess(facts: RequestFacts): Assessment | null;
  /** To be called once for each assessed request when it was answered: stores the assessment, and learns. */
  finish(facts: RequestFacts, assessment: Assessment | null, end: RequestEnd): void;
  /** Stores what waits. */
  flush(): Promise<void>;
  /** Deletes assessments, counts and ended blocks from before a time, at most `limit` rows of each; gives their number. */
  deleteOlderThan(before: Date, limit?: number): Promise<number>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const LATENCIES_KEPT = 1_024;

export function createThreats(deps: ThreatsDeps): Threats {
  const { database, clock, logger } = deps;
  const metrics = deps.metrics ?? noMetrics;
  const state = createThreatState(deps);
  const detector = createDetector({ clock, settingsOf: state.settingsOf });
  const recorder = createThreatRecorder({ ...deps, metrics, profiles: detector.profiles });
  const latencies = createLatencies();
  const failures = createFailureCount({ logger, metrics, clock });

  const detectorStatus = () => ({
    ...latencies.read(),
    failed: failures.count,
    dropped: recorder.dropped,
    queued: recorder.queued,
  });
  const flush = () => recorder.flush();
  return {
    routes: bindRoutes(
      securityRoutes,
      createThreatHandlers({ database, clock, state, flush, detectorStatus }),
    ),
    blockOf({ address, caller }) {
      state.refresh();
      const block = failures.orElse(undefined, () => state.blockOf(address, caller));
      if (block !== undefined) recorder.refused(block);
      return block;
    },
    assess(facts) {
      const assessment = failures.orElse(null, () => detector.assess(facts));
      if (assessment !== null) {
        latencies.add(assessment.durationUs);
        metrics.observe('amas_threat_assessment_seconds', {}, assessment.durationUs / 1_000_000);
      }
      return assessment;
    },
    finish(facts, assessment, end) {
      failures.orElse(undefined, () => {
        if (end.refusedByThreats !== true) detector.record(facts, end.status);
        if (assessment !== null) store({ recorder, metrics }, assessment, end);
      });
    },
    flush,
    deleteOlderThan: (before, limit = 10_000) =>
      database.system((tx) =>
        deleteThreatsBefore(tx, { before: before.toISOString(), limit, of: 'all' }),
      ),
    async start() {
      warmUp();
      await state.load();
      await state.listen();
      recorder.start();
    },
    async close() {
      await state.close();
      await recorder.close();
    },
  };
}

function store(
  { recorder, metrics }: { recorder: ThreatRecorder; metrics: Metrics },
  assessment: Assessment,
  end: RequestEnd,
): void {
  const { level, action } = assessment;
  metrics.count('amas_threat_assessments_total', { level, action });
  recorder.add({
    ...assessment,
    status: end.status,
    runId: end.runId ?? null,
    enforced: assessment.enforced && end.isLate !== true,
  });
  if (assessment.enforced && action === 'block') recorder.strike(assessment);
}

/** Compiles the patterns, which else the first requests would wait for. */
function warmUp(): void {
  for (const { hits } of THREAT_RULES)
    for (const text of hits) {
      const found = { place: 'query', where: '', profile: 'strict' } as const;
      for (let round = 0; round < 3; round += 1) matchRules([{ ...found, text }]);
    }
}

function createLatencies() {
  const kept = new Float64Array(LATENCIES_KEPT);
  let count = 0;
  return {
    add(us: number) {
      kept[count % LATENCIES_KEPT] = us;
      count += 1;
    },
    /** Of the last 1,024 assessments. */
    read() {
      const sorted = kept.slice(0, Math.min(count, LATENCIES_KEPT)).toSorted();
      const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
      return { latency_p50_us: at(0.5), latency_p95_us: at(0.95) };
    },
  };
}

/** Runs work that must not fail a request; what it throws is counted, and logged once a minute. */
function createFailureCount(deps: { logger: Logger; metrics: Metrics; clock: Clock }) {
  let loggedAt = Number.NEGATIVE_INFINITY;
  const self = {
    count: 0,
    orElse<T>(otherwise: T, work: () => T): T {
      try {
        return work();
      } catch (error) {
        self.count += 1;
        deps.metrics.count('amas_threat_dropped_total', { reason: 'failed' });
        const now = deps.clock.now();
        if (now - loggedAt >= 60_000) {
          loggedAt = now;
          deps.logger.error(
            { err: error },
            'the threat detector failed; requests go on without it',
          );
        }
        return otherwise;
      }
    },
  };
  return self;
}
