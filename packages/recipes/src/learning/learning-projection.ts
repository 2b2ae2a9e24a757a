import { enqueueOutbox } from '@automatos/database';
import type { OutboxEntry } from '@automatos/database';
import type { EventProjection } from '@automatos/runs';
import type { Learning } from './learning-service.ts';

/** Topic under which the end of a run waits for learning. */
export const LEARNING_TOPIC = 'recipes.learn';

const ENDS = new Set(['run.completed', 'run.failed']);

/** Notes each end of a run in the transaction that stores it, so that none is forgotten and the run waits for nothing. */
export const projectRunEnds: EventProjection = async (tx, workspaceId, events) => {
  for (const { event } of events) {
    const runId = event.run_id;
    if (!ENDS.has(event.type) || runId === undefined) continue;
    await enqueueOutbox(tx, {
      workspaceId,
      topic: LEARNING_TOPIC,
      key: runId,
      payload: { run_id: runId },
    });
  }
};

/** Handler of {@link LEARNING_TOPIC} for the outbox dispatcher. */
export function createLearningHandler(
  learning: Pick<Learning, 'afterRun'>,
): (entry: OutboxEntry) => Promise<void> {
  return ({ workspaceId, key }) => learning.afterRun(workspaceId, key);
}
