import type { JsonObject } from '@automatos/kernel';
import { SimulatedCrash, createMemoryJournal, createMemoryRun } from '@automatos/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTurnFixture, testRequest } from '../testing/turn-fixture.ts';
import type { TurnFixture } from '../testing/turn-fixture.ts';

let fixture: TurnFixture;
afterEach(async () => {
  await fixture.close();
});

const batch = (...paths: string[]) =>
  paths.map((path) => ({ name: 'count', input: { path } satisfies JsonObject }));

/** Three model calls and five tool calls, told apart by what stands in the conversation, not by the order of arrival. */
function threeTurns(): Promise<TurnFixture> {
  return createTurnFixture(({ toolResults }) => {
    const usage = { input: 10, output: 5 };
    if (toolResults === 0) return { kind: 'answer', toolCalls: batch('a', 'b', 'c'), usage };
    if (toolResults === 3) return { kind: 'answer', toolCalls: batch('d', 'e'), usage };
    return { kind: 'answer', text: ['All counted.'], usage };
  });
}

const STEPS = 8;
const request = testRequest();

describe('after a crash', () => {
  test.each(Array.from({ length: STEPS + 1 }, (_, index) => index))(
    'with %i calls recorded the turn goes on and repeats none of them',
    async (crashAfterSteps) => {
      fixture = await threeTurns();
      const journal = createMemoryJournal();
      const ids = { runId: createMemoryRun().context.runId };
      const first = createMemoryRun({ journal, ...ids, crashAfterSteps });
      const ended = await fixture.runtime.runTurn(first.context, request).then(
        () => 'ended',
        (error: unknown) => (error instanceof SimulatedCrash ? 'crashed' : error),
      );
      // With all calls recorded nothing is left to crash before the turn's end.
      expect(ended).toBe(crashAfterSteps < STEPS ? 'crashed' : 'ended');
      const kept = new Set([...journal.steps.values()].map((step) => step.name));

      const second = createMemoryRun({ journal, ...ids });
      const result = await fixture.runtime.runTurn(second.context, request);

      expect(result).toMatchObject({
        status: 'completed',
        text: 'All counted.',
        usage: { model_calls: 3, tool_calls: 5, input_tokens: 30, output_tokens: 15 },
      });
      expect(second.executed.filter((name) => kept.has(name))).toEqual([]);
      expect(kept.size + second.executed.length).toBe(STEPS);
      const modelCallsRepeated = fixture.server.records.length - 3;
      expect(modelCallsRepeated).toBeLessThanOrEqual(1);
      const byKey = new Map<string, number>();
      for (const { idempotencyKey } of fixture.server.records)
        byKey.set(idempotencyKey ?? '', (byKey.get(idempotencyKey ?? '') ?? 0) + 1);
      expect(byKey.size).toBe(3);
    },
  );

  test('a replay stores the events that the crash lost, each once', async () => {
    fixture = await threeTurns();
    const whole = createMemoryRun();
    await fixture.runtime.runTurn(whole.context, request);
    const ends = (types: string[]) =>
      types.filter((key) => /:(?:completed|failed)$/.test(key)).toSorted();
    const expected = ends(whole.events().map((event) => event.key));

    const journal = createMemoryJournal();
    const crashed = createMemoryRun({ journal, crashAfterSteps: 4 });
    await expect(fixture.runtime.runTurn(crashed.context, request)).rejects.toThrow(SimulatedCrash);
    const resumed = createMemoryRun({ journal });
    await fixture.runtime.runTurn(resumed.context, request);
    expect(ends(resumed.events().map((event) => event.key))).toEqual(expected);
    expect(expected).toHaveLength(STEPS);
  });

  test('a replayed turn is not counted again', async () => {
    fixture = await threeTurns();
    const journal = createMemoryJournal();
    await fixture.runtime.runTurn(createMemoryRun({ journal }).context, request);
    const counted = fixture.measured.filter((one) => one.name.startsWith('amas_agent_')).length;
    await fixture.runtime.runTurn(createMemoryRun({ journal }).context, request);
    expect(fixture.measured.filter((one) => one.name.startsWith('amas_agent_'))).toHaveLength(
      counted,
    );
  });
});
