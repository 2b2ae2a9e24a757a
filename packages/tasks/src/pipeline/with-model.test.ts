import { describe, expect, test } from 'vitest';
import { createHarness, eventsOf, failure, GOOD } from './task-harness.fixture.ts';
import type { Script } from './task-harness.fixture.ts';

const MODEL = { provider: 'openai', model: 'some-model' };
const part = (id: string, depends: string[] = [], needs = ['security_scan']) => ({
  id,
  title: `Part ${id}`,
  prompt: `Do ${id}.`,
  needs,
  depends_on: depends,
  complexity: 0.4,
});
const split =
  (units: object[]): Script =>
  async () => ({
    text: '{}',
    object: { units, assumptions: ['It is so.'] } as never,
  });

function withModel(
  planner: Script,
  writer: Script = async () => ({ text: 'In short: two faults.' }),
) {
  return createHarness({
    agents: {
      guard: {
        capabilities: ['security_scan'],
        script: async () => ({ text: GOOD, offline: false }),
      },
      'task-planner': { capabilities: [], script: planner },
      'task-writer': { capabilities: [], script: writer },
      'quality-judge': {
        capabilities: [],
        script: async () => Promise.reject(failure('providers.model.down')),
      },
    },
    deps: { model: () => Promise.resolve(MODEL) },
  });
}

const unitsOf = (outputs: object | null) => {
  const { units = [] } = (outputs ?? {}) as { units?: { unit_id: string }[] };
  return units.map(({ unit_id: id }) => id);
};

describe('a task with a model', () => {
  test('is split by it, in an order in which each part stands after those it builds on', async () => {
    const harness = withModel(split([part('second', ['first']), part('first')]));
    const ended = await harness.execute({ goal: 'Scan for secrets', agents: ['guard'] });
    expect(unitsOf(ended.outputs)).toEqual(['first', 'second']);
    expect(eventsOf(ended, 'decision.made')[0]?.data).toMatchObject({
      reason: 'Split by model. It is so.',
    });
  });

  test.each<[problem: string, planner: Script, reason: RegExp]>([
    ['is no split', async () => ({ object: { units: 'none' } as never }), /does not fit/],
    [
      'needs what nobody does',
      split([part('a', [], ['cooking'])]),
      /needs "cooking", which nobody does/,
    ],
    ['goes in a circle', split([part('a', ['b']), part('b', ['a'])]), /wait for each other/],
    ['depends on what is not there', split([part('a', ['x'])]), /"x", which is no part/],
    ['names one part twice', split([part('a'), part('a')]), /the same id/],
    [
      'never comes',
      async () => Promise.reject(failure('providers.model.down')),
      /did not answer \(providers\.model\.down\)/,
    ],
  ])(
    'is split by rules, with the reason, when the answer %s',
    async (_problem, planner, reason) => {
      const ended = await withModel(planner).execute({
        goal: 'Scan for secrets',
        agents: ['guard'],
      });
      expect(unitsOf(ended.outputs)).toEqual(['security_scan']);
      expect(eventsOf(ended, 'decision.made')[0]?.data).toMatchObject({
        reason: expect.stringMatching(reason),
      });
    },
  );

  test('is summed up in its words; when it cannot, in figures, and that is said', async () => {
    const good = await withModel(split([part('a')])).execute({ goal: 'Scan', agents: ['guard'] });
    expect(good.outputs).toMatchObject({ summary: 'In short: two faults.', summary_by: 'model' });
    const down = async () => Promise.reject(failure('providers.model.down'));
    const bad = await withModel(split([part('a')]), down).execute({
      goal: 'Scan',
      agents: ['guard'],
    });
    expect(bad.outputs).toMatchObject({ summary_by: 'figures' });
  });

  test('counts what the stages themselves ask it, and stays within the budget with it', async () => {
    const { outputs } = await withModel(split([part('a')])).execute({
      goal: 'Scan',
      agents: ['guard'],
    });
    expect(outputs).toMatchObject({ usage: { model_calls: 3 } });
    const short = await withModel(split([part('a')])).execute({
      goal: 'Scan',
      agents: ['guard'],
      budget: { max_model_calls: 2 },
    });
    expect(short.outputs).toMatchObject({ summary_by: 'figures', usage: { model_calls: 2 } });
  });
});
