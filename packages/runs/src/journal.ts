import { PlatformError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { recordStep } from './engine.ts';
import type { JournalRow } from './engine.ts';

/** Step numbers of one lane; the main sequence is lane 0. */
export const LANE_SIZE = 10_000;
/** Lanes up to here have fixed places in the document; forks take theirs above. */
export const FIXED_LANES = 20_000;
/** Numbers of steps are 32-bit integers in the journal. */
const LANES_MAX = 214_000;
/** Start of the names under which forks are recorded. */
export const FORK_PREFIX = 'fork:';

/**
 * The run's journal as one execution sees it: what is recorded is answered from memory, the rest is executed and
 * recorded. Steps are numbered by their place in their lane, so that branches which race keep their numbers.
 */
export interface Journal {
  /** Numbers for the steps of a lane; a lane is opened once per execution. */
  openLane(lane: number): () => number;
  /** First of `count` lanes that no fork of this run has, also none that is recorded. */
  takeLanes(count: number): number;
  /** Result of step `number`, made by `body` unless it is recorded. `body` must not throw; see run-context. */
  perform(number: number, name: string, body: () => Promise<JsonValue>): Promise<JsonValue>;
}

export function createJournal(runId: string, rows: JournalRow[]): Journal {
  const recorded = new Map(rows.map((row) => [row.number, row]));
  const lanes = new Set<number>();
  let nextLane = rows.reduce((next, row) => Math.max(next, laneAfter(row)), FIXED_LANES + 1);
  return {
    takeLanes(count) {
      const first = nextLane;
      if (first + count > LANES_MAX) {
        throw new PlatformError({
          code: 'runs.lane.too_many',
          kind: 'limit-reached',
          message: `This run does more than ${LANES_MAX - FIXED_LANES} things side by side over its life.`,
        });
      }
      nextLane += count;
      return first;
    },
    openLane(lane) {
      if (lanes.has(lane)) throw new Error(`lane ${lane} was opened twice`);
      lanes.add(lane);
      let next = 0;
      return () => {
        if (next >= LANE_SIZE) {
          throw new PlatformError({
            code: 'runs.lane.too_many_calls',
            kind: 'limit-reached',
            message: `A branch of this run made more than ${LANE_SIZE} calls.`,
          });
        }
        return lane * LANE_SIZE + next++;
      };
    },
    async perform(number, name, body) {
      const row = recorded.get(number);
      if (row) {
        if (row.name !== name) throw diverged(name, row.name);
        return JSON.parse(row.output) as JsonValue;
      }
      const startedAtMs = Date.now();
      const value = await body();
      await recordStep(runId, { number, name, output: JSON.stringify(value) }, startedAtMs);
      return value;
    },
  };
}

/** First lane after those that a recorded fork has. */
function laneAfter(row: JournalRow): number {
  if (!row.name.startsWith(FORK_PREFIX)) return 0;
  const { value } = JSON.parse(row.output) as { value?: { first: number; count: number } };
  return value ? value.first + value.count : 0;
}

function diverged(name: string, recorded: string): PlatformError {
  return new PlatformError({
    code: 'runs.journal.diverged',
    kind: 'internal',
    message: `This run recorded the call "${recorded}" where the present code makes "${name}"; it cannot go on under this version.`,
  });
}
