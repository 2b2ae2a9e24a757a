import { describe, expect, it } from 'vitest';
import { createMemoryJournal } from '@automatos/testing';
import { systemClock } from '@automatos/kernel';
import type { Clock, PlatformError } from '@automatos/kernel';
import { createHarness, eventsOf, failure, hang } from './test-harness.fixture.ts';

const codeOf = (error: unknown) => (error as PlatformError | null)?.code ?? null;

describe('order of steps', () => {
  it('runs a recipe without depends_on in the order written, handing results on', async () => {
    const harness = createHarness(
      `
inputs: { type: object, properties: { n: { type: integer } }, required: [n] }
steps:
  - { step_id: one, type: tool, tool: add, input: { n: "{{inputs.n}}" } }
  - { step_id: two, type: tool, tool: add, input: { n: "{{previous.output.n}}" } }
  - { step_id: three, type: tool, tool: add, input: { n: "{{steps.one.output.n}}", text: "n={{steps.two.output.n}}" } }
outputs: { last: "{{steps.three.output}}", text: "got {{steps.three.summary}}" }
`,
      {
        tools: {
          add: async ({ input }) => ({ output: { n: Number((input as { n: number }).n) + 1 } }),
        },
      },
    );
    const outcome = await harness.execute({ inputs: { n: 5 } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ last: { n: 7 }, text: 'got done' });
    expect(harness.calls.map((call) => call.input)).toEqual([
      { n: 5 },
      { n: 6 },
      { n: 6, text: 'n=7' },
    ]);
    expect(outcome.trail).toEqual([
      ...['one', 'two', 'three'].flatMap((id) => [
        `step.started ${id}`,
        `tool.started ${id}`,
        `tool.completed ${id}`,
        `step.completed ${id}`,
      ]),
      'quality.scored',
    ]);
  });

  it('starts what depends on nothing at once and a step after all it names', async () => {
    const order: string[] = [];
    const tool = async ({ input }: { input: unknown }) => {
      order.push(String((input as { id: string }).id));
      return {};
    };
    const harness = createHarness(
      `
steps:
  - { step_id: last, type: tool, tool: t, input: { id: last }, depends_on: [left, right] }
  - { step_id: left, type: tool, tool: t, input: { id: left }, depends_on: [root] }
  - { step_id: right, type: tool, tool: t, input: { id: right }, depends_on: [root] }
  - { step_id: root, type: tool, tool: t, input: { id: root } }
`,
      { tools: { t: tool } },
    );
    const { error } = await harness.execute();
    expect(error).toBeNull();
    expect(order[0]).toBe('root');
    expect(order[3]).toBe('last');
    expect(order.slice(1, 3).toSorted()).toEqual(['left', 'right']);
  });

  it('runs a group side by side, never more than parallel_limit at once', async () => {
    let running = 0;
    let most = 0;
    const tool = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return { output: { ok: true } };
    };
    const children = Array.from(
      { length: 6 },
      (_, n) => `      - { step_id: c${n}, type: tool, tool: t }`,
    );
    const harness = createHarness(
      `
execution: { parallel_limit: 3 }
steps:
  - step_id: group
    type: parallel
    steps:
${children.join('\n')}
outputs: { all: "{{steps.group}}", one: "{{steps.c4.output.ok}}" }
`,
      { tools: { t: tool } },
    );
    const { outputs, error } = await harness.execute();
    expect(error).toBeNull();
    expect(most).toBe(3);
    expect(Object.keys((outputs as { all: object }).all)).toEqual([
      'c0',
      'c1',
      'c2',
      'c3',
      'c4',
      'c5',
    ]);
    expect(outputs?.['one']).toBe(true);
  });
});

describe('run.findings', () => {
  it('holds those of the steps that surely ended before, in the order written', async () => {
    const found = (rule: string) => ({
      findings: [{ rule, severity: 'low' as const, message: rule, evidence: rule, tool: 't' }],
    });
    const harness = createHarness(
      `
steps:
  - { step_id: late, type: tool, tool: t, input: { id: late }, depends_on: [root] }
  - { step_id: root, type: tool, tool: t, input: { id: root } }
  - { step_id: beside, type: tool, tool: t, input: { id: beside } }
  - { step_id: see, type: tool, tool: t, input: { id: see, rules: "{{run.findings | map: 'rule' | join}}" }, depends_on: [late] }
outputs: { all: "{{run.findings | map: 'rule' | join}}" }
`,
      { tools: { t: async ({ input }) => found((input as { id: string }).id) } },
    );
    const { outputs } = await harness.execute();
    const see = harness.calls.find((call) => (call.input as { id: string }).id === 'see');
    expect(see?.input).toMatchObject({ rules: 'late, root' });
    expect(outputs).toEqual({ all: 'late, root, beside, see' });
  });
});

