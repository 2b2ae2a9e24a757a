import { TASK_STAGES } from '@automatos/contracts';
import { createMemoryJournal } from '@automatos/testing';
import { describe, expect, test } from 'vitest';
import { createHarness, eventsOf, failure, finding, GOOD } from './task-harness.fixture.ts';
import type { Harness } from './task-harness.fixture.ts';

const good = async () => ({ text: GOOD });
const fails = async () => Promise.reject(failure('agents.model.down'));
const GOAL = 'Scan for secrets and check the docs, then generate tests';

function threeAgents(
  scripts: Partial<Record<'guard' | 'writer' | 'tester', () => Promise<object>>> = {},
) {
  return createHarness({
    agents: {
      guard: { capabilities: ['security_scan'], script: scripts.guard ?? good },
      writer: { capabilities: ['documentation'], script: scripts.writer ?? good },
      tester: { capabilities: ['testing', 'test_generation'], script: scripts.tester ?? good },
    },
  });
}

const ends = (trail: readonly string[]) =>
  trail.filter((line) => /^step\.(completed|failed|skipped)/.test(line)).toSorted();

describe('the nine stages', () => {
  test('run in their order, each begun and ended once, and the units under the fourth', async () => {
    const { trail, outputs, error } = await threeAgents().execute({ goal: GOAL });
    expect(error).toBeNull();
    const stages = trail.filter((line) => /^step\.started [a-z_]+$/.test(line));
    expect(stages).toEqual(TASK_STAGES.map((stage) => `step.started ${stage}`));
    expect(ends(trail)).toEqual(
      [
        ...TASK_STAGES,
        'execution#security_scan',
        'execution#documentation',
        'execution#test_generation',
      ]
        .map((id) => `step.completed ${id}`)
        .toSorted(),
    );
    expect(outputs).toMatchObject({
      status: 'complete',
      agents_used: ['guard', 'writer', 'tester'],
      failed_units: [],
      attempts: 1,
      usage: { model_calls: 3, cost_micros: 21 },
      cost_micros: 21,
      estimate: { duration_ms: null },
      prediction_error: null,
    });
    expect(outputs?.['response']).toContain('## Summary');
  });

  test('each tells what it used', async () => {
    const ended = await threeAgents().execute({ goal: GOAL });
    const used = eventsOf(ended, 'step.completed')
      .filter(({ stepId }) => !stepId?.includes('#'))
      .map(({ stepId, data }) => [
        stepId,
        (data as { usage: { model_calls: number } }).usage.model_calls,
      ]);
    expect(used).toEqual(TASK_STAGES.map((stage) => [stage, stage === 'execution' ? 3 : 0]));
  });

  test('a unit gets the results of those it builds on, and the goal', async () => {
    const harness = threeAgents({ guard: async () => ({ text: `Of the guard. ${GOOD}` }) });
    await harness.execute({ goal: GOAL });
    const [, , last] = harness.turns;
    expect(last?.agent.slug).toBe('tester');
    expect(last?.contextText).toContain('Of the guard.');
    expect(last?.contextText).toContain(GOAL);
  });

  test('leave one row of history for each unit, with the quality of the whole', async () => {
    const harness = threeAgents();
    const { outputs } = await harness.execute({ goal: GOAL });
    const quality = outputs?.['quality'] as { score: number } | undefined;
    const score = quality?.score;
    expect(score).toBeGreaterThan(0.5);
    expect(
      [...harness.rows.values()].map(({ agent, need, status, quality }) => [
        agent,
        need,
        status,
        quality,
      ]),
    ).toEqual([
      ['guard', 'security_scan', 'completed', score],
      ['writer', 'documentation', 'completed', score],
      ['tester', 'test_generation', 'completed', score],
    ]);
    expect(harness.outcomes).toMatchObject([
      { outcome: 'complete', unitsTotal: 3, unitsFailed: 0 },
    ]);
  });
});

describe('who does it', () => {
  test('is told for every unit, with the reason and the other candidates', async () => {
    const ended = await threeAgents().execute({ goal: 'Scan for secrets' });
    const decisions = eventsOf(ended, 'decision.made').map(({ data }) => data);
    expect(decisions).toMatchObject([
      { decision: 'goal_split', chosen: ['security_scan'] },
      {
        decision: 'agent_selected',
        subject: 'security_scan',
        chosen: ['guard'],
        reason: expect.stringContaining('has the capability security_scan'),
        candidates: [{ name: 'guard' }],
      },
      { decision: 'refinement', chosen: [] },
    ]);
  });

  test('nobody: the task fails, naming what is needed and who comes nearest', async () => {
    const { error, trail, outputs } = await threeAgents().execute({ goal: 'Find slow queries' });
    expect(outputs).toBeNull();
    expect(error).toMatchObject({
      code: 'tasks.agents.none_suitable',
      message: expect.stringMatching(/"bottleneck_analysis".*Nearest: guard.*Activate or create/s),
    });
    expect(trail).toContain('step.failed agent_selection');
    expect(trail.filter((line) => line.includes('execution'))).toEqual([]);
  });

  test('agents that the task names do what nobody else is asked for', async () => {
    const harness = threeAgents();
    const { outputs } = await harness.execute({ goal: 'Write a poem', agents: ['writer'] });
    expect(outputs).toMatchObject({ agents_used: ['writer'] });
  });
});

