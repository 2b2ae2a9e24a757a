import type { PlatformError } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, failure } from '../test-harness.fixture.ts';
import type { Outcome, Script } from '../test-harness.fixture.ts';

const codeOf = (outcome: Outcome) => (outcome.error as PlatformError | null)?.code ?? null;
const done: Script = async () => ({ output: 'done' });
const NOW = Date.parse('2026-03-01T10:00:00Z');

describe('an approval step', () => {
  const asking = (settings = '') =>
    createHarness(
      `
inputs: { type: object, properties: { what: { type: string } } }
steps:
  - step_id: ask
    type: approval
    title: "Release {{inputs.what}}"
    message: "Ship {{inputs.what}}?"
    approvers: { roles: [admin] }
    timeout_ms: 5000
    fields: { type: object, properties: { when: { type: string } } }
    ${settings}
outputs: { ask: "{{steps.ask}}", main: "{ask}" }
`,
    );

  it('asks with everything it has and gives the decision', async () => {
    const asked: unknown[] = [];
    const outcome = await asking().execute({
      inputs: { what: 'v2' },
      decide: (request) => {
        asked.push(request);
        return { decision: 'approved', by: 'ada', comment: 'go', values: { when: 'now' } };
      },
    });
    expect(asked).toEqual([
      {
        key: 'ask',
        stepId: 'ask',
        title: 'Release v2',
        message: 'Ship v2?',
        fields: { type: 'object', properties: { when: { type: 'string' } } },
        approvers: { roles: ['admin'], users: [] },
        timeoutMs: 5000,
      },
    ]);
    expect(outcome.outputs).toMatchObject({
      main: 'approved',
      ask: { decision: 'approved', by: 'ada', comment: 'go', values: { when: 'now' } },
    });
  });

  it.each([
    ['', 'rejected', { code: 'recipes.approval.rejected' }],
    ['on_reject: continue', 'rejected', { code: null, main: 'rejected' }],
    ['on_timeout: fail', 'timed_out', { code: 'recipes.approval.timed_out' }],
    ['on_timeout: approve', 'timed_out', { code: null, main: 'approved' }],
    ['on_timeout: reject', 'timed_out', { code: 'recipes.approval.rejected' }],
  ] as const)('with "%s", %s ends as told', async (settings, decision, end) => {
    const outcome = await asking(settings).execute({
      inputs: { what: 'it' },
      decide: () => ({ decision, comment: 'because' }),
    });
    expect({ code: codeOf(outcome), main: outcome.outputs?.['main'] }).toEqual({
      main: undefined,
      ...end,
    });
  });
});

describe('an approval before a step', () => {
  const gated = (settings = '') =>
    createHarness(
      `
inputs: { type: object, properties: { list: { type: array } } }
steps:
  - { step_id: ship, type: tool, tool: ship, for_each: "{{inputs.list}}", approval: { message: "{{inputs.list | length}} of them?" }${settings} }
  - { step_id: after, type: tool, tool: ship }
`,
      { tools: { ship: done } },
    );

  it('is asked once, before the step starts', async () => {
    const asked: string[] = [];
    const harness = gated();
    const outcome = await harness.execute({
      inputs: { list: [1, 2] },
      decide: ({ key, message }) => {
        asked.push(`${key}: ${message}`);
        expect(harness.calls).toEqual([]);
        return {};
      },
    });
    expect(outcome.error).toBeNull();
    expect(asked).toEqual(['gate:ship: 2 of them?']);
    expect(harness.calls).toHaveLength(3);
  });

  it('rejected fails the step, and on_error decides what follows', async () => {
    const decide = () => ({ decision: 'rejected' as const, by: 'eve' });
    const stopped = await gated().execute({ inputs: { list: [1] }, decide });
    expect(codeOf(stopped)).toBe('recipes.approval.rejected');
    expect(stopped.trail).not.toContain('step.started ship');
    const gone = gated(', on_error: skip');
    expect((await gone.execute({ inputs: { list: [1] }, decide })).error).toBeNull();
    expect(gone.calls).toHaveLength(1);
  });
});

