import type { PlatformError } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { createHarness, eventsOf, failure } from '../test-harness.fixture.ts';
import type { Outcome, Script } from '../test-harness.fixture.ts';

const codeOf = (outcome: Outcome) => (outcome.error as PlatformError | null)?.code ?? null;
const messageOf = (outcome: Outcome) => (outcome.error as Error | null)?.message ?? '';
const inputOf = (input: unknown) => input as Record<string, unknown>;

/** Gives its input back; `{ fail: true }` fails. */
const echo: Script = async ({ input }) => {
  const given = inputOf(input);
  if (given['fail'] === true) throw failure('echo.call.failed', false);
  return { output: input };
};
const tools = { echo };
const LIST = 'inputs: { type: object, properties: { list: { type: array, items: {} } } }\n';

describe('map', () => {
  it('does its steps for each item, keeps the order of the list, and tells each item by its own id', async () => {
    const waits: (() => void)[] = [];
    const slowFirst: Script = async ({ input }) => {
      // Items end in the opposite order of the list.
      await new Promise<void>((resolve) => {
        waits.unshift(resolve);
        if (waits.length === 3) for (const go of waits) setImmediate(go);
      });
      return { output: input };
    };
    const outcome = await createHarness(
      `${LIST}
steps:
  - step_id: all
    type: map
    items: "{{inputs.list}}"
    as: file
    steps:
      - { step_id: first, type: tool, tool: slow, input: { file: "{{file}}", place: "{{each.number}}/{{each.total}}", at: "{{each.index}}" } }
      - { step_id: second, type: tool, tool: echo, input: { before: "{{steps.first.output.file}}", same: "{{previous.output.at}}" } }
outputs:
  all: "{{steps.all}}"
  one: "{{steps.all.items[1].second.output.before}}"
`,
      { tools: { ...tools, slow: slowFirst } },
    ).execute({ inputs: { list: ['a', 'b', 'c'] } });
    expect(outcome.error).toBeNull();
    const all = outcome.outputs?.['all'] as {
      items: Record<string, { output: unknown }>[];
      total: number;
      succeeded: number;
      failed: unknown[];
    };
    expect(all).toMatchObject({ total: 3, succeeded: 3, failed: [] });
    expect(all.items.map((item) => item['first']?.output)).toEqual([
      { file: 'a', place: '1/3', at: 0 },
      { file: 'b', place: '2/3', at: 1 },
      { file: 'c', place: '3/3', at: 2 },
    ]);
    expect(all.items.map((item) => item['second']?.output)).toEqual([
      { before: 'a', same: 0 },
      { before: 'b', same: 1 },
      { before: 'c', same: 2 },
    ]);
    expect(outcome.outputs?.['one']).toBe('b');
    const started = eventsOf(outcome, 'step.started').map(({ stepId }) => stepId);
    expect(new Set(started)).toEqual(
      new Set(['all', ...[0, 1, 2].flatMap((n) => [`first#${n}`, `second#${n}`])]),
    );
    expect(
      eventsOf(outcome, 'step.started').find(({ stepId }) => stepId === 'second#1')?.data,
    ).toMatchObject({ parent: 'all', tool: 'echo' });
    expect(eventsOf(outcome, 'tool.completed').map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ call_id: 'second#2/1/0/0' }),
    );
  });

  it.each([
    { says: 'concurrency', own: 'concurrency: 2', limit: 9, expected: 2 },
    { says: "the recipe's parallel_limit", own: '', limit: 3, expected: 3 },
    { says: 'its own number above the limit', own: 'concurrency: 6', limit: 2, expected: 6 },
  ])('works on so many items at once as $says', async ({ own, limit, expected }) => {
    let running = 0;
    let most = 0;
    const counted: Script = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running -= 1;
      return {};
    };
    const outcome = await createHarness(
      `${LIST}
execution: { parallel_limit: ${limit} }
steps:
  - step_id: all
    type: map
    items: "{{inputs.list}}"
    ${own}
    steps: [{ step_id: one, type: tool, tool: counted }]
`,
      { tools: { counted } },
    ).execute({ inputs: { list: [1, 2, 3, 4, 5, 6, 7] } });
    expect(outcome.error).toBeNull();
    expect(most).toBe(expected);
  });

  const failing = (settings: string) =>
    createHarness(
      `${LIST}
steps:
  - step_id: all
    type: map
    items: "{{inputs.list}}"
    ${settings}
    steps: [{ step_id: one, type: tool, tool: echo, input: { fail: "{{item}}" } }]
outputs: { all: "{{steps.all}}" }
`,
      { tools },
    );

  it('stop: the first failed item fails the step, named once', async () => {
    const outcome = await failing('concurrency: 1').execute({
      inputs: { list: [false, true, false] },
    });
    expect(codeOf(outcome)).toBe('echo.call.failed');
    expect(messageOf(outcome)).toBe('Step "one#1": echo.call.failed happened');
    expect(outcome.trail).not.toContain('step.started one#2');
    expect(outcome.trail).toContain('step.failed all');
  });

  it('skip: failed items are null and listed', async () => {
    const outcome = await failing('on_item_error: skip').execute({
      inputs: { list: [false, true, false] },
    });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs?.['all']).toMatchObject({
      items: [{ one: {} }, null, { one: {} }],
      failed: [{ index: 1, error: { code: 'echo.call.failed' } }],
      total: 3,
      succeeded: 2,
    });
  });

  it('skip: all failed is a failure, and so are fewer than min_succeeded_ratio', async () => {
    const all = await failing('on_item_error: skip').execute({ inputs: { list: [true, true] } });
    expect(codeOf(all)).toBe('recipes.map.all_failed');
    const few = failing('on_item_error: skip\n    min_succeeded_ratio: 0.6');
    expect(codeOf(await few.execute({ inputs: { list: [true, true, false] } }))).toBe(
      'recipes.map.too_few_succeeded',
    );
    expect(codeOf(await few.execute({ inputs: { list: [true, false, false] } }))).toBeNull();
  });

  it('max_items refuses a longer list, no list is refused, and an empty list is no failure', async () => {
    const long = await failing('max_items: 2').execute({ inputs: { list: [false, false, false] } });
    expect(codeOf(long)).toBe('recipes.map.too_many_items');
    const text = await failing('').execute({ inputs: { list: 'abc' } });
    expect(codeOf(text)).toBe('recipes.map.items_invalid');
    const empty = await failing('on_item_error: skip').execute({ inputs: { list: [] } });
    expect(empty.outputs?.['all']).toEqual({ items: [], failed: [], total: 0, succeeded: 0 });
  });
});