describe('failures', () => {
  test('of some units make the outcome partial, what builds on them is left out, and all is named', async () => {
    const harness = threeAgents({ guard: fails });
    const { outputs, trail } = await harness.execute({ goal: GOAL });
    expect(outputs).toMatchObject({
      status: 'partial',
      failed_units: ['security_scan', 'test_generation'],
    });
    expect(outputs?.['response']).toMatch(/## Not done[\s\S]*agents\.model\.down happened/);
    expect(outputs?.['response']).toContain('partial, 2 of 3 parts were not done');
    expect(trail).toContain('step.failed execution#security_scan');
    expect(trail).toContain('step.skipped execution#test_generation');
    expect([...harness.rows.values()].map(({ agent, status }) => [agent, status])).toEqual([
      ['guard', 'failed'],
      ['writer', 'completed'],
    ]);
  });

  test('a part that nobody suits is failed and named, beside those that are done', async () => {
    const { outputs } = await threeAgents().execute({
      goal: 'Scan for secrets and find slow queries',
    });
    expect(outputs).toMatchObject({ status: 'partial', failed_units: ['bottleneck_analysis'] });
  });

  test('of all units fail the task, and still count in the history of their agents', async () => {
    const harness = threeAgents({ guard: fails, writer: fails });
    const { error, trail } = await harness.execute({ goal: 'Scan for secrets and check the docs' });
    expect(error).toMatchObject({
      code: 'tasks.agents.all_failed',
      message: expect.stringContaining('agents.model.down happened'),
    });
    expect(trail).toContain('step.failed execution');
    expect(trail.filter((line) => line.endsWith(' aggregation'))).toEqual([]);
    expect([...harness.rows.values()].map(({ status }) => status)).toEqual(['failed', 'failed']);
  });
});

describe('a result that is not good enough', () => {
  const poor = async () => ({ text: 'TODO', offline: false });

  function once(first: () => Promise<object>): Harness {
    let calls = 0;
    return createHarness({
      agents: {
        guard: {
          capabilities: ['security_scan'],
          script: () => {
            calls += 1;
            return calls === 1 ? first() : good();
          },
        },
      },
    });
  }

  test('goes back with its faults in the prompt, as another attempt of stages 2 to 7', async () => {
    const harness = once(poor);
    const ended = await harness.execute({ goal: 'Scan for secrets', quality_threshold: 0.85 });
    expect(ended.error).toBeNull();
    expect(ended.outputs).toMatchObject({ attempts: 2, refinements: [{ attempt: 1 }] });
    const [, second] = harness.turns;
    expect(second?.attempt).toBe(2);
    expect(second?.prompt).toMatch(/was not good enough[\s\S]*- /);
    const attempts = eventsOf(ended, 'step.started')
      .filter(({ stepId }) => !stepId?.includes('#'))
      .map(({ stepId, data }) => `${stepId} ${(data as { attempt: number }).attempt}`);
    expect(attempts).toEqual([
      'decomposition 1',
      ...[1, 2].flatMap((attempt) => TASK_STAGES.slice(1, 7).map((stage) => `${stage} ${attempt}`)),
      'memory_storage 1',
      'response 1',
    ]);
  });

  test('goes back at most as often as asked for, then fails at its threshold and keeps what there is', async () => {
    const harness = createHarness({
      agents: { guard: { capabilities: ['security_scan'], script: poor } },
    });
    const { error } = await harness.execute({
      goal: 'Scan for secrets',
      quality_threshold: 0.95,
      max_refinements: 2,
    });
    expect(harness.turns).toHaveLength(3);
    expect(error).toMatchObject({
      code: 'tasks.quality.below_threshold',
      details: { outputs: { response: expect.stringContaining('Summary') } },
    });
  });

  test('does not go back when the budget does not have another attempt', async () => {
    const harness = createHarness({
      agents: { guard: { capabilities: ['security_scan'], script: poor } },
    });
    const ended = await harness.execute({
      goal: 'Scan for secrets',
      quality_threshold: 0.95,
      budget: { max_tokens: 20 },
    });
    expect(harness.turns).toHaveLength(1);
    const [decision] = eventsOf(ended, 'decision.made').slice(-1);
    expect(decision?.data).toMatchObject({
      reason: expect.stringContaining('the budget leaves 5 tokens of the 15'),
    });
  });

  test('gives what failed to somebody else who suits', async () => {
    const harness = createHarness({
      agents: {
        guard: { capabilities: ['security_scan'], script: fails },
        second: { capabilities: ['security_scan'], script: good },
        writer: { capabilities: ['documentation'], script: good },
      },
    });
    const { outputs } = await harness.execute({ goal: 'Scan for secrets and check the docs' });
    expect(outputs).toMatchObject({ status: 'complete', attempts: 2 });
    expect(
      harness.turns.map(({ agent, attempt }) => `${agent.slug} ${attempt}`).toSorted(),
    ).toEqual(['guard 1', 'second 2', 'writer 1']);
  });
});

test('findings of several agents are merged, and what they do not agree on is named', async () => {
  const harness = threeAgents({
    guard: async () => ({
      text: GOOD,
      findings: [finding(), finding({ message: 'other', location: { path: 'b.ts', line: 2 } })],
    }),
    writer: async () => ({ text: GOOD, findings: [finding({ severity: 'high' })] }),
  });
  const { outputs } = await harness.execute({ goal: 'Scan for secrets and check the docs' });
  expect(outputs).toMatchObject({ findings_merged: 2, findings_total: 3 });
  expect(outputs?.['evidence']).toMatchObject([
    { severity: 'high', agents: ['guard', 'writer'] },
    { message: 'other', agents: ['guard'] },
  ]);
  expect(outputs?.['conflicts']).toMatchObject([
    {
      subject: 'How severe area.name at a.ts:1 is',
      positions: [{ says: 'medium' }, { says: 'high' }],
    },
  ]);
});

describe('wherever the process dies', () => {
  const cases: Record<string, () => { harness: Harness; task: Parameters<Harness['execute']>[0] }> =
    {
      'a plain task': () => ({ harness: threeAgents(), task: { goal: GOAL } }),
      'a task with failures and a second attempt': () => ({
        harness: createHarness({
          agents: {
            guard: { capabilities: ['security_scan'], script: fails },
            second: { capabilities: ['security_scan'], script: good },
            writer: { capabilities: ['documentation'], script: good },
          },
        }),
        task: { goal: 'Scan for secrets, then check the docs', budget: { max_tokens: 10_000 } },
      }),
    };

  test.each(Object.entries(cases))(
    '%s ends the same, and no finished call is made again',
    async (_name, make) => {
      const { harness, task } = make();
      const whole = await harness.execute(task);
      expect(whole.error).toBeNull();
      const total = whole.run.journal.steps.size;
      for (let crashAfterSteps = 1; crashAfterSteps <= total; crashAfterSteps++) {
        const journal = createMemoryJournal();
        const first = await harness.execute(task, { journal, crashAfterSteps });
        const names = [...journal.steps.values()].map(({ name }) => name);
        const second = await harness.execute(task, { journal, runId: first.run.context.runId });
        const where = `crash after ${crashAfterSteps} of ${total}`;
        expect(second.error, where).toBeNull();
        expect(withoutTimes(second.outputs), where).toEqual(withoutTimes(whole.outputs));
        expect(
          second.run.executed.filter((name) => names.includes(name)),
          where,
        ).toEqual([]);
        expect(ends(second.trail), where).toEqual(ends(whole.trail));
      }
    },
  );

  /** All but what a clock says. */
  function withoutTimes(outputs: object | null): unknown {
    return JSON.parse(
      JSON.stringify(outputs, (key, value: unknown) =>
        ['duration_ms', 'response_artifact_id'].includes(key) ? 0 : value,
      ).replaceAll(/Time: [\d.]+ s/g, ''),
    );
  }
});

test('a team that got nothing done fails the task with its reason', async () => {
  const harness = createHarness({
    agents: { guard: { capabilities: ['security_scan'], script: good } },
    pattern: { slug: 'hierarchical', kind: 'hierarchical', settings: {} },
    deps: {
      coordinator: { run: () => Promise.reject(failure('agents.coordination.nothing_done')) },
    },
  });
  const { error } = await harness.execute({ goal: 'Scan for secrets' });
  expect(error).toMatchObject({
    code: 'tasks.agents.all_failed',
    message: expect.stringContaining('nothing_done happened'),
  });
});