describe('failures', () => {
  const failing = {
    tools: {
      bad: async () => Promise.reject(failure('x.y.z', false)),
      good: async () => ({ output: 1 }),
    },
  };

  it('a failed step fails the run, names itself and skips the rest', async () => {
    const outcome = await createHarness(
      `
steps:
  - { step_id: a, type: tool, tool: bad }
  - { step_id: b, type: tool, tool: good }
`,
      failing,
    ).execute();
    expect(codeOf(outcome.error)).toBe('x.y.z');
    expect((outcome.error as Error).message).toContain('Step "a"');
    expect(outcome.trail.slice(-2)).toEqual(['step.failed a', 'step.skipped b']);
  });

  it('skip marks the step failed and goes on', async () => {
    const outcome = await createHarness(
      `
steps:
  - { step_id: a, type: tool, tool: bad, on_error: skip }
  - { step_id: b, type: tool, tool: good, input: { a: "{{steps.a.summary | default: 'none'}}" } }
outputs: { b: "{{steps.b.output}}" }
`,
      failing,
    ).execute();
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ b: 1 });
    expect(outcome.trail).toContain('step.failed a');
  });

  it('in a graph, what depends on a skipped step is skipped with it', async () => {
    const outcome = await createHarness(
      `
steps:
  - { step_id: a, type: tool, tool: bad, on_error: skip }
  - { step_id: b, type: tool, tool: good, depends_on: [a] }
  - { step_id: c, type: tool, tool: good, depends_on: [b] }
  - { step_id: d, type: tool, tool: good }
`,
      failing,
    ).execute();
    expect(outcome.error).toBeNull();
    expect(outcome.trail).toContain('step.skipped b');
    expect(outcome.trail).toContain('step.skipped c');
    expect(outcome.trail).toContain('step.completed d');
  });

  it('continue_with puts the fallback in its place', async () => {
    const outcome = await createHarness(
      `
steps:
  - { step_id: a, type: tool, tool: bad, on_error: continue_with, fallback: { output: 42 } }
outputs: { a: "{{steps.a.output}}" }
`,
      failing,
    ).execute();
    expect(outcome.outputs).toEqual({ a: 42 });
    expect(outcome.trail).toContain('step.failed a');
  });

  it('a step that fails in a group aborts those beside it and fails the run', async () => {
    const outcome = await createHarness(
      `
steps:
  - step_id: g
    type: parallel
    steps:
      - { step_id: slow, type: tool, tool: slow }
      - { step_id: bad, type: tool, tool: bad }
  - { step_id: after, type: tool, tool: good }
`,
      { tools: { ...failing.tools, slow: ({ signal }) => hang(signal) } },
    ).execute();
    expect(codeOf(outcome.error)).toBe('x.y.z');
    const failed = eventsOf(outcome, 'step.failed').map((event) => [
      event.stepId,
      (event.data as { error: { code: string } }).error.code,
    ]);
    expect(failed).toContainEqual(['slow', 'recipes.step.aborted']);
    expect(failed).toContainEqual(['bad', 'x.y.z']);
    expect(outcome.trail).toContain('step.skipped after');
  });

  it("a tool outcome that is no success fails the step with the tool's own code", async () => {
    const outcome = await createHarness(`steps: [{ step_id: a, type: tool, tool: denied }]`, {
      tools: {
        denied: async () => ({
          status: 'denied',
          summary: 'no',
          error: {
            code: 'tools.tool.not_granted',
            kind: 'forbidden',
            message: 'no',
            retryable: false,
          },
        }),
      },
    }).execute();
    expect(codeOf(outcome.error)).toBe('tools.tool.not_granted');
    expect(outcome.trail).toContain('tool.failed a');
  });

  it('an agent at its limit fails the step and keeps what there was', async () => {
    const outcome = await createHarness(`steps: [{ step_id: a, agent: s, prompt_template: hi }]`, {
      agents: { s: async () => ({ status: 'limit_reached', limit: 'tool_calls', text: 'half' }) },
    }).execute();
    expect(codeOf(outcome.error)).toBe('recipes.step.limit_reached');
    const [failed] = eventsOf(outcome, 'step.failed');
    expect(failed?.attachment?.output).toMatchObject({ text: 'half' });
  });

  it('an output that misses the schema fails the step', async () => {
    const outcome = await createHarness(
      `
steps:
  - step_id: a
    type: tool
    tool: good
    output_schema: { type: object, required: [n] }
`,
      { tools: { good: async () => ({ output: { m: 1 } }) } },
    ).execute();
    expect(codeOf(outcome.error)).toBe('recipes.step.output_invalid');
    expect((outcome.error as PlatformError).errors).toEqual([
      { pointer: '/n', message: 'is required' },
    ]);
  });
});

