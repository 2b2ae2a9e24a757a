import type { EventData, QualityReport } from '@automatos/contracts';
import type { JsonValue, PlatformError } from '@automatos/kernel';
import { createMemoryJournal } from '@automatos/testing';
import { describe, expect, it } from 'vitest';
import type { QualityScorer, StepQualityInput } from '../quality/types.ts';
import { agentNamed, createHarness, eventsOf, failure } from './test-harness.fixture.ts';
import type { Outcome, Script } from './test-harness.fixture.ts';

const codeOf = (outcome: Outcome) => (outcome.error as PlatformError | null)?.code ?? null;
const echo: Script = async ({ input }) => ({ output: input });
const tools = { echo };

describe('when', () => {
  const harness = (mode: string) =>
    createHarness(
      `
inputs: { type: object, properties: { quick: { type: boolean } } }
execution: { mode: ${mode} }
steps:
  - { step_id: deep, type: tool, tool: echo, input: { did: deep }, when: "not {{inputs.quick}}", approval: { message: sure? } }
  - { step_id: after, type: tool, tool: echo${mode === 'auto' ? ', depends_on: [deep]' : ''} }
outputs: { did: "{{steps.deep.output.did | default: 'nothing'}}" }
`,
      { tools },
    );

  it('skips the step, without asking for its approval', async () => {
    const asked: string[] = [];
    const outcome = await harness('sequential').execute({
      inputs: { quick: true },
      decide: ({ key }) => {
        asked.push(key);
        return {};
      },
    });
    expect(outcome.outputs).toEqual({ did: 'nothing' });
    expect(asked).toEqual([]);
    expect(eventsOf(outcome, 'step.skipped')[0]?.data).toEqual({
      reason: 'Its condition is not true: not {{inputs.quick}}',
    });
    expect(outcome.trail).toContain('step.completed after');
    const done = await harness('sequential').execute({
      inputs: { quick: false },
      decide: () => ({}),
    });
    expect(done.outputs).toEqual({ did: 'deep' });
  });

  it('in a graph, lets what depends on the step go on: it has ended', async () => {
    const outcome = await harness('auto').execute({ inputs: { quick: true } });
    expect(outcome.error).toBeNull();
    expect(outcome.trail).toContain('step.completed after');
  });

  it('that cannot be read fails the step; what stands inside of it is skipped', async () => {
    const outcome = await createHarness(
      `
inputs: { type: object, properties: { n: { type: integer } } }
steps:
  - { step_id: g, type: parallel, when: "{{inputs.n}} > 1", on_error: skip, steps: [{ step_id: x, type: tool, tool: echo }] }
`,
      { tools },
    ).execute();
    expect(outcome.error).toBeNull();
    expect(outcome.trail.slice(0, 2)).toEqual(['step.failed g', 'step.skipped x']);
  });
});

describe('execution.mode', () => {
  it('parallel starts all steps at once, sequential one after the other', async () => {
    const together = async (mode: string) => {
      let running = 0;
      let most = 0;
      const counted: Script = async () => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return {};
      };
      const steps = ['a', 'b'].map((id) => `  - { step_id: ${id}, type: tool, tool: counted }`);
      await createHarness(`execution: { mode: ${mode} }\nsteps:\n${steps.join('\n')}\n`, {
        tools: { counted },
      }).execute();
      return most;
    };
    expect(await together('parallel')).toBe(2);
    expect(await together('sequential')).toBe(1);
  });
});

describe('documents', () => {
  it.each(['pdf', 'docx'])('as %s are set from their Markdown, once', async (format) => {
    const made: unknown[] = [];
    const harness = createHarness(
      `
steps: [{ step_id: doc, type: document, format: ${format}, title: "A  b", template: "# {{run.id}}" }]
outputs: { doc: "{{steps.doc}}", content: "{doc}" }
`,
      {
        deps: {
          renderDocument: async (request) => {
            made.push(request);
            return new Uint8Array([1, 2, 3]);
          },
        },
      },
    );
    const journal = createMemoryJournal();
    const outcome = await harness.execute({ journal });
    const { runId } = outcome.run.context;
    expect(made).toEqual([{ format, title: 'A b', markdown: `# ${runId}` }]);
    expect(outcome.outputs).toMatchObject({ doc: { format, title: 'A b' }, content: `# ${runId}` });
    expect(journal.artifacts.get('doc')?.content).toEqual(new Uint8Array([1, 2, 3]));
    await harness.execute({ journal, runId });
    expect(made).toHaveLength(1);
  });
});

