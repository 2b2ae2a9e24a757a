/**
 * Fairness and size: how long a run of one workspace waits behind 1,000 waiting runs of another, beside an empty queue;
 * and what a step costs in bytes of journal, events and rows. `node bench/queue.ts [--rounds 5]`.
 */
import { parseArgs } from 'node:util';
import type { WorkspaceId } from '@automatos/kernel';
import { median, table } from './measure.ts';
import { agentStep, by, composeRooms } from './rooms.ts';
import type { Rooms } from './rooms.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const QUEUED = 1_000;
const STEPS = 10;
const ACTIVE = 10;
const MODEL_MS = 200;

/** From the acceptance of a run to its first step, ms. */
async function startDelay(rooms: Rooms, workspaceId: WorkspaceId): Promise<number> {
  const run = await rooms.recipes.execute({ workspaceId, by }, { ref: 'line', inputs: {} });
  for await (const event of rooms.runs.follow(workspaceId, run.id, {
    after: 0,
    signal: new AbortController().signal,
  })) {
    if (event.type === 'run.started') return Date.parse(event.at) - Date.parse(run.created_at);
  }
  throw new Error('the run ended without having started');
}

async function fairness(): Promise<Record<string, string | number>[]> {
  // Slow enough that the queue does not empty while it is filled: a place becomes free every STEPS × MODEL_MS / ACTIVE ms.
  const rooms = await composeRooms({ activeMax: ACTIVE, modelMs: MODEL_MS });
  const definition = {
    slug: 'line',
    name: 'line',
    steps: Array.from({ length: STEPS }, (_, n) => agentStep(n)),
  };
  for (const id of [rooms.workspaceId, rooms.otherWorkspaceId])
    await rooms.recipes.create({ workspaceId: id, by }, { definition });
  const idle: number[] = [];
  for (let round = 0; round <= Number(values.rounds); round += 1)
    idle.push(await startDelay(rooms, rooms.otherWorkspaceId));
  for (let n = 0; n < QUEUED; n += 1)
    await rooms.recipes.execute(
      { workspaceId: rooms.workspaceId, by },
      { ref: 'line', inputs: {} },
    );
  const { queued } = await rooms.runs.limits(rooms.workspaceId);
  const busy: number[] = [];
  for (let round = 0; round < Number(values.rounds); round += 1)
    busy.push(await startDelay(rooms, rooms.otherWorkspaceId));
  const still = (await rooms.runs.limits(rooms.workspaceId)).queued;
  await rooms.close();
  return [
    {
      queue: `empty; of ${ACTIVE} places one becomes free every ${(STEPS * MODEL_MS) / ACTIVE} ms`,
      'start after, ms': Math.round(median(idle.slice(1))),
    },
    {
      queue: `${queued} waiting runs of another workspace (${still} at the end)`,
      'start after, ms': Math.round(median(busy)),
    },
  ];
}

async function bytesPerStep(): Promise<Record<string, string | number>[]> {
  const rooms = await composeRooms();
  const steps = Array.from({ length: STEPS }, (_, n) => agentStep(n));
  const { database, workspaceId, recipes, runs } = rooms;
  await recipes.create({ workspaceId, by }, { definition: { slug: 'line', name: 'line', steps } });
  const run = await recipes.execute({ workspaceId, by }, { ref: 'line', inputs: {} });
  for await (const _event of runs.follow(workspaceId, run.id, {
    after: 0,
    signal: new AbortController().signal,
  }));
  const sizes = await Promise.all(
    [
      ['journal', 'dbos.operation_outputs', 'workflow_uuid'],
      ['events', 'events', 'run_id::text'],
      ['step rows', 'run_steps', 'run_id::text'],
    ].map(async ([name = '', from = '', key = '']) => {
      const { rows } = await database.pool.query<{ bytes: string; entries: string }>(
        `SELECT coalesce(sum(pg_column_size(t.*)), 0) AS bytes, count(*) AS entries FROM ${from} t WHERE t.${key} = $1`,
        [run.id],
      );
      return {
        stored: name,
        rows: Number(rows[0]?.entries),
        'bytes per step': Math.round(Number(rows[0]?.bytes) / STEPS),
      };
    }),
  );
  await rooms.close();
  return sizes;
}

process.stdout.write(`${table(await fairness())}\n\n`);
process.stdout.write(`${table(await bytesPerStep())}\n`);
process.exit(0);
