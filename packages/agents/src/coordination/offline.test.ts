import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSchema } from '@automatos/contracts';
import { newId, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import { createMemoryRun } from '@automatos/testing';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import type { ToolExecutor } from '@automatos/tools';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAgentRuntime } from '../runtime/agent-runtime.ts';
import { SPECIALISTS } from '../seeds/specialists.ts';
import { createMemoryBoard } from '../testing/memory-board.fixture.ts';
import { NO_RECORD, request, unit } from '../testing/team-fixture.ts';
import { createCoordinator } from './create-coordinator.ts';
import type { CoordinationRequest, Teammate } from './coordination-types.ts';

/** Teams of the seeded specialists on a real folder, without any model. */

let folder: string;
let executor: ToolExecutor & { close(): Promise<void> };
const registry = createToolRegistry();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'team-')));
  await writeFile(
    join(folder, 'run.js'),
    '// TODO: tidy\nconst run = (text) => eval(text);\nmodule.exports = { run };\n',
  );
  executor = createToolExecutor({ registry, roots: () => [folder], outboundAllow: [] });
});
afterAll(async () => {
  await executor.close();
  await rm(folder, { recursive: true });
});

function specialist(seed: string, slug = seed): Teammate {
  const found = SPECIALISTS.find((one) => one.slug === seed);
  const at = new Date(0).toISOString();
  const identity = { id: newId(), status: 'active', version: 1, seeded: true };
  const agent = { ...found, ...identity, slug, created_at: at, updated_at: at };
  return { agent: agentSchema.parse(agent), personaPrompt: null, record: NO_RECORD };
}

function work(parts: Partial<CoordinationRequest>) {
  const providers = createProviders({
    credentials: () => Promise.resolve(null),
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
  });
  const deps = { clock: systemClock, metrics: noMetrics, logger: silentLogger };
  const runtime = createAgentRuntime({ providers, executor, registry, ...deps });
  const coordinator = createCoordinator({ runtime, board: createMemoryBoard() });
  const { context } = createMemoryRun();
  return coordinator.run(context, request({ inputs: { target: folder }, ...parts }));
}

const scan = unit('scan_it', ['security_scan'], {
  prompt: 'Examine the security of the folder.',
  inputs: {},
});

describe('offline', () => {
  test.each([
    ['hierarchical', [specialist('security'), specialist('code')], 'security'],
    ['emergent', [specialist('security'), specialist('code')], 'security'],
    ['collaborative', [specialist('security', 'one'), specialist('security', 'two')], 'one'],
  ] as const)('%s work really looks, and is the same each time', async (kind, team, agent) => {
    const once = await work({ kind, team: [...team], units: [scan] });
    expect(once.units[0]).toMatchObject({ agent, status: 'completed' });
    expect(once.units[0]?.findings.map(({ location }) => location?.path)).toContain('run.js');
    expect(once.agreement).toBe(kind === 'collaborative' ? 1 : null);
    const again = await work({ kind, team: team.toReversed(), units: [scan] });
    expect(again).toEqual(once);
  });
});
