import { asJson } from './stage.ts';
import type { StageEnd, StageSite } from './stage.ts';
import type { TaskOutcome } from './task-run.ts';

/** Keeps how the task ended beside it, for lists, estimates and later selections. Says what is kept where, and what is not. */
export async function storageStage(
  { run, context, stage }: StageSite,
  outcome: TaskOutcome,
): Promise<StageEnd<null>> {
  await context.step(`${stage}/keep`, () =>
    run.deps.memory.storeOutcome(context.workspaceId, context.runId, outcome),
  );
  const kept = ['outcome', 'summary', 'agents used', 'units done and failed', 'estimate'];
  return {
    value: null,
    output: {
      stored: asJson([
        { where: 'tasks', what: kept },
        { where: 'task_units', what: ['agent, time, cost, findings and quality of each unit'] },
        { where: 'runs', what: ['events, findings, documents and outputs of this run'] },
      ]),
      not_stored:
        'Nothing is learnt by heart for other goals: there is no long-term memory of facts in this version.',
    },
    preview: `Kept: ${kept.join(', ')}.`,
  };
}