describe('budget', () => {
  const asks = { s: async () => ({ text: 'ok' }) };

  it('of the run holds over all steps and names the bound; what was done is told', async () => {
    const outcome = await createHarness(
      `
budget: { max_model_calls: 1 }
steps:
  - { step_id: a, agent: s, prompt_template: hi }
  - { step_id: b, agent: s, prompt_template: hi, retry: { max_attempts: 3, delay_ms: 0 } }
`,
      { agents: asks },
    ).execute();
    expect(codeOf(outcome)).toBe('recipes.budget.exceeded');
    expect((outcome.error as Error).message).toContain('max_model_calls is 1, and 1 are used');
    expect(outcome.trail.filter((line) => line === 'step.started b')).toHaveLength(1);
  });

  it.each([
    ['max_tokens: 10', 'recipes.budget.exceeded'],
    ['max_tokens: 14', 'recipes.budget.exceeded'],
    ['max_tokens: 30', null],
    ['max_cost_micros: 9', 'recipes.budget.exceeded'],
    ['max_cost_micros: 30', null],
  ])('of a step (%s)', async (bound, code) => {
    const outcome = await createHarness(
      `steps: [{ step_id: a, agent: s, prompt_template: hi, budget: { ${bound} } }]`,
      { agents: asks },
    ).execute();
    expect(codeOf(outcome)).toBe(code);
  });

  it('of a container holds over its steps, and tool calls count', async () => {
    const harness = createHarness(
      `
steps:
  - step_id: g
    type: map
    items: "{{inputs.list}}"
    concurrency: 1
    on_item_error: skip
    budget: { max_tool_calls: 2 }
    steps: [{ step_id: t, type: tool, tool: echo }]
  - { step_id: free, type: tool, tool: echo }
inputs: { type: object, properties: { list: { type: array } } }
outputs: { done: "{{steps.g.succeeded}}", why: "{{steps.g.failed | first | json}}" }
`,
      { tools },
    );
    const outcome = await harness.execute({ inputs: { list: [1, 2, 3, 4] } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toMatchObject({ done: 2 });
    expect(JSON.stringify(outcome.outputs)).toContain('recipes.budget.exceeded');
    expect(harness.calls).toHaveLength(3);
  });

  it('C15: a crash forgets nothing that was spent', async () => {
    const yaml = `
budget: { max_model_calls: 2 }
steps:
  - step_id: g
    type: parallel
    steps:
      - { step_id: a, agent: s, prompt_template: hi }
      - { step_id: b, agent: s, prompt_template: hi }
  - { step_id: c, agent: s, prompt_template: hi }
`;
    const journal = createMemoryJournal();
    const first = await createHarness(yaml, { agents: asks }).execute({
      journal,
      crashAfterSteps: 3,
    });
    const harness = createHarness(yaml, { agents: asks });
    const { runId } = first.run.context;
    const outcome = await harness.execute({ journal, runId });
    expect(codeOf(outcome)).toBe('recipes.budget.exceeded');
    // Decided once: the same again from the journal alone.
    const replayed = await harness.execute({ journal, runId });
    expect(codeOf(replayed)).toBe('recipes.budget.exceeded');
    expect(replayed.run.executed).toEqual([]);
  });
});

describe('quality_threshold', () => {
  const report = (score: number, threshold: number | null): QualityReport => ({
    step_id: null,
    output_type: 'report',
    score,
    grade: 'C',
    threshold,
    passed: threshold === null ? null : score >= threshold,
    content: [
      {
        name: 'clarity',
        score,
        weight: 1,
        evidence: [{ check: 'long_sentences', score, detail: 'a sentence has 80 words' }],
      },
    ],
    operational: [],
    operational_score: null,
    judge: 'none',
    scored_at: '2026-01-01T00:00:00.000Z',
  });
  /** Scores a step by the number that its text is, a run by 0.5. */
  const scorer = (seen: StepQualityInput[] = []): QualityScorer => ({
    scoreStep: async (input) => {
      seen.push(input);
      return report(Number(input.content.text), input.threshold);
    },
    scoreRun: async ({ threshold }) => report(0.5, threshold),
  });
  const harness = (repairs: number, scores: string[], seen: StepQualityInput[] = []) =>
    createHarness(
      `
execution: { max_repairs: ${repairs} }
steps: [{ step_id: a, agent: s, prompt_template: Write it, quality_threshold: 0.8 }]
outputs: { text: "{{steps.a.text}}" }
`,
      {
        agents: { s: async ({ attempt }) => ({ text: scores[attempt - 1] ?? '0' }) },
        deps: { quality: scorer(seen) },
      },
    );

  it('repairs a step with what was wrong, at most max_repairs times', async () => {
    const seen: StepQualityInput[] = [];
    const own = harness(2, ['0.3', '0.5', '0.9'], seen);
    const outcome = await own.execute();
    expect(outcome.outputs).toEqual({ text: '0.9' });
    expect(own.turns.map(({ prompt }) => prompt.includes('a sentence has 80 words'))).toEqual([
      false,
      true,
      true,
    ]);
    expect(seen.map(({ request }) => request)).toEqual(['Write it', 'Write it', 'Write it']);
    const scored = eventsOf(outcome, 'quality.scored').filter(({ stepId }) => stepId === 'a');
    expect(scored.map(({ data }) => data as EventData<'quality.scored'>)).toMatchObject([
      { score: 0.3, passed: false, threshold: 0.8, dimensions: { clarity: 0.3 } },
      { score: 0.5, passed: false },
      { score: 0.9, passed: true },
    ]);
    expect(scored[0]?.attachment?.quality).toMatchObject({ score: 0.3 });
  });

  it('fails the step when the repairs do not help', async () => {
    const outcome = await harness(1, ['0.3', '0.5']).execute();
    expect(codeOf(outcome)).toBe('recipes.quality.below_threshold');
    expect(outcome.trail.filter((line) => line === 'step.started a')).toHaveLength(2);
  });

  it('of the run fails it, and its outputs stay readable', async () => {
    const outcome = await createHarness(
      `
quality_threshold: 0.6
steps: [{ step_id: a, type: tool, tool: echo, input: { x: 1 } }]
outputs: { x: "{{steps.a.output.x}}" }
`,
      { tools, deps: { quality: scorer() } },
    ).execute();
    expect(codeOf(outcome)).toBe('recipes.quality.below_threshold');
    expect((outcome.error as PlatformError).details).toEqual({ outputs: { x: 1 } });
    expect(eventsOf(outcome, 'quality.scored')[0]?.attachment?.quality?.passed).toBe(false);
  });

  it('is recorded, and judged by a model when there is one', async () => {
    const journal = createMemoryJournal();
    const judged: string[] = [];
    const agents = { s: async () => ({ text: '0.9' }) };
    const yaml = `steps: [{ step_id: a, agent: s, prompt_template: Write it, quality_threshold: 0.8 }]`;
    const asking: QualityScorer = {
      scoreStep: async ({ judge, threshold }) => {
        judged.push((await judge?.({ prompt: 'Judge.', schema: { type: 'object' } })) ?? 'nobody');
        return report(0.9, threshold);
      },
      scoreRun: scorer().scoreRun,
    };
    const judge: Script = async () => ({ text: 'fine', object: { clarity: 1 } });
    const withJudge = createHarness(yaml, {
      agents: { ...agents, 'quality-judge': judge },
      deps: {
        quality: asking,
        judgeModel: () => Promise.resolve({ provider: 'openai', model: 'm' }),
      },
    });
    const outcome = await withJudge.execute({ journal });
    expect(outcome.error).toBeNull();
    expect(judged).toEqual(['{"clarity":1}']);
    const turn = withJudge.turns.find(({ agent }) => agent.slug === 'quality-judge');
    expect(turn?.agent.model).toMatchObject({ provider: 'openai', model: 'm' });
    const models = eventsOf(outcome, 'llm.completed').map(({ stepId }) => stepId);
    expect(models).toEqual(['a', 'a']);
    const again = await withJudge.execute({ journal, runId: outcome.run.context.runId });
    expect(again.run.executed).toEqual([]);
    expect((await withJudge.execute({ dryRun: true })).error).toBeNull();
    expect(judged.at(-1)).toBe('nobody');
  });
});

describe('a dry run', () => {
  const refuse: Script = async () => ({
    status: 'denied',
    summary: 'no',
    error: {
      code: 'tools.capability.not_allowed',
      kind: 'forbidden',
      message: 'Tool "send" needs "network".',
      retryable: false,
    },
  });

  it('leaves out what would change something, asks nobody, and goes on with the rest', async () => {
    const harness = createHarness(
      `
steps:
  - { step_id: send, type: tool, tool: send, approval: { message: sure? } }
  - { step_id: ask, type: approval, message: go? }
  - { step_id: pause, type: wait, for_ms: 1000 }
  - { step_id: soft, type: tool, tool: echo, input: { sent: "{{steps.send.output | default: 'no'}}" } }
  - { step_id: hard, type: tool, tool: echo, input: { sent: "{{steps.send.output}}" } }
  - { step_id: look, agent: s, prompt_template: hi }
outputs: { soft: "{{steps.soft.output.sent}}", hard: "{{steps.hard.output.sent}}", text: "{{steps.look.text}}" }
`,
      { tools: { ...tools, send: refuse }, agents: { s: async () => ({ text: 'seen' }) } },
    );
    const outcome = await harness.execute({ dryRun: true });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ soft: 'no', hard: null, text: 'seen' });
    const skipped = eventsOf(outcome, 'step.skipped').map(({ stepId, data }) => [
      stepId,
      (data as { reason: string }).reason,
    ]);
    expect(skipped.map(([id]) => id)).toEqual(['send', 'ask', 'pause', 'hard']);
    expect(skipped[0]?.[1]).toContain('needs "network"');
    expect(harness.calls[0]?.allowedCapabilities).toEqual(['read', 'code']);
    expect(harness.turns[0]).toMatchObject({
      allowedCapabilities: ['read', 'code'],
      agent: { model: { provider: 'offline', model: 'offline-1' } },
    });
  });

  it('outside of one, a refused capability is a failure', async () => {
    const outcome = await createHarness(`steps: [{ step_id: send, type: tool, tool: send }]`, {
      tools: { send: refuse },
    }).execute();
    expect(codeOf(outcome)).toBe('tools.capability.not_allowed');
  });
});

