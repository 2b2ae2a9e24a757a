import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentReportSchema, NO_USAGE } from '@automatos/contracts';
import type { AgentTask } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import { systemClock } from '@automatos/kernel';
import { createMemoryJournal, createMemoryRun, SimulatedCrash } from '@automatos/testing';
import type { MemoryRunOptions } from '@automatos/testing';
import { createWorkspaceRoots } from '@automatos/tools';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AgentRuntime, TurnResult } from '../runtime/runtime-types.ts';
import { createTurnFixture, testAgent } from '../testing/turn-fixture.ts';
import type { Script, TurnFixture } from '../testing/turn-fixture.ts';
import { createAgentKind } from './agent-kind.ts';
import { agentStart } from './agent-plan.ts';
import type { AgentPlan } from './agent-plan.ts';

let folder: string;
let fixture: TurnFixture | undefined;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'agent-kind-')));
});
afterEach(async () => {
  await fixture?.close();
  fixture = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const by = { kind: 'user' as const, id: 'u1', name: 'Ada' };

function plan(more: Partial<AgentPlan> = {}, task: Partial<AgentTask> = {}): AgentPlan {
  const agent = testAgent({ slug: 'tester', concurrency_limit: 2 });
  return {
    agent,
    persona_prompt: null,
    task: { task_type: 'code_review', target: folder, parameters: {}, ...task },
    test: false,
    model: 'own',
    ...more,
  };
}

/** What the engine hands to the kind for this plan. */
function runOf(given: AgentPlan, options: MemoryRunOptions = {}) {
  const start = agentStart(given, { by });
  return createMemoryRun({ plan: start.plan, inputs: start.inputs, ...options });
}

const kind = (agents?: Pick<AgentRuntime, 'runTurn'>) =>
  createAgentKind({
    agents: agents ?? (fixture as TurnFixture).runtime,
    roots: createWorkspaceRoots([folder]),
    clock: systemClock,
  });

/** Calls `look`, whose finding is at src/a.ts:7, then answers. */
const looking: Script = ({ toolResults }) =>
  toolResults === 0
    ? { kind: 'answer', toolCalls: [{ name: 'look', input: { path: 'src' } }] }
    : { kind: 'answer', text: ['Looked.'] };

describe('a run of one agent', () => {
  test('starts with the step, the title and the inputs that people see', () => {
    const start = agentStart(plan({}, { parameters: { deep: true } }), { by });
    expect(start).toMatchObject({
      kind: 'agent',
      title: `Tester: Code review of ${folder}`,
      inputs: { target: folder, deep: true },
      steps: [{ stepId: 'work', name: 'Code review', agent: 'tester' }],
    });
  });

  test('gives a report whose quality is measured, and tells step and score', async () => {
    fixture = await createTurnFixture(looking);
    const run = runOf(plan());
    const report = agentReportSchema.parse(await kind().execute(run.context));
    expect(report).toMatchObject({
      success: true,
      summary: 'Looked.',
      findings: [{ rule: 'planted' }],
      checks_run: [{ tool: 'look', status: 'success', findings: 1 }],
      offline: false,
    });
    // The finding names a file that the target does not have.
    expect(report.quality).toBe(0.556);
    const types = run.events().map(({ type, stepId }) => `${type} ${stepId ?? '-'}`);
    expect(types[0]).toBe('step.started work');
    expect(types.slice(-3)).toEqual([
      'quality.scored work',
      'quality.scored -',
      'step.completed work',
    ]);
  });

  test('evidence whose place is there counts', async () => {
    fixture = await createTurnFixture(looking);
    const target = join(folder, 'a.ts');
    await writeFile(target, 'x\n'.repeat(10));
    const run = runOf(plan({}, { target }));
    expect(await kind().execute(run.context)).toMatchObject({ quality: 1 });
  });

  test('one that only fails ends failed, and keeps its report', async () => {
    fixture = await createTurnFixture(({ toolResults }) =>
      toolResults === 0
        ? { kind: 'answer', toolCalls: [{ name: 'look', input: { path: 'src' } }] }
        : { kind: 'answer', toolCalls: [{ name: 'count', input: { path: `${toolResults}` } }] },
    );
    const limited = testAgent({ limits: { max_iterations: 2 } });
    const run = runOf(plan({ agent: limited }));
    await expect(kind().execute(run.context)).rejects.toMatchObject({
      code: 'agents.run.limit_reached',
      kind: 'limit-reached',
      details: {
        limit: 'iterations',
        outputs: { success: false, findings: [{ rule: 'planted' }] },
      },
    });
    const ended = run.events().find(({ type }) => type === 'step.failed');
    expect(ended).toMatchObject({ attachment: { output: { success: false } } });
  });

  test('one without a check that ran and without a model that answered has done nothing', async () => {
    const idle: TurnResult = {
      status: 'completed',
      text: 'Nothing to call.',
      tools: { look: { status: 'error', summary: 'no', output: null } },
      findings: [],
      findings_total: 0,
      usage: { ...NO_USAGE },
      offline: true,
      provider: 'offline',
      model: 'offline-1',
    };
    const agents = { runTurn: () => Promise.resolve(idle) };
    await expect(kind(agents).execute(runOf(plan()).context)).rejects.toMatchObject({
      code: 'agents.run.nothing_done',
      details: { outputs: { success: false, offline: true, quality: 0 } },
    });
  });

  test('takes a place of the agent with its own limit and gives it back', async () => {
    fixture = await createTurnFixture(looking);
    const places: string[] = [];
    const run = runOf(plan(), {
      place: (request) => {
        places.push(`${request.key} ${request.limit}`);
        return Promise.resolve(() => {
          places.push('back');
          return Promise.resolve();
        });
      },
    });
    await kind().execute(run.context);
    expect(places).toEqual(['tester 2', 'back']);
  });

  test('a test may look and nothing else', async () => {
    fixture = await createTurnFixture(looking);
    const allowed: unknown[] = [];
    const { runtime } = fixture;
    const spied = kind({
      runTurn(context, request) {
        allowed.push(request.allowedCapabilities);
        return runtime.runTurn(context, request);
      },
    });
    await spied.execute(runOf(plan({ test: true }), { dryRun: true }).context);
    await spied.execute(runOf(plan(), { dryRun: true }).context);
    await spied.execute(runOf(plan()).context);
    expect(allowed).toEqual([['read'], ['read', 'code'], undefined]);
  });

  test('a plan of another version is refused by name', async () => {
    fixture = await createTurnFixture(looking);
    const { context } = createMemoryRun({ plan: { agent: {} } });
    await expect(kind().execute(context)).rejects.toMatchObject({ code: 'agents.plan.unreadable' });
  });
});

/** Two model calls, one tool call, the look at the evidence and the time of the score. */
const STEPS = 5;

test.each(Array.from({ length: STEPS }, (_, index) => index))(
  'after a crash with %i calls recorded it goes on, repeats none and tells nothing twice',
  async (crashAfterSteps) => {
    fixture = await createTurnFixture(looking);
    const journal = createMemoryJournal();
    const given = plan();
    const { runId } = createMemoryRun().context;
    const first = runOf(given, { journal, runId, crashAfterSteps });
    await expect(kind().execute(first.context)).rejects.toThrow(SimulatedCrash);
    const kept = [...journal.steps.values()].map(({ name }) => name);

    const second = runOf(given, { journal, runId });
    const outputs: JsonObject = await kind().execute(second.context);
    expect(outputs).toMatchObject({ success: true, quality: 0.556 });
    expect(second.executed.filter((name) => kept.includes(name))).toEqual([]);
    expect(kept.length + second.executed.length).toBe(STEPS);
    const ends = second.events().filter(({ type }) => /^step\.(completed|failed)$/.test(type));
    expect(ends.map(({ type }) => type)).toEqual(['step.completed']);
  },
);