describe('an item', () => {
  it('sees nothing of the items before it', async () => {
    const outcome = await createHarness(
      `${LIST}
steps:
  - step_id: all
    type: map
    items: "{{inputs.list}}"
    concurrency: 1
    steps:
      - { step_id: some, type: tool, tool: echo, input: { of: "{{item}}" }, when: "{{item}} == 'a'" }
      - { step_id: sees, type: tool, tool: echo, input: { seen: "{{steps.some.output.of | default: 'nothing'}}" } }
outputs: { seen: "{{steps.all.items | map: 'sees' | map: 'output' | map: 'seen' | join}}" }
`,
      { tools },
    ).execute({ inputs: { list: ['a', 'b'] } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ seen: 'a, nothing' });
    expect(outcome.trail).toContain('step.skipped some#1');
  });
});

describe('for_each', () => {
  it('does one step for each item, with its own retries, and lists its results', async () => {
    const flaky: Script = async ({ input, attempt }) => {
      if (inputOf(input)['of'] === 'b' && attempt === 1) throw failure('flaky.call.failed', true);
      return { output: `${String(inputOf(input)['of'])}${attempt}` };
    };
    const outcome = await createHarness(
      `${LIST}
steps:
  - step_id: each
    type: tool
    tool: flaky
    for_each: { items: "{{inputs.list}}", as: name }
    input: { of: "{{name}}" }
    retry: { max_attempts: 2, delay_ms: 0 }
outputs: { all: "{{steps.each.items | map: 'output' | join}}", main: "{each}", count: "{{steps.each.succeeded}}" }
`,
      { tools: { flaky } },
    ).execute({ inputs: { list: ['a', 'b'] } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ all: 'a1, b2', main: ['a1', 'b2'], count: 2 });
    expect(outcome.trail.filter((line) => line.startsWith('step.started'))).toEqual([
      'step.started each',
      'step.started each#0',
      'step.started each#1',
      'step.started each#1',
    ]);
  });

  it('takes a reference alone, and the step as a whole follows on_error', async () => {
    const outcome = await createHarness(
      `${LIST}
steps:
  - { step_id: each, type: tool, tool: echo, for_each: "{{inputs.list}}", input: { fail: "{{item}}" }, on_error: skip }
  - { step_id: after, type: tool, tool: echo, input: { seen: "{{steps.each | default: 'nothing'}}" } }
outputs: { seen: "{{steps.after.output.seen}}" }
`,
      { tools },
    ).execute({ inputs: { list: [false, true] } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ seen: 'nothing' });
    expect(outcome.trail).toContain('step.failed each');
    expect(outcome.trail).toContain('step.failed each#1');
  });
});