describe('code', () => {
  const yaml = `
inputs: { type: object, properties: { name: { type: string } } }
steps:
  - step_id: count
    type: code
    language: javascript
    source: "function main(input) { return '{{inputs.name}}' + input.name; }"
    input: { name: "{{inputs.name}}" }
    output_schema: { type: object, properties: { length: { type: integer } }, required: [length] }
outputs: { length: "{{steps.count.output.length}}", log: "{{steps.count.log}}" }
`;
  const answering =
    (value: JsonValue): Script =>
    async () => ({ output: { value, log: 'said\n' } });

  it('gets its input with references read, and its program as it is written', async () => {
    const harness = createHarness(yaml, { tools: { run_code: answering({ length: 3 }) } });
    const outcome = await harness.execute({ inputs: { name: "'; steal(); '" } });
    expect(outcome.outputs).toEqual({ length: 3, log: 'said\n' });
    expect(harness.calls[0]).toMatchObject({
      tool: 'run_code',
      input: {
        language: 'javascript',
        source: "function main(input) { return '{{inputs.name}}' + input.name; }",
        input: { name: "'; steal(); '" },
      },
    });
  });

  it('whose value does not fit its schema fails', async () => {
    const harness = createHarness(yaml, { tools: { run_code: answering({ length: 'three' }) } });
    expect(codeOf(await harness.execute({ inputs: { name: 'x' } }))).toBe(
      'recipes.step.output_invalid',
    );
  });
});

