/**
 * Recipes beside bare DBOS workflows and a bare loop, interleaved in one run; medians over rounds.
 * `node bench/recipes.ts [--rounds 5]`, on the server of AUTOMATOS_TEST_DATABASE_URL or, without it, embedded.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { agentStep, by, composeRooms, createCook, model } from './rooms.ts';
import { median, table, throughput } from './measure.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
const STEPS = 10;
const rawLine = DBOS.registerWorkflow(
  async () => {
    for (let step = 0; step < STEPS; step++) await DBOS.runStep(model, { name: `step${step}` });
  },
  { name: 'bench.line' },
);
const rawFan = DBOS.registerWorkflow(
  async () => {
    await Promise.all(
      Array.from({ length: STEPS }, (_, step) => DBOS.runStep(model, { name: `step${step}` })),
    );
  },
  { name: 'bench.fan' },
);

const rooms = await composeRooms();
const { database, workspaceId, recipes } = rooms;
const steps = Array.from({ length: STEPS }, (_, n) => agentStep(n));
await recipes.create({ workspaceId, by }, { definition: { slug: 'line', name: 'line', steps } });
await recipes.create(
  { workspaceId, by },
  {
    definition: {
      slug: 'fan',
      name: 'fan',
      execution: { parallel_limit: STEPS },
      steps: [{ step_id: 'all', type: 'parallel', steps }],
    },
  },
);

const recipe = createCook(rooms);
const raw = async (workflow: () => Promise<void>) =>
  (await DBOS.startWorkflow(workflow)()).getResult();
async function loop(): Promise<void> {
  for (let n = 0; n < STEPS; n++) await model();
}

const shapes = [
  { shape: '10 steps in a line', ours: () => recipe('line'), dbos: () => raw(rawLine) },
  { shape: '1×10 fan-out', ours: () => recipe('fan'), dbos: () => raw(rawFan) },
];
const rows: Record<string, string | number>[] = [];
for (const { shape, ours, dbos } of shapes) {
  for (const at of [1, 50]) {
    const total = at === 1 ? 30 : 150;
    const figures = {
      ours: [] as number[],
      dbos: [] as number[],
      loop: [] as number[],
      ratio: [] as number[],
    };
    // The first round warms up and is not counted.
    for (let round = 0; round <= Number(values.rounds); round++) {
      const rawRate = await throughput(dbos, { at, total });
      const ourRate = await throughput(ours, { at, total });
      const loopRate = await throughput(loop, { at, total: 20_000 });
      if (round === 0) continue;
      figures.dbos.push(rawRate);
      figures.ours.push(ourRate);
      figures.loop.push(loopRate);
      figures.ratio.push(ourRate / rawRate);
    }
    rows.push({
      work: shape,
      'at once': at,
      'recipe runs/s': median(figures.ours).toFixed(1),
      'raw DBOS runs/s': median(figures.dbos).toFixed(1),
      'recipe / raw DBOS': median(figures.ratio).toFixed(2),
      'bare loop runs/s': Math.round(median(figures.loop)),
    });
  }
}
process.stdout.write(
  `${database.capabilities.multiProcess ? 'server' : 'embedded'} database, ${cpus().length} cores, Node ${process.version}, ${values.rounds} rounds\n\n${table(rows)}\n`,
);
await rooms.close();
process.exit(0);
