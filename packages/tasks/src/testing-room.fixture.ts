import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  createAgentRuntime,
  createCoordinator,
  createDatabaseBoard,
  seedAgents,
} from '@automatos/agents';
import { taskInputSchema } from '@automatos/contracts';
import type { PatternKind, TaskDetail } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import { createRuns } from '@automatos/runs';
import type { Actor, RunsRoom } from '@automatos/runs';
import { createToolExecutor, createToolRegistry, createWorkspaceRoots } from '@automatos/tools';
import { createTaskKind } from './pipeline/task-kind.ts';
import { createTaskMemory } from './tasks/task-memory.ts';
import { createTaskService } from './tasks/task-service.ts';
import type { TaskService } from './tasks/task-service.ts';

export const ANN: Actor = { kind: 'user', id: 'ann', name: 'Ann' };

/** The tasks room with everything it stands on: the durable engine, seeded agents, real tools, no model. */
export interface TasksRoom {
  test: TestDatabase;
  runs: RunsRoom;
  tasks: TaskService;
  /** Folder with a small project that tools may read. */
  folder: string;
  /** Submits a task and waits for its end. */
  finish(input: Record<string, unknown>): Promise<TaskDetail>;
  close(): Promise<void>;
}

const PATTERNS: readonly PatternKind[] = ['hierarchical', 'collaborative', 'emergent'];

export async function openTasksRoom(): Promise<TasksRoom> {
  const test = await createTestDatabase();
  const { database, workspaceId } = test;
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'automatos-tasks-')));
  await writeProject(folder);
  const base = { clock: systemClock, metrics: noMetrics, logger: silentLogger };
  const providers = createProviders({ credentials: () => Promise.resolve(null), ...base });
  const registry = createToolRegistry();
  const executor = createToolExecutor({ registry, roots: () => [folder], outboundAllow: [] });
  const runtime = createAgentRuntime({ providers, executor, registry, ...base });
  const runs = createRuns({ database, logger: silentLogger });
  const memory = createTaskMemory({ database, clock: systemClock });
  const roots = createWorkspaceRoots([folder]);
  runs.registerKind(
    createTaskKind({
      memory,
      roots,
      agents: runtime,
      coordinator: createCoordinator({
        runtime,
        board: createDatabaseBoard({ database, clock: systemClock }),
      }),
      model: () => Promise.resolve(null),
      clock: systemClock,
    }),
  );
  await runs.launch();
  await database.workspace(workspaceId, (tx) => seedAgents(tx, workspaceId, Date.now()));
  const tasks = createTaskService({
    database,
    runs,
    memory,
    roots,
    findPattern: async (_workspaceId, ref) => {
      const kind = PATTERNS.find((one) => one === ref);
      return kind === undefined ? null : { slug: kind, kind, settings: {} };
    },
    clock: systemClock,
  });
  return {
    test,
    runs,
    tasks,
    folder,
    async finish(input) {
      const { id } = await tasks.create({ workspaceId, by: ANN }, taskInputSchema.parse(input));
      const signal = new AbortController().signal;
      for await (const _event of runs.follow(workspaceId, id, { after: 0, signal }));
      return tasks.get(workspaceId, id);
    },
    async close() {
      await runs.stop();
      await executor.close();
      await providers.close();
      await test.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A project in which something can be found. */
async function writeProject(folder: string): Promise<void> {
  const files: Record<string, string> = {
    'package.json': JSON.stringify({ name: 'sample', version: '1.0.0', license: 'MIT' }),
    'README.md': '# Sample\n\nSee [the guide](docs/guide.md) and [what is gone](docs/gone.md).\n',
    'docs/guide.md': '# Guide\n\nRun it.\n',
    'src/shop.ts': [
      '// TODO split this',
      'export function total(prices: number[]): number {',
      '  let sum = 0;',
      '  for (const price of prices) sum += price;',
      '  return sum;',
      '}',
      '',
    ].join('\n'),
    'src/run.js':
      "const { exec } = require('node:child_process');\nexec('ls ' + process.argv[2]);\n",
    'data/sales.csv': 'day,amount\n2026-01-01,10\n2026-01-02,12\n2026-01-03,900\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}