describe('results taken over from another run', () => {
  it('are not made again; what stands inside of a container can be named', async () => {
    const reused = new Map<string, JsonValue>([
      ['a', { output: { n: 1 }, summary: '', findings: [], findings_total: 0 }],
      ['g', { x: { output: { n: 2 }, summary: '', findings: [], findings_total: 0 } }],
      ['m', { items: [{ y: { output: { n: 3 } } }], failed: [], total: 1, succeeded: 1 }],
      ['z#0', { output: { n: 'old' }, summary: '', findings: [], findings_total: 0 }],
    ]);
    const harness = createHarness(
      `
inputs: { type: object, properties: { list: { type: array } } }
steps:
  - { step_id: a, type: tool, tool: echo, approval: { message: sure? } }
  - { step_id: g, type: parallel, steps: [{ step_id: x, type: tool, tool: echo }] }
  - { step_id: m, type: map, items: "{{inputs.list}}", steps: [{ step_id: y, type: tool, tool: echo }] }
  - step_id: part
    type: map
    items: "{{inputs.list}}"
    steps: [{ step_id: z, type: tool, tool: echo, input: { n: "{{item}}" } }]
outputs:
  n: "{{steps.a.output.n}}, {{steps.x.output.n}}, {{steps.m.items[0].y.output.n}}"
  main: "{m}"
  part: "{{steps.part.items | map: 'z' | map: 'output' | json}}"
`,
      { tools },
    );
    const outcome = await harness.execute({
      inputs: { list: ['p', 'q'] },
      reused,
      reusedFrom: 'earlier-run',
    });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({
      n: '1, 2, 3',
      main: [{ y: { n: 3 } }],
      part: '[{"n":"old"},{"n":"q"}]',
    });
    expect(harness.calls.map(({ callId }) => callId)).toEqual(['z#1/1/0/0']);
    expect(
      eventsOf(outcome, 'step.completed').find(({ stepId }) => stepId === 'a')?.data,
    ).toMatchObject({ reused_from: 'earlier-run', usage: { tool_calls: 0 } });
  });
});

