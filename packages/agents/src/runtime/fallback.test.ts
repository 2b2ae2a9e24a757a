import { afterEach, expect, test } from 'vitest';
import { createTurnFixture, runTurn, testAgent, testRequest } from '../testing/turn-fixture.ts';
import type { Script, TurnFixture } from '../testing/turn-fixture.ts';

let fixture: TurnFixture;
afterEach(() => fixture.close());

const USAGE = { input: 100, output: 20 };
const FALLBACK = { provider: 'openai-compatible', model: 'fake-model' };
const LONG = 'x'.repeat(500);

/** OpenAI's wire breaks after its first piece; the other one looks at the folder, then answers. */
function breaking(): Script {
  let answers = 0;
  return ({ wire }) => {
    if (wire === 'openai-responses')
      return { kind: 'answer', text: [LONG, 'never sent'], fault: { after: 1, kind: 'destroy' } };
    answers += 1;
    return answers === 1
      ? { kind: 'answer', toolCalls: [{ name: 'look', input: { path: 'src' } }], usage: USAGE }
      : { kind: 'answer', text: ['All is well.'], usage: USAGE };
  };
}

const request = (model = {}, limits = {}) =>
  testRequest({
    agent: testAgent({
      model: { provider: 'openai', model: 'gpt-5.4-mini', fallbacks: [FALLBACK], ...model },
      limits,
    }),
  });

test('a fallback takes over: the event says what is discarded, the end names who answered, the next call begins at the agent’s model', async () => {
  fixture = await createTurnFixture(breaking());
  const { result, events } = await runTurn(fixture, request());
  expect(result).toMatchObject({ status: 'completed', text: 'All is well.', ...FALLBACK });
  const told = events
    .filter(({ type }) => type.startsWith('llm.') && type !== 'llm.delta')
    .map(({ type, data }) => [type, (data as { provider?: string }).provider]);
  expect(told).toEqual([
    ['llm.started', 'openai'],
    ['llm.fallback', undefined],
    ['llm.completed', 'openai-compatible'],
    ['llm.started', 'openai'],
    ['llm.fallback', undefined],
    ['llm.completed', 'openai-compatible'],
  ]);
  expect(events.find(({ type }) => type === 'llm.fallback')?.data).toMatchObject({
    from: 'openai/gpt-5.4-mini',
    to: 'openai-compatible/fake-model',
    error: { code: 'providers.call.stream_cut', kind: 'upstream-failed', retryable: true },
    discarded_chars: LONG.length,
  });
  expect(fixture.server.records.map(({ request: { wire } }) => wire)).toEqual([
    'openai-responses',
    'openai-chat',
    'openai-responses',
    'openai-chat',
  ]);
});

test('where money is limited, a fallback of unknown price is not taken', async () => {
  fixture = await createTurnFixture(breaking());
  await expect(runTurn(fixture, request({}, { max_cost_micros: 1_000_000 }))).rejects.toMatchObject(
    { code: 'providers.route.exhausted' },
  );
  expect(fixture.server.records).toHaveLength(1);
});
