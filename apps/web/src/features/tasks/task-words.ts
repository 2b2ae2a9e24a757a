import type { TaskDetail } from '@automatos/sdk';

export type Stage = TaskDetail['stages'][number];
type StageName = Stage['stage'];

/** What each of the nine stages does, in a few words. */
export const STAGE_HELP: Record<StageName, string> = {
  decomposition: 'Splits the goal into parts that one agent can do',
  agent_selection: 'Chooses who does each part, with reasons',
  context_engineering: 'Gathers what each agent needs to know',
  execution: 'The agents work',
  aggregation: 'Brings the results together and names conflicts',
  learning_update: 'Keeps how each agent did, for the next choice',
  quality_assessment: 'Scores the result; a poor one goes back',
  memory_storage: 'Stores the outcome',
  response: 'Writes the answer',
};

/** The stage that a person wants to see: what runs, else what failed, else the last that ended. */
export function focusStage(stages: readonly Stage[]): StageName {
  const running = stages.find(({ status }) => status === 'running' || status === 'retrying');
  const failed = stages.find(({ status }) => status === 'failed');
  const ended = stages.findLast(({ status }) => status === 'completed');
  return (running ?? failed ?? ended ?? stages[0])?.stage ?? 'decomposition';
}

/** The answer of an ended task, as far as its outputs hold one. */
export interface TaskAnswer {
  response: string;
  artifactId: string | null;
  conflicts: { subject?: string; message?: string }[];
  refinements: { attempt: number; reason: string }[];
  dimensions: Record<string, number | null>;
  estimateNote: string | null;
  predictionError: Record<string, number | null> | null;
}

/** Reads the result of a task; null while there is none. */
export function answerOf(result: TaskDetail['result']): TaskAnswer | null {
  if (result === null || typeof result['response'] !== 'string') return null;
  const list = <Item>(value: unknown) => (Array.isArray(value) ? (value as Item[]) : []);
  const object = (value: unknown) =>
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const id = result['response_artifact_id'];
  const note = object(result['estimate'])['note'];
  return {
    response: result['response'],
    artifactId: typeof id === 'string' ? id : null,
    conflicts: list(result['conflicts']),
    refinements: list(result['refinements']),
    dimensions: object(object(result['quality'])['dimensions']) as Record<string, number | null>,
    estimateNote: typeof note === 'string' ? note : null,
    predictionError: (result['prediction_error'] ?? null) as Record<string, number | null> | null,
  };
}
