/**
 * A process with a runs room that tests kill, freeze and stop. Its one argument is JSON; see `ChildOptions`. Runs of kind
 * `calls` make one recorded call after the other to the recorder: `POST <recorder>/<run id>/<name>`. Prints `ready`, then
 * the ids of the runs it was told to start, and on SIGTERM stops as the product does and prints `stopping` and `closed`.
 */
import { openDatabase } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import type { JsonValue, WorkspaceId } from '@automatos/kernel';
import type { LeaseTimes } from '../executor-lease.ts';
import { createRuns } from '../runs-service.ts';

export interface ChildOptions {
  /** URL of a server, or a data folder. */
  where: string;
  recorder: string;
  workspaceId: string;
  lease?: LeaseTimes;
  journalVersion?: string;
  drainMs?: number;
  activeMax?: number;
  /** Runs to start, each with the names of its calls. */
  start?: string[][];
  /** Limit of the recipe that the started runs belong to. */
  recipeLimit?: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const { where, recorder } = options;
const workspaceId = options.workspaceId as WorkspaceId;
const say = (line: string) => process.stdout.write(`${line}\n`);
const database = await openDatabase({
  ...(where.startsWith('postgres') ? { url: where } : { dataDir: where }),
  logger: silentLogger,
});
const logger = {
  ...silentLogger,
  warn: (fields: object, message: string) => say(`warn ${message} ${JSON.stringify(fields)}`),
  error: (fields: object, message: string) => say(`error ${message} ${JSON.stringify(fields)}`),
};
const runs = createRuns({
  database,
  logger: { ...logger, child: () => ({ ...logger, child: silentLogger.child }) },
  ...(options.lease ? { lease: options.lease } : {}),
  ...(options.journalVersion ? { journalVersion: options.journalVersion } : {}),
  ...(options.drainMs === undefined ? {} : { drainMs: options.drainMs }),
  ...(options.activeMax === undefined ? {} : { activeMax: options.activeMax }),
});
runs.registerKind({
  kind: 'calls',
  async execute(context) {
    for (const name of context.inputs['calls'] as string[]) {
      await context.step(name, async ({ signal, idempotencyKey }) => {
        const response = await fetch(`${recorder}/${context.runId}/${name}`, {
          method: 'POST',
          headers: { 'idempotency-key': idempotencyKey },
          signal,
        });
        return (await response.json()) as JsonValue;
      });
      context.emit({
        type: 'step.progress',
        key: `done:${name}`,
        stepId: 'calls',
        data: { message: name },
      });
    }
    return { done: true };
  },
});
await runs.launch();
process.once('SIGTERM', () => {
  const stopped = runs.stop();
  say('stopping');
  void stopped.then(() => database.close()).then(() => say('closed'));
});
say('ready');
for (const calls of options.start ?? []) {
  const run = await runs.start(workspaceId, {
    kind: 'calls',
    title: 'calls',
    plan: {},
    inputs: { calls },
    steps: [{ stepId: 'calls', name: 'calls', type: 'tool', dependsOn: [] }],
    by: { kind: 'system', id: 'test', name: 'test' },
    ...(options.recipeLimit === undefined
      ? {}
      : {
          recipeLimit: options.recipeLimit,
          recipe: { id: '01990000-0000-7000-8000-0000000000ff', slug: 'calls', version: 1 },
        }),
  });
  say(`started ${run.id}`);
}