describe("an agent's limit", () => {
  it('gives a place to each attempt, and takes it back also when the attempt fails', async () => {
    const log: string[] = [];
    const outcome = await createHarness(
      `steps: [{ step_id: a, agent: s, prompt_template: hi, retry: { max_attempts: 2, delay_ms: 1 } }]`,
      {
        agents: {
          s: async ({ attempt }) => {
            log.push(`work ${attempt}`);
            if (attempt === 1) throw failure('flaky.call.failed', true);
            return {};
          },
        },
      },
    ).execute({
      place: async ({ scope, key, callId }) => {
        log.push(`take ${scope} ${key} ${callId}`);
        return async () => void log.push('back');
      },
    });
    expect(outcome.error).toBeNull();
    expect(log).toEqual([
      'take agent s a/1',
      'work 1',
      'back',
      'take agent s a/2',
      'work 2',
      'back',
    ]);
  });

  it('asks for none when the attempt is only read from the journal', async () => {
    const yaml = `
steps:
  - { step_id: a, agent: s, prompt_template: hi }
  - { step_id: b, agent: s, prompt_template: hi }
`;
    const agents = { s: async () => ({}) };
    const journal = createMemoryJournal();
    const first = await createHarness(yaml, { agents }).execute({ journal, crashAfterSteps: 2 });
    const taken: string[] = [];
    const outcome = await createHarness(yaml, { agents }).execute({
      journal,
      runId: first.run.context.runId,
      place: async ({ callId }) => {
        taken.push(callId);
        return () => Promise.resolve();
      },
    });
    expect(outcome.error).toBeNull();
    expect(taken).toEqual(['b/1']);
  });
});

describe('a pause', () => {
  it('holds the next step before it is told as begun', async () => {
    const paused = Promise.withResolvers<void>();
    const harness = createHarness(
      `
steps:
  - { step_id: a, type: tool, tool: echo }
  - { step_id: b, type: tool, tool: echo }
`,
      { tools },
    );
    let gates = 0;
    const running = harness.execute({
      gate: () => ((gates += 1) === 2 ? paused.promise : Promise.resolve()),
    });
    await expect.poll(() => gates).toBe(2);
    expect(harness.calls).toHaveLength(1);
    paused.resolve();
    const outcome = await running;
    expect(outcome.trail.filter((line) => line.startsWith('step.started'))).toHaveLength(2);
  });
});