describe('retries', () => {
  const flaky =
    (until: number) =>
    async ({ attempt }: { attempt: number }) => {
      if (attempt < until) throw failure('flaky.call.failed', true);
      return { output: attempt };
    };

  it('repeats a retryable failure with growing waits and counts every attempt', async () => {
    const outcome = await createHarness(
      `
steps:
  - { step_id: a, type: tool, tool: t, retry: { max_attempts: 4, delay_ms: 100, factor: 3, delay_ms_max: 250 } }
outputs: { a: "{{steps.a.output}}" }
`,
      { tools: { t: flaky(4) } },
    ).execute();
    expect(outcome.outputs).toEqual({ a: 4 });
    expect(eventsOf(outcome, 'step.retrying').map((event) => event.data)).toMatchObject([
      { attempt: 1, delay_ms: 100 },
      { attempt: 2, delay_ms: 250 },
      { attempt: 3, delay_ms: 250 },
    ]);
    expect(eventsOf(outcome, 'step.started')).toHaveLength(4);
  });

  it('uses execution.max_retries and retry_delay_ms when the step names none', async () => {
    const harness = createHarness(
      `
execution: { max_retries: 1, retry_delay_ms: 7 }
steps: [{ step_id: a, type: tool, tool: t }]
`,
      { tools: { t: flaky(3) } },
    );
    const outcome = await harness.execute();
    expect(codeOf(outcome.error)).toBe('flaky.call.failed');
    expect(harness.calls).toHaveLength(2);
    expect(eventsOf(outcome, 'step.retrying')[0]?.data).toMatchObject({ delay_ms: 7 });
  });

  it('never repeats what cannot get better', async () => {
    const harness = createHarness(
      `steps: [{ step_id: a, type: tool, tool: t, retry: { max_attempts: 5 } }]`,
      {
        tools: { t: async () => Promise.reject(failure('bad.input.given', false)) },
      },
    );
    await harness.execute();
    expect(harness.calls).toHaveLength(1);
  });
});

describe('time limits', () => {
  it('timeout_ms ends a call that hangs', async () => {
    const outcome = await createHarness(
      `steps: [{ step_id: a, type: tool, tool: t, timeout_ms: 20 }]`,
      { tools: { t: () => new Promise(() => {}) } },
    ).execute();
    expect(codeOf(outcome.error)).toBe('recipes.step.timeout');
  });

  it('timeout_per_step_ms holds for steps without their own', async () => {
    const outcome = await createHarness(
      `
execution: { timeout_per_step_ms: 20 }
steps: [{ step_id: a, agent: s, prompt_template: hi }]
`,
      { agents: { s: ({ signal }) => hang(signal) } },
    ).execute();
    expect(codeOf(outcome.error)).toBe('recipes.step.timeout');
  });

  it('total_timeout_ms ends the run, whatever on_error and retry say', async () => {
    const outcome = await createHarness(
      `
execution: { total_timeout_ms: 30, max_retries: 3 }
steps:
  - { step_id: a, type: tool, tool: t, on_error: skip }
  - { step_id: b, type: tool, tool: t }
`,
      { tools: { t: ({ signal }) => hang(signal) } },
    ).execute();
    expect(codeOf(outcome.error)).toBe('recipes.run.timeout');
    expect(outcome.trail).toContain('step.skipped b');
  });

  it('the total counts from the recorded start, also after a crash', async () => {
    const journal = createMemoryJournal();
    const yaml = `
execution: { total_timeout_ms: 60000 }
steps:
  - { step_id: a, type: tool, tool: t }
  - { step_id: b, type: tool, tool: t }
`;
    const tools = { t: async () => ({ output: 1 }) };
    await createHarness(yaml, { tools }).execute({ journal, crashAfterSteps: 2 });
    // The process was down for longer than the limit.
    const later: Clock = { ...systemClock, now: () => Date.now() + 70_000 };
    const outcome = await createHarness(yaml, { tools }, later).execute({ journal });
    expect(codeOf(outcome.error)).toBe('recipes.run.timeout');
    expect(outcome.trail).toContain('step.completed a');
  });

  it("a group's timeout_ms ends all its steps", async () => {
    const outcome = await createHarness(
      `
steps:
  - step_id: g
    type: parallel
    timeout_ms: 20
    on_error: skip
    steps:
      - { step_id: x, type: tool, tool: t, on_error: skip, retry: { max_attempts: 3, delay_ms: 0 } }
      - { step_id: y, type: tool, tool: t }
  - { step_id: z, type: tool, tool: good }
`,
      { tools: { t: ({ signal }) => hang(signal), good: async () => ({}) } },
    ).execute();
    expect(outcome.error).toBeNull();
    expect(outcome.trail).toContain('step.completed z');
    expect(
      eventsOf(outcome, 'step.failed').find(({ stepId }) => stepId === 'g')?.data,
    ).toMatchObject({
      error: { code: 'recipes.step.timeout' },
    });
  });
});