describe('a wait', () => {
  it('for some time sleeps so long, and tells how long it was', async () => {
    let nowMs = NOW;
    const slept: unknown[] = [];
    const outcome = await createHarness(
      `
steps: [{ step_id: w, type: wait, for_ms: 90000 }]
outputs: { w: "{{steps.w}}" }
`,
    ).execute({
      now: () => (nowMs += 1000),
      onSleep: (name, ms) => slept.push([name, ms]),
    });
    expect(slept).toEqual([['wait:w', 90_000]]);
    expect(outcome.outputs).toEqual({ w: { waited_ms: 1000, event: null, timed_out: false } });
  });

  it('until a time sleeps what is left, and not at all when it has passed', async () => {
    const slept: unknown[] = [];
    const until = (time: string) =>
      createHarness(
        `
inputs: { type: object, properties: { time: { type: string } } }
steps: [{ step_id: w, type: wait, until: "{{inputs.time}}" }]
`,
      ).execute({ inputs: { time }, now: () => NOW, onSleep: (_name, ms) => slept.push(ms) });
    expect((await until('2026-03-01T12:00:30+02:00')).error).toBeNull();
    expect((await until('2026-03-01T09:00:00Z')).error).toBeNull();
    expect(slept).toEqual([30_000]);
    expect(codeOf(await until('tomorrow'))).toBe('recipes.wait.time_invalid');
  });

  it('for an event gives its payload', async () => {
    const outcome = await createHarness(
      `
steps: [{ step_id: w, type: wait, event: "paid-{{run.id}}" }]
outputs: { sum: "{{steps.w.event.sum}}" }
`,
    ).execute({
      signalled: ({ name }) => (name.startsWith('paid-') ? { payload: { sum: 7 } } : null),
    });
    expect(outcome.outputs).toEqual({ sum: 7 });
  });

  it.each([
    ['', { code: 'recipes.wait.timed_out', outputs: null }],
    ['on_timeout: continue', { code: null, outputs: { late: true } }],
  ])('for an event that never comes (%s)', async (settings, end) => {
    const outcome = await createHarness(
      `
steps:
  - step_id: w
    type: wait
    event: paid
    timeout_ms: 100
    ${settings}
outputs: { late: "{{steps.w.timed_out}}" }
`,
    ).execute();
    expect({ code: codeOf(outcome), outputs: outcome.outputs }).toEqual(end);
  });
});

describe('time that a run waits', () => {
  it('counts neither to total_timeout_ms nor to the time of containers, also after a crash', async () => {
    let nowMs = NOW;
    const clock = { now: () => nowMs, sleep: () => new Promise<void>(() => {}) };
    const yaml = `
execution: { total_timeout_ms: 60000, timeout_per_step_ms: 60000 }
steps:
  - step_id: g
    type: parallel
    timeout_ms: 50000
    steps:
      - { step_id: ask, type: approval, message: go? }
  - { step_id: after, type: tool, tool: t }
`;
    const tools = { t: done };
    const first = await createHarness(yaml, { tools }, clock).execute({
      now: () => nowMs,
      decide: () => {
        nowMs += 3 * 86_400_000;
        return {};
      },
    });
    expect(first.error).toBeNull();
    const { journal } = first.run;
    // Everything after the approval is lost.
    const kept = [...journal.steps].filter(([, { name }]) => !/^(tool|quality)/.test(name));
    const again = await createHarness(yaml, { tools }, clock).execute({
      journal: { ...journal, steps: new Map(kept) },
      now: () => nowMs,
    });
    expect(again.error).toBeNull();
    expect(again.run.executed).toEqual(['tool:after/1/0/0', 'quality:run/1']);
  });

  it('still counts what works: the limit ends the run after the wait', async () => {
    let nowMs = NOW;
    const clock = { now: () => nowMs, sleep: () => new Promise<void>(() => {}) };
    const outcome = await createHarness(
      `
execution: { total_timeout_ms: 1000 }
steps:
  - { step_id: ask, type: approval, message: go? }
  - { step_id: one, type: tool, tool: t }
  - { step_id: two, type: tool, tool: t }
`,
      {
        tools: {
          t: async () => {
            nowMs += 1001;
            return {};
          },
        },
      },
      clock,
    ).execute({
      now: () => nowMs,
      decide: () => {
        nowMs += 5000;
        return {};
      },
    });
    expect(codeOf(outcome)).toBe('recipes.run.timeout');
    expect(outcome.trail).toContain('step.completed one');
  });
});

describe('a failure elsewhere', () => {
  it('ends a wait beside it', async () => {
    const outcome = await createHarness(
      `
steps:
  - step_id: g
    type: parallel
    steps:
      - { step_id: ask, type: approval, message: go? }
      - { step_id: bad, type: tool, tool: bad }
`,
      { tools: { bad: async () => Promise.reject(failure('x.y.z', false)) } },
    ).execute();
    expect(codeOf(outcome)).toBe('x.y.z');
    expect(
      eventsOf(outcome, 'step.failed').find(({ stepId }) => stepId === 'ask')?.data,
    ).toMatchObject({ error: { code: 'recipes.step.aborted' } });
  });
});