describe('branch', () => {
  const harness = () =>
    createHarness(
      `
inputs: { type: object, properties: { n: { type: integer } } }
steps:
  - step_id: way
    type: branch
    branches:
      - { name: big, when: "{{inputs.n}} > 10", steps: [{ step_id: a, type: tool, tool: echo, input: { is: big } }] }
      - { when: "{{inputs.n}} > 5", steps: [{ step_id: b, type: tool, tool: echo, input: { is: middle } }] }
    otherwise: [{ step_id: c, type: tool, tool: echo, input: { is: small } }]
outputs:
  taken: "{{steps.way.taken}}"
  a: "{{steps.a.output.is | default: 'none'}}"
  b: "{{steps.way.b.output.is | default: 'none'}}"
  c: "{{steps.c.output.is | default: 'none'}}"
`,
      { tools },
    );
  it.each([
    [20, { taken: 'big', a: 'big', b: 'none', c: 'none' }, ['b', 'c']],
    [7, { taken: 'branch_2', a: 'none', b: 'middle', c: 'none' }, ['a', 'c']],
    [1, { taken: 'otherwise', a: 'none', b: 'none', c: 'small' }, ['a', 'b']],
  ])('takes the first arm that is true (%i)', async (n, outputs, skipped) => {
    const outcome = await harness().execute({ inputs: { n } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual(outputs);
    expect(eventsOf(outcome, 'step.skipped').map(({ stepId }) => stepId)).toEqual(skipped);
  });

  it('without otherwise, no arm is no failure', async () => {
    const outcome = await createHarness(
      `
steps:
  - { step_id: way, type: branch, branches: [{ when: "1 > 2", steps: [{ step_id: a, type: tool, tool: echo }] }] }
outputs: { taken: "{{steps.way.taken | json}}" }
`,
      { tools },
    ).execute();
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ taken: 'null' });
  });
});

describe('loop', () => {
  const counting = (settings: string) =>
    createHarness(
      `
steps:
  - step_id: again
    type: loop
    until: "{{steps.count.output.n}} >= 3"
    ${settings}
    steps:
      - step_id: count
        type: tool
        tool: count
        input: { n: "{{loop.iteration}}", max: "{{loop.max}}", before: "{{loop.previous.count.output.n | default: 0}}" }
outputs: { last: "{{steps.count.output}}", loop: "{{steps.again}}" }
`,
      { tools: { count: echo } },
    );

  it('repeats until the condition holds; the last round is the result', async () => {
    const outcome = await counting('max_iterations: 5').execute();
    expect(outcome.error).toBeNull();
    expect(outcome.outputs?.['last']).toEqual({ n: 3, max: 5, before: 2 });
    expect(outcome.outputs?.['loop']).toMatchObject({
      iterations: 3,
      met: true,
      count: { output: { n: 3 } },
    });
    expect(outcome.trail.filter((line) => line.startsWith('step.completed'))).toEqual([
      'step.completed count#1',
      'step.completed count#2',
      'step.completed count#3',
      'step.completed again',
    ]);
  });

  it('max_iterations ends it as a failure, or with on_limit as it is', async () => {
    const stopped = await counting('max_iterations: 2').execute();
    expect(codeOf(stopped)).toBe('recipes.loop.limit_reached');
    expect(eventsOf(stopped, 'step.failed')[0]?.attachment?.output).toMatchObject({
      iterations: 2,
    });
    const gone = await counting('max_iterations: 2\n    on_limit: continue').execute();
    expect(gone.error).toBeNull();
    expect(gone.outputs?.['loop']).toMatchObject({ iterations: 2, met: false });
  });

  it('waits delay_ms between rounds, not after the last', async () => {
    const outcome = await counting('max_iterations: 5\n    delay_ms: 50').execute();
    expect(outcome.run.executed.filter((name) => name.startsWith('sleep:'))).toEqual([
      'sleep:loop:again:1',
      'sleep:loop:again:2',
    ]);
  });
});

