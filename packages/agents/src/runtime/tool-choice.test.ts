import { createMemoryJournal, createMemoryRun } from '@automatos/testing';
import { afterEach, expect, test } from 'vitest';
import { createTurnFixture, testAgent, testRequest } from '../testing/turn-fixture.ts';
import type { TurnFixture } from '../testing/turn-fixture.ts';
import type { ToolSelection } from './tool-selection.ts';

let fixture: TurnFixture;
afterEach(async () => {
  await fixture.close();
});
const usage = { input: 10, output: 5 };
const MANY = 40;
const agent = testAgent({
  tools: Array.from({ length: MANY }, (_, index) => ({ tool: `many_${index}`, level: 'full' })),
});
const ranksLast: ToolSelection = {
  disabled: () => Promise.resolve(new Set(['many_39'])),
  rank: (_workspaceId, _task, { only, limit }) =>
    Promise.resolve([...only].toSorted().toReversed().slice(0, limit)),
};
const offered = (index: number) =>
  (
    (fixture.server.records[index]?.request.body['tools'] ?? []) as { function: { name: string } }[]
  ).map((tool) => tool.function.name);

test('of many tools the best and those that the request names are shown; the others are found by looking for them', async () => {
  fixture = await createTurnFixture(
    ({ toolResults }) => {
      if (toolResults === 0)
        return {
          kind: 'answer',
          toolCalls: [{ name: 'find_tools', input: { task: 'many_11' } }],
          usage,
        };
      if (toolResults === 1)
        return { kind: 'answer', toolCalls: [{ name: 'many_11', input: { path: 'x' } }], usage };
      return { kind: 'answer', text: ['Done.'], usage };
    },
    { selection: ranksLast, more: MANY },
  );
  const request = testRequest({ agent, prompt: 'Use many_1, please.' });
  const { context } = createMemoryRun();
  const result = await fixture.runtime.runTurn(context, request);
  expect(offered(0)).toHaveLength(21);
  expect(offered(0)).toEqual(expect.arrayContaining(['find_tools', 'many_1', 'many_9']));
  expect(offered(0)).not.toContain('many_39');
  expect(offered(0)).not.toContain('many_11');
  expect(offered(1)).toContain('many_11');
  expect(result.tools['many_11']).toMatchObject({ status: 'success' });
});

test('what was chosen is recorded: settings that change before a replay change nothing', async () => {
  fixture = await createTurnFixture(undefined, { selection: { ...ranksLast }, more: MANY });
  const journal = createMemoryJournal();
  const { runId } = createMemoryRun().context;
  await fixture.runtime.runTurn(
    createMemoryRun({ journal, runId }).context,
    testRequest({ agent }),
  );
  const again = createMemoryRun({ journal, runId });
  await fixture.runtime.runTurn(again.context, testRequest({ agent }));
  expect(again.executed).toEqual([]);
});

test('a tool that the workspace switched off cannot be wanted by a step', async () => {
  fixture = await createTurnFixture(undefined, { selection: ranksLast, more: MANY });
  const request = testRequest({ agent, toolNames: ['many_39'] });
  await expect(fixture.runtime.runTurn(createMemoryRun().context, request)).rejects.toMatchObject({
    code: 'agents.tool.not_granted',
    message: expect.stringContaining('switched off') as string,
  });
});
