import { createMemoryJournal } from '@automatos/testing';
import type { MemoryRunOptions } from '@automatos/testing';
import { describe, expect, it } from 'vitest';
import { agentNamed, createHarness, failure } from './test-harness.fixture.ts';
import type { Scripts } from './test-harness.fixture.ts';

const child = createHarness('steps: [{ step_id: inner, type: tool, tool: t }]').definition;

const scripts: Scripts = {
  tools: {
    t: async ({ input }) => ({ output: input, summary: 'tool' }),
    flaky: async ({ input, attempt }) => {
      if (attempt === 1) throw failure('flaky.call.failed', true);
      return { output: input };
    },
    bad: async () => Promise.reject(failure('bad.call.failed', false)),
  },
  agents: { s: async ({ attempt }) => ({ text: attempt === 1 ? 'TODO' : GOOD }) },
  recipes: {
    child: {
      definition: child,
      recipe: { id: '01990000-0000-7000-8000-0000000000b1', slug: 'child', version: 1 },
      agents: { s: { agent: agentNamed('s'), persona_prompt: null } },
      recipes: {},
    },
  },
  deps: { renderDocument: async () => new Uint8Array([1]) },
};
const GOOD = 'The check covered every file and found two faults. Both are in the first module.';

const inputs = { list: ['a', 'b', 'c'] };
const HEAD = 'inputs: { type: object, properties: { list: { type: array } } }\n';
const answers: MemoryRunOptions = {
  inputs,
  decide: () => ({ decision: 'approved', by: 'ada' }),
  signalled: () => ({ payload: { n: 1 } }),
  subRun: () => ({ runId: 'sub', outputs: { x: 1 } }),
};

const RECIPES: Record<string, string> = {
  'a sequence with every kind of leaf': `
budget: { max_model_calls: 20, max_tokens: 100000, max_tool_calls: 50 }
steps:
  - { step_id: tool, type: tool, tool: flaky, retry: { max_attempts: 2, delay_ms: 1 }, approval: { message: go? } }
  - { step_id: agent, agent: s, prompt_template: hi, quality_threshold: 0.9, on_error: skip }
  - { step_id: ask, type: approval, message: go? }
  - { step_id: nap, type: wait, for_ms: 5 }
  - { step_id: event, type: wait, event: paid }
  - { step_id: sub, type: recipe, recipe: child }
  - { step_id: page, type: document, format: pdf, title: T, template: "{{steps.ask.decision}}" }
  - { step_id: gone, type: tool, tool: bad, on_error: continue_with, fallback: { output: 1 } }
  - { step_id: not, type: tool, tool: t, when: "1 > 2" }
outputs: { all: "{{steps.sub.outputs.x}} {{steps.event.event.n}} {{steps.gone.output}}" }
`,
  'a graph with groups': `
execution: { parallel_limit: 2 }
steps:
  - { step_id: root, type: tool, tool: t }
  - step_id: g
    type: parallel
    depends_on: [root]
    steps:
      - { step_id: x, type: tool, tool: t }
      - { step_id: y, type: map, items: "{{inputs.list}}", steps: [{ step_id: yy, type: tool, tool: flaky, retry: { max_attempts: 2, delay_ms: 1 } }] }
  - { step_id: beside, type: approval, message: go?, depends_on: [root] }
  - { step_id: last, type: tool, tool: t, input: { n: "{{steps.y.succeeded}}" }, depends_on: [g, beside] }
outputs: { n: "{{steps.last.output.n}}" }
`,
  'maps, loops and branches in each other': `
steps:
  - step_id: rounds
    type: loop
    until: "{{loop.iteration}} >= 2"
    max_iterations: 3
    delay_ms: 1
    steps:
      - step_id: items
        type: map
        items: "{{inputs.list}}"
        on_item_error: skip
        steps:
          - step_id: way
            type: branch
            branches:
              - when: "{{item}} == 'a'"
                steps:
                  - step_id: both
                    type: parallel
                    steps:
                      - { step_id: l, type: tool, tool: t, input: { at: "{{loop.iteration}}" } }
                      - { step_id: r, agent: s, prompt_template: "{{item}}" }
              - when: "{{item}} == 'b'"
                steps: [{ step_id: fails, type: tool, tool: bad }]
            otherwise: [{ step_id: each, type: tool, tool: t, for_each: "{{inputs.list}}", input: { of: "{{item}}" } }]
outputs: { done: "{{steps.rounds.items.succeeded}}", at: "{{steps.items.items[0].way.both.l.output.at}}" }
`,
  'a failure that stops what runs beside': `
steps:
  - step_id: g
    type: parallel
    on_error: skip
    steps:
      - { step_id: bad, type: tool, tool: bad }
      - { step_id: ok, type: tool, tool: t }
  - { step_id: after, type: tool, tool: t, input: { g: "{{steps.g | default: 'none'}}" } }
outputs: { g: "{{steps.after.output.g}}" }
`,
};

describe.each(Object.entries(RECIPES))('%s', (_name, yaml) => {
  it('gives the same result wherever it dies, and repeats no finished call', async () => {
    const harness = createHarness(HEAD + yaml, scripts);
    const whole = await harness.execute(answers);
    expect(whole.error).toBeNull();
    const total = whole.run.journal.steps.size;
    const ends = (trail: string[]) =>
      trail.filter((line) => /^(step|tool|llm)\.(completed|failed|skipped)/.test(line)).toSorted();
    for (let crashAfterSteps = 1; crashAfterSteps <= total; crashAfterSteps++) {
      const journal = createMemoryJournal();
      const first = await harness.execute({
        ...answers,
        journal,
        crashAfterSteps,
      });
      const recorded = new Set(journal.steps.keys());
      const names = [...journal.steps.values()].map(({ name }) => name);
      const second = await harness.execute({
        ...answers,
        journal,
        runId: first.run.context.runId,
      });
      const where = `crash after ${crashAfterSteps} of ${total}`;
      expect(second.error, where).toBeNull();
      expect(second.outputs, where).toEqual(whole.outputs);
      expect(recorded.size, where).toBe(crashAfterSteps);
      expect(
        second.run.executed.filter((name) => names.includes(name)),
        where,
      ).toEqual([]);
      expect(ends(second.trail), where).toEqual(ends(whole.trail));
    }
  });
});