describe('containers in each other', () => {
  const nested = `${LIST}
steps:
  - step_id: rounds
    type: loop
    until: "{{loop.iteration}} >= 2"
    max_iterations: 4
    steps:
      - step_id: items
        type: map
        items: "{{inputs.list}}"
        steps:
          - step_id: way
            type: branch
            branches:
              - when: "{{item}} == 'x'"
                steps:
                  - step_id: both
                    type: parallel
                    steps:
                      - { step_id: l, type: tool, tool: find, input: { at: "{{loop.iteration}}.{{each.index}}l" } }
                      - { step_id: r, type: tool, tool: find, input: { at: "{{loop.iteration}}.{{each.index}}r" } }
            otherwise: [{ step_id: other, type: tool, tool: find, input: { at: other } }]
  - { step_id: see, type: tool, tool: find, input: { at: see, rules: "{{run.findings | map: 'rule' | join}}" } }
outputs:
  left: "{{steps.items.items[1].way.both.l.output.at}}"
  taken: "{{steps.items.items | map: 'way' | map: 'taken' | join}}"
  rules: "{{steps.see.output.rules}}"
`;
  const find: Script = async ({ input }) => {
    const rule = String(inputOf(input)['at']);
    const finding = { rule, severity: 'low' as const, message: rule, evidence: rule, tool: 'find' };
    return { output: input, findings: rule === 'see' ? [] : [finding] };
  };

  it('work at any depth, with ids, results and findings of their own', async () => {
    const outcome = await createHarness(nested, { tools: { find } }).execute({
      inputs: { list: ['a', 'x'] },
    });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({
      left: '2.1l',
      taken: 'otherwise, branch_1',
      rules: 'other, 1.1l, 1.1r, 2.1l, 2.1r',
    });
    const parents = Object.fromEntries(
      eventsOf(outcome, 'step.started').map(({ stepId, data }) => [
        stepId,
        (data as { parent?: string }).parent,
      ]),
    );
    expect(parents).toMatchObject({
      'items#2': 'rounds',
      'way#2.1': 'items#2',
      'both#2.1': 'way#2.1',
      'l#2.1': 'both#2.1',
      'other#1.0': 'way#1.0',
    });
  });

  it("a container's timeout_ms ends what is deep inside it, and only it", async () => {
    const outcome = await createHarness(
      `${LIST}
steps:
  - step_id: outer
    type: map
    timeout_ms: 30
    items: "{{inputs.list}}"
    on_item_error: skip
    on_error: continue_with
    fallback: { none: true }
    steps:
      - step_id: inner
        type: loop
        until: "1 > 2"
        max_iterations: 5
        on_error: skip
        timeout_ms: 60000
        steps: [{ step_id: hang, type: tool, tool: hang, on_error: skip, retry: { max_attempts: 3, delay_ms: 0 } }]
  - { step_id: after, type: tool, tool: echo }
outputs: { outer: "{{steps.outer.none}}" }
`,
      { tools: { ...tools, hang: () => new Promise(() => {}) } },
    ).execute({ inputs: { list: [1, 2] } });
    expect(outcome.error).toBeNull();
    expect(outcome.outputs).toEqual({ outer: true });
    const failed = eventsOf(outcome, 'step.failed').map(({ stepId, data }) => [
      stepId,
      (data as { error: { code: string } }).error.code,
    ]);
    expect(failed).toContainEqual(['outer', 'recipes.step.timeout']);
    expect(failed).toContainEqual(['inner#0', 'recipes.group.timeout']);
    expect(failed).toContainEqual(['hang#0.1', 'recipes.group.timeout']);
    expect(outcome.trail.filter((line) => line === 'step.started hang#0.1')).toHaveLength(1);
  });

  it('the error that ends the run names the innermost step, once', async () => {
    const outcome = await createHarness(
      `
steps:
  - step_id: g
    type: parallel
    steps:
      - step_id: way
        type: branch
        branches:
          - { when: "1 < 2", steps: [{ step_id: bad, type: tool, tool: echo, input: { fail: true } }, { step_id: rest, type: tool, tool: echo }] }
  - { step_id: after, type: tool, tool: echo }
`,
      { tools },
    ).execute();
    expect(messageOf(outcome)).toBe('Step "bad": echo.call.failed happened');
    expect(outcome.trail.filter((line) => line.startsWith('step.skipped'))).toEqual([
      'step.skipped rest',
      'step.skipped after',
    ]);
  });
});