describe('what a step used', () => {
  it('is summed over all attempts, the failed ones included', async () => {
    const outcome = await createHarness(
      `
steps:
  - step_id: a
    agent: s
    prompt_template: hi
    retry: { max_attempts: 2, delay_ms: 0 }
    output_schema: { type: object, required: [ok] }
`,
      { agents: { s: async ({ attempt }) => ({ object: attempt === 1 ? {} : { ok: true } }) } },
    ).execute();
    expect(outcome.error).toBeNull();
    expect(eventsOf(outcome, 'step.completed')[0]?.data).toMatchObject({
      usage: { model_calls: 2, input_tokens: 20, output_tokens: 10, cost_micros: 14 },
    });
  });
});

describe('documents', () => {
  it('are kept whole; HTML is made safe', async () => {
    const outcome = await createHarness(
      `
inputs: { type: object, properties: { evil: { type: string } } }
steps:
  - step_id: page
    type: document
    format: html
    title: "<b> {{inputs.evil | default: ''}}"
    template: "# Head\\n\\n{{inputs.evil | default: ''}}\\n\\n| a |\\n| - |\\n| 1 |\\n\\n[x](javascript:alert(1)) ![c](data:image/svg+xml;base64,QQ==)"
outputs: { page: "{{steps.page}}" }
`,
    ).execute({ inputs: { evil: '<script>alert(1)</script><img src=x onerror=alert(1)>' } });
    expect(outcome.error).toBeNull();
    const page = (outcome.outputs as { page: { content: string; artifact_id: string } }).page;
    expect(outcome.run.journal.artifacts.get('page')).toEqual({
      id: page.artifact_id,
      content: page.content,
    });
    expect(page.content).toContain('<td>1</td>');
    expect(page.content).toContain('src="data:image/svg+xml;base64,QQ=="');
    expect(page.content).not.toMatch(/<script|<img src=x|javascript:|<b>/);
  });
});

describe('cancel', () => {
  it('reaches the tool that is under way', async () => {
    const controller = new AbortController();
    const harness = createHarness(`steps: [{ step_id: a, type: tool, tool: t }]`, {
      tools: {
        t: ({ signal }) => {
          queueMicrotask(() => controller.abort(failure('run.was.cancelled', false)));
          return hang(signal);
        },
      },
    });
    const outcome = await harness.execute({ signal: controller.signal });
    expect(codeOf(outcome.error)).toBe('run.was.cancelled');
  });
});

describe('crash and replay', () => {
  const yaml = `
steps:
  - step_id: g
    type: parallel
    steps:
      - { step_id: x, type: tool, tool: t, input: { id: x } }
      - { step_id: y, agent: s, prompt_template: "do {{run.id}}" }
  - { step_id: z, type: tool, tool: flaky, input: { id: z }, retry: { max_attempts: 3, delay_ms: 1 } }
  - { step_id: doc, type: document, title: Report, template: "{{steps.x.summary}} {{steps.y.text}} {{run.started_at | date}}" }
outputs: { doc: "{{steps.doc.content}}" }
`;
  const scripts = {
    tools: {
      t: async () => ({ output: 1, summary: 'tool' }),
      flaky: async ({ attempt }: { attempt: number }) => {
        if (attempt < 2) throw failure('flaky.call.failed', true);
        return { output: 2 };
      },
    },
    agents: { s: async () => ({ text: 'agent' }) },
  };

  it('gives the same result wherever it dies, and repeats no finished call', async () => {
    const whole = await createHarness(yaml, scripts).execute();
    expect(whole.error).toBeNull();
    const total = whole.run.journal.steps.size;
    expect(total).toBeGreaterThanOrEqual(7);
    for (let crashAfterSteps = 1; crashAfterSteps < total; crashAfterSteps++) {
      const journal = createMemoryJournal();
      const first = await createHarness(yaml, scripts).execute({ journal, crashAfterSteps });
      const recorded = [...journal.steps.values()].map(({ name }) => name);
      const second = await createHarness(yaml, scripts).execute({
        journal,
        runId: first.run.context.runId,
      });
      expect(second.error, `crash after ${crashAfterSteps}`).toBeNull();
      expect(second.run.executed.filter((name) => recorded.includes(name))).toEqual([]);
      expect(second.trail.toSorted()).toEqual(
        expect.arrayContaining(
          whole.trail.filter((line) => !line.startsWith('tool.started')).toSorted(),
        ),
      );
    }
  });
});
