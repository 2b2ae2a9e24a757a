import type { JsonObject } from '@automatos/kernel';
import { SimulatedCrash, createMemoryJournal, createMemoryRun } from '@automatos/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { createTurnFixture, testAgent, testRequest } from '../testing/turn-fixture.ts';
import type { TurnFixture } from '../testing/turn-fixture.ts';

let fixture: TurnFixture;
afterEach(async () => {
  await fixture.close();
});
const usage = { input: 10, output: 5 };
const count = (path: string) => ({ name: 'count', input: { path } satisfies JsonObject });

/** Two calls that need consent beside one that does not, then an answer. */
function asksForTwo(): Promise<TurnFixture> {
  return createTurnFixture(
    ({ toolResults }) =>
      toolResults === 0
        ? {
            kind: 'answer',
            toolCalls: [
              count('a'),
              { name: 'look', input: { path: 'x' } },
              count('token=sk-aaaaaaaaaaaaaaaaaaaaaaaa'),
            ],
            usage,
          }
        : { kind: 'answer', text: ['Done.'], usage },
    { consentFor: ['count'] },
  );
}

describe('a call that needs the consent of a person', () => {
  test('waits, is made once they agree, and is not made when they do not', async () => {
    fixture = await asksForTwo();
    const asked: { key: string; message: string }[] = [];
    const run = createMemoryRun({
      decide(request) {
        asked.push(request);
        return request.key.endsWith('/0')
          ? { decision: 'approved', by: 'Ada' }
          : { decision: 'rejected', by: 'Ada', comment: 'not that one' };
      },
    });
    const result = await fixture.runtime.runTurn(run.context, testRequest());
    expect(result.status).toBe('completed');
    expect(fixture.ran.filter(({ tool }) => tool === 'count')).toEqual([
      { tool: 'count', input: { path: 'a' } },
    ]);
    expect(asked.map(({ key }) => key)).toEqual(['tool:review/1/1/0', 'tool:review/1/1/2']);
    expect(asked[0]?.message).toMatch(/needs the consent.*Arguments:.*"path": "a"/s);
    expect(asked[1]?.message).toContain('token=[masked]');
    const told = run
      .events()
      .map(({ type, data }) => [type, (data as { call_id: string }).call_id]);
    expect(told.filter(([, id]) => id === 'review/1/1/2').map(([type]) => type)).toEqual([
      'tool.failed',
    ]);
    expect(told.filter(([, id]) => id === 'review/1/1/0').map(([type]) => type)).toEqual([
      'tool.started',
      'tool.completed',
    ]);
    const shown = fixture.server.records.at(-1)?.request.body['messages'] as { content: string }[];
    expect(shown.at(-1)?.content).toContain('Ada said no: not that one');
  });

  test.each([2, 3, 4, 5, 6])(
    'a crash after %i recorded calls repeats no question and no call',
    async (crashAfterSteps) => {
      fixture = await asksForTwo();
      const journal = createMemoryJournal();
      const { runId } = createMemoryRun().context;
      const asked: string[] = [];
      const decide = ({ key }: { key: string }) => {
        asked.push(key);
        return { decision: 'approved' as const, by: 'Ada' };
      };
      const first = createMemoryRun({ journal, runId, crashAfterSteps, decide });
      await expect(fixture.runtime.runTurn(first.context, testRequest())).rejects.toThrow(
        SimulatedCrash,
      );
      const kept = new Set([...journal.steps.values()].map(({ name }) => name));
      const second = createMemoryRun({ journal, runId, decide });
      await fixture.runtime.runTurn(second.context, testRequest());
      expect(second.executed.filter((name) => kept.has(name))).toEqual([]);
      expect(new Set(asked).size).toBe(2);
    },
  );

  test('in a dry run nobody is asked', async () => {
    fixture = await asksForTwo();
    const run = createMemoryRun({ dryRun: true });
    await fixture.runtime.runTurn(run.context, testRequest());
    expect(fixture.ran.map(({ tool }) => tool)).toEqual(['look']);
  });
});

test('documents of calls are kept with the run, once; a cut output is read where the pointer says', async () => {
  fixture = await createTurnFixture(({ toolResults }) =>
    toolResults === 0
      ? { kind: 'answer', toolCalls: [{ name: 'draw', input: { path: 'x' } }], usage }
      : { kind: 'answer', text: ['Drawn.'], usage },
  );
  const agent = testAgent({ tools: [{ tool: 'draw', level: 'full' }] });
  const run = createMemoryRun();
  const result = await fixture.runtime.runTurn(run.context, testRequest({ agent }));
  expect(result.artifacts?.map(({ name }) => name)).toEqual(['chart.svg', 'full-output.json']);
  expect([...run.journal.artifacts.keys()]).toEqual([
    'review/1/1/0/chart.svg',
    'review/1/1/0/full-output.json',
  ]);
  const full = run.journal.artifacts.get('review/1/1/0/full-output.json');
  expect(JSON.parse(String(full?.content))).toHaveLength(300_000);
  const shown = fixture.server.records.at(-1)?.request.body['messages'] as { content: string }[];
  expect(JSON.parse(shown.at(-1)?.content ?? '{}')).toMatchObject({
    untrusted: true,
    truncated: true,
    pointer: `/api/runs/${run.context.runId}/artifacts/${full?.id}`,
  });
});
