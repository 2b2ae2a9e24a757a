import { PlatformError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import { recordStep } from './engine.ts';
import type { JournalRow } from './engine.ts';

/** Step numbers of one lane; the main sequence is lane 0. */
export const LANE_SIZE = 10_000;

/**
 * The run's journal as one execution sees it: what is recorded is answered from memory, the rest is executed and
 * recorded. Steps are numbered by their place in their lane, so that branches which race keep their numbers.
 */
export interface Journal {
  /** Numbers for the steps of a lane; a lane is opened once per execution. */
  openLane(lane: number): () => number;
  /** Result of step `number`, made by `body` unless it is recorded. `body` must not throw; see run-context. */
  perform(number: number, name: string, body: () => Promise<JsonValue>): Promise<JsonValue>;
}

export function createJournal(runId: string, rows: JournalRow[]): Journal {
  const recorded = new Map(rows.map((row) => [row.number, row]));
  const lanes = new Set<number>();
  return {
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

function diverged(name: string, recorded: string): PlatformError {
  return new PlatformError({
    code: 'runs.journal.diverged',
    kind: 'internal',
    message: `This run recorded the call "${recorded}" where the present code makes "${name}"; it cannot go on under this version.`,
  });
}