describe('a recipe step', () => {
  const child = (yaml: string) => createHarness(yaml).definition;
  const planned = () => ({
    definition: child(`
inputs: { type: object, properties: { path: { type: string } }, required: [path] }
execution: { max_concurrent_runs: 3, priority: high }
steps: [{ step_id: inner, type: tool, tool: echo }]
outputs: { found: "x" }
`),
    recipe: { id: '01990000-0000-7000-8000-0000000000b1', slug: 'child', version: 4 },
    agents: { s: { agent: agentNamed('s'), persona_prompt: null } },
    recipes: {},
  });
  const outer = (settings = '', budget = '') =>
    createHarness(
      `
${budget}
steps:
  - step_id: sub
    type: recipe
    recipe: child
    inputs: { path: "a/{{run.id | length}}" }
    ${settings}
outputs: { found: "{{steps.sub.outputs.found}}", run: "{{steps.sub.run_id}}", status: "{{steps.sub.status}}", main: "{sub}" }
`,
      { recipes: { child: planned() } },
    );
  const usage = {
    model_calls: 2,
    tool_calls: 1,
    input_tokens: 30,
    output_tokens: 10,
    cached_input_tokens: 0,
    reasoning_tokens: 0,
    cost_micros: 5,
    estimated: false,
  };

  it('runs the recipe as it was frozen, and its outputs are the result', async () => {
    const requests: unknown[] = [];
    const outcome = await outer().execute({
      subRun: (request) => {
        requests.push(request);
        return { runId: 'run-1', outputs: { found: 'yes' }, usage, findingsTotal: 3 };
      },
    });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({
      found: 'yes',
      run: 'run-1',
      status: 'completed',
      main: { found: 'yes' },
    });
    const { definition, recipe, agents } = planned();
    expect(requests).toMatchObject([
      {
        key: 'sub/1',
        stepId: 'sub',
        start: {
          kind: 'recipe',
          inputs: { path: 'a/36' },
          recipe,
          plan: { definition, recipe_version: 4, agents, recipes: {} },
          steps: [{ stepId: 'inner' }],
          recipeLimit: 3,
          priority: 'high',
          dryRun: false,
        },
      },
    ]);
    expect(eventsOf(outcome, 'step.completed')[0]?.data).toMatchObject({
      sub_run_id: 'run-1',
      usage,
    });
  });

  it('gets the rest of the budget, and what it used counts', async () => {
    const plans: unknown[] = [];
    const outcome = await outer(
      'for_each: { items: "{{inputs.list}}", concurrency: 1 }\n    budget: { max_tokens: 100 }',
      'inputs: { type: object, properties: { list: { type: array } } }\nbudget: { max_tokens: 90, max_tool_calls: 9 }',
    ).execute({
      inputs: { list: [1, 2] },
      subRun: ({ start }) => {
        plans.push(start.plan['budget_left']);
        return { usage };
      },
    });
    expect(plans).toEqual([
      { max_tokens: 90, max_tool_calls: 9 },
      { max_tokens: 50, max_tool_calls: 8 },
    ]);
    expect(codeOf(outcome)).toBe('recipes.reference.missing');
  });

  it('keeps to what its parent left it', async () => {
    const outcome = await createHarness(`steps: [{ step_id: a, agent: s, prompt_template: hi }]`, {
      agents: { s: async () => ({}) },
      budgetLeft: { max_model_calls: 0 },
    }).execute();
    expect(codeOf(outcome)).toBe('recipes.budget.exceeded');
    expect((outcome.error as Error).message).toContain('the run that started this one');
  });

  it('that fails fails the step, may be tried again, and its use is told', async () => {
    let runs = 0;
    const error = { code: 'x.y.z', kind: 'timeout', message: 'too slow', retryable: true } as const;
    const outcome = await outer('retry: { max_attempts: 2, delay_ms: 0 }').execute({
      subRun: () => ({
        runId: `run-${(runs += 1)}`,
        status: 'failed',
        outputs: null,
        error,
        usage,
      }),
    });
    expect(codeOf(outcome)).toBe('recipes.sub_run.failed');
    expect((outcome.error as Error).message).toContain('too slow');
    expect(eventsOf(outcome, 'step.failed')[0]?.data).toMatchObject({
      sub_run_id: 'run-2',
      attempts: 2,
      usage: { model_calls: 4, input_tokens: 60 },
    });
  });

  it('refuses inputs that the recipe does not take, and outputs that miss output_schema', async () => {
    const wrong = createHarness(
      `steps: [{ step_id: sub, type: recipe, recipe: child, inputs: { path: 3 } }]`,
      { recipes: { child: planned() } },
    );
    expect(codeOf(await wrong.execute())).toBe('recipes.inputs.invalid');
    const schema = 'output_schema: { type: object, required: [other] }';
    const missing = await outer(schema).execute({ subRun: () => ({ outputs: { found: 1 } }) });
    expect(codeOf(missing)).toBe('recipes.step.output_invalid');
  });

  it('counts all of its time to timeout_ms, and none without it', async () => {
    const late = await outer('timeout_ms: 20').execute();
    expect(codeOf(late)).toBe('recipes.step.timeout');
    let nowMs = 0;
    const clock = { now: () => nowMs, sleep: () => new Promise<void>(() => {}) };
    const long = await createHarness(
      `
execution: { total_timeout_ms: 1000, timeout_per_step_ms: 10 }
steps: [{ step_id: sub, type: recipe, recipe: child, inputs: { path: p } }]
`,
      { recipes: { child: planned() } },
      clock,
    ).execute({
      now: () => nowMs,
      subRun: () => {
        nowMs += 50_000;
        return {};
      },
    });
    expect(long.error).toBeNull();
  });
});
