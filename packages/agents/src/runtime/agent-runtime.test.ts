import { PlatformError } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createMemoryRun } from '@automatos/testing';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createTurnFixture,
  finding,
  runTurn,
  testAgent,
  testRequest,
} from '../testing/turn-fixture.ts';
import type { Script, TurnFixture } from '../testing/turn-fixture.ts';

const USAGE = { input: 100, output: 20 };
type Call = { name: string; input?: JsonObject };

let fixture: TurnFixture;
afterEach(async () => {
  await fixture.close();
});

/** Answers with these tool calls, one list per model call, and then with a text. */
function callsThenText(
  batches: Call[][],
  text = 'The folder holds one fault at src/a.ts:7.',
): Script {
  return ({ seq }) => {
    const toolCalls = batches[seq - 1];
    return toolCalls === undefined
      ? { kind: 'answer', text: [text], usage: USAGE }
      : { kind: 'answer', toolCalls, usage: USAGE };
  };
}

const look = (path = 'src'): Call => ({ name: 'look', input: { path } });

/** Tool results that the model was shown in its last call, parsed. */
function shownResults(): JsonObject[] {
  const messages = fixture.server.records.at(-1)?.request.body['messages'] as {
    role: string;
    content: string;
  }[];
  return messages
    .filter((message) => message.role === 'tool')
    .map((message) => JSON.parse(message.content) as JsonObject);
}

describe('a turn', () => {
  test('calls tools, shows their results to the model and returns its answer with findings and usage', async () => {
    fixture = await createTurnFixture(callsThenText([[look()]]));
    const { result, events } = await runTurn(fixture);
    expect(result).toMatchObject({
      status: 'completed',
      text: 'The folder holds one fault at src/a.ts:7.',
      findings: [finding(7)],
      findings_total: 1,
      offline: false,
      provider: 'openai-compatible',
      model: 'fake-model',
    });
    expect(result.tools).toEqual({
      look: { status: 'success', summary: 'looked at src', output: { seen: 'src' } },
    });
    expect(result.usage).toEqual({
      model_calls: 2,
      tool_calls: 1,
      input_tokens: 200,
      output_tokens: 40,
      cached_input_tokens: 0,
      reasoning_tokens: 0,
      cost_micros: null,
      estimated: false,
    });
    expect(shownResults()).toEqual([
      {
        untrusted: true,
        summary: 'looked at src',
        status: 'success',
        findings_total: 1,
        findings: [finding(7)],
        output: { seen: 'src' },
        truncated: false,
      },
    ]);
    expect(events.map((event) => event.type)).toEqual([
      'llm.started',
      'llm.completed',
      'tool.started',
      'tool.completed',
      'llm.started',
      'llm.delta',
      'llm.completed',
    ]);
    expect(events.find((event) => event.type === 'tool.completed')).toMatchObject({
      key: 'tool:review/1/1/0:completed',
      stepId: 'review',
      attachment: { findings: [finding(7)] },
    });
  });

  test('sends persona, instructions, rules, inputs and context in the agreed form', async () => {
    fixture = await createTurnFixture(callsThenText([]));
    await runTurn(fixture, {
      agent: testAgent({ instructions: 'Own instructions.' }),
      inputs: { path: 'a`b' },
      contextText: 'Earlier result.',
    });
    const sent = fixture.server.records[0]?.request.body['messages'] as { content: string }[];
    expect(sent[0]?.content).toContain('Be exact.\n\nOwn instructions.\n\nRules that always hold:');
    expect(sent[1]?.content).toBe(
      'Look at the folder.\n\nInputs (JSON):\n```json\n{\n  "path": "a\\u0060b"\n}\n```\n\nContext:\nEarlier result.',
    );
  });

  test('runs the calls of one answer side by side, in steps numbered in the order of the answer', async () => {
    fixture = await createTurnFixture(
      callsThenText([[look('a'), look('b'), { name: 'count', input: { path: 'c' } }]]),
    );
    const { memory } = await runTurn(fixture);
    expect(memory.executed).toEqual([
      'llm:review/1/1',
      'tool:review/1/1/0',
      'tool:review/1/1/1',
      'tool:review/1/1/2',
      'llm:review/1/2',
    ]);
    expect(shownResults().map((shown) => shown['summary'])).toEqual([
      'looked at a',
      'looked at b',
      'counted',
    ]);
  });

  test('answers identical calls of an idempotent tool once, but repeats others', async () => {
    const twice = [
      look(),
      look(),
      { name: 'count', input: { path: 'x' } },
      { name: 'count', input: { path: 'x' } },
    ];
    fixture = await createTurnFixture(callsThenText([twice, [look()]]));
    const { result } = await runTurn(fixture);
    expect(fixture.ran.map((call) => call.tool)).toEqual(['look', 'count', 'count']);
    expect(shownResults()).toHaveLength(5);
    expect(result.usage.tool_calls).toBe(3);
  });

  test('tells the model about unknown tools, tools it was not given and wrong arguments, and goes on', async () => {
    fixture = await createTurnFixture(
      callsThenText([
        [
          { name: 'invent', input: {} },
          { name: 'count', input: { path: 'x' } },
          { name: 'look', input: { path: 3 } },
        ],
      ]),
    );
    const agent = testAgent({ tools: [{ tool: 'look', level: 'full' }] });
    const { result, events } = await runTurn(fixture, { agent });
    expect(result.status).toBe('completed');
    expect(fixture.ran).toEqual([]);
    const [unknown, denied, invalid] = shownResults();
    expect(unknown).toMatchObject({ status: 'denied', error: { code: 'agents.tool.not_offered' } });
    expect(denied).toMatchObject({
      status: 'denied',
      summary: 'There is no tool "count" for you. Your tools: look.',
    });
    expect(invalid).toMatchObject({
      status: 'error',
      error: { code: 'tools.arguments.invalid', problems: [{ pointer: '/path' }] },
    });
    expect(events.filter((event) => event.type === 'tool.failed')).toHaveLength(3);
    expect(events.filter((event) => event.type === 'tool.completed')).toHaveLength(0);
  });

  test('ends as an error when every tool failed, whatever the model then writes', async () => {
    fixture = await createTurnFixture(
      callsThenText([[{ name: 'break', input: { path: 'x' } }]], 'All is well.'),
    );
    await expect(runTurn(fixture)).rejects.toMatchObject({
      code: 'agents.tools.all_failed',
      message: expect.stringContaining('break') as string,
    });
  });

  test('one tool that succeeded is enough for an answer', async () => {
    fixture = await createTurnFixture(
      callsThenText([[{ name: 'break', input: { path: 'x' } }, look()]]),
    );
    expect((await runTurn(fixture)).result.status).toBe('completed');
  });

  test('ends as an error when the same call fails for the third time', async () => {
    fixture = await createTurnFixture(() => ({
      kind: 'answer',
      toolCalls: [{ name: 'break', input: { path: 'x' } }],
      usage: USAGE,
    }));
    await expect(runTurn(fixture)).rejects.toMatchObject({
      code: 'agents.tool.repeated_failure',
      retryable: false,
    });
    expect(fixture.ran).toHaveLength(3);
    expect(fixture.server.records).toHaveLength(3);
  });

  test('narrows the tools to those of the step and refuses a step that names others', async () => {
    fixture = await createTurnFixture(callsThenText([]));
    await runTurn(fixture, { toolNames: ['look'] });
    expect(fixture.server.records[0]?.request.tools.map((tool) => tool.name)).toEqual(['look']);
    await expect(runTurn(fixture, { toolNames: ['look', 'shell'] })).rejects.toMatchObject({
      code: 'agents.tool.not_granted',
      message: expect.stringContaining('"shell"') as string,
    });
  });

  test('is refused for an agent that is not active', async () => {
    fixture = await createTurnFixture(callsThenText([]));
    await expect(
      runTurn(fixture, { agent: testAgent({ status: 'paused' }) }),
    ).rejects.toMatchObject({ code: 'agents.agent.not_active' });
    expect(fixture.server.records).toHaveLength(0);
  });

  test('streams the text as deltas that join to the whole', async () => {
    const words = Array.from({ length: 300 }, (_, index) => `word${index} `);
    fixture = await createTurnFixture(() => ({ kind: 'answer', text: words, usage: USAGE }));
    const { result, events } = await runTurn(fixture);
    const deltas = events
      .filter((event) => event.type === 'llm.delta')
      .map((event) => (event.data as { text: string }).text);
    expect(deltas.join('')).toBe(words.join(''));
    expect(deltas.length).toBeGreaterThan(1);
    expect(deltas.length).toBeLessThan(60);
    expect(result.text).toBe(words.join(''));
  });

  test('works with the offline provider and says so', async () => {
    fixture = await createTurnFixture();
    const { result } = await runTurn(fixture, {
      agent: testAgent({ model: { provider: 'offline', model: 'offline-1' } }),
      toolNames: ['look'],
      prompt: 'Look at the path and report the findings.',
    });
    expect(result).toMatchObject({
      status: 'completed',
      offline: true,
      provider: 'offline',
      findings: [finding(7)],
      usage: { cost_micros: 0 },
    });
    expect(result.text).not.toBe('');
    expect(fixture.server.records).toHaveLength(0);
  });
});

describe('limits end a turn as limit_reached with what there is', () => {
  test('iterations', async () => {
    fixture = await createTurnFixture(({ seq }) => ({
      kind: 'answer',
      text: [`thinking ${seq}`],
      toolCalls: [look(`dir${seq}`)],
      usage: USAGE,
    }));
    const { result } = await runTurn(fixture, {
      agent: testAgent({ limits: { max_iterations: 3 } }),
    });
    expect(result).toMatchObject({
      status: 'limit_reached',
      limit: 'iterations',
      text: 'thinking 3',
      findings: [finding(7)],
      usage: { model_calls: 3, tool_calls: 3 },
    });
    expect(fixture.measured).toContainEqual({
      name: 'amas_agent_limit_reached_total',
      labels: { agent_id: 'custom', limit: 'iterations' },
      value: 1,
    });
    expect(fixture.measured).toContainEqual({
      name: 'amas_agent_executions_total',
      labels: { agent_id: 'custom', agent_name: 'custom', status: 'limit_reached' },
      value: 1,
    });
  });

  test('tool calls: those that fit still run', async () => {
    fixture = await createTurnFixture(callsThenText([[look('a'), look('b'), look('c')]]));
    const { result } = await runTurn(fixture, {
      agent: testAgent({ limits: { max_tool_calls: 2 } }),
    });
    expect(result).toMatchObject({
      status: 'limit_reached',
      limit: 'tool_calls',
      usage: { tool_calls: 2 },
    });
    expect(fixture.ran).toHaveLength(2);
  });

  test('tokens: no call is made that could pass the limit', async () => {
    fixture = await createTurnFixture(() => ({
      kind: 'answer',
      toolCalls: [{ name: 'count', input: { path: 'x' } }],
      usage: { input: 2_500, output: 100 },
    }));
    const { result } = await runTurn(fixture, {
      agent: testAgent({ limits: { max_total_tokens: 6_000 } }),
    });
    expect(result).toMatchObject({ status: 'limit_reached', limit: 'tokens' });
    expect(fixture.server.records).toHaveLength(2);
  });

  test('tokens: an answer cut by the output limit is not a whole answer', async () => {
    fixture = await createTurnFixture(() => ({
      kind: 'answer',
      text: ['half of an'],
      finish: 'length',
      usage: USAGE,
    }));
    const { result } = await runTurn(fixture);
    expect(result).toMatchObject({ status: 'limit_reached', limit: 'tokens', text: 'half of an' });
  });

  test('money: the answer is bounded by what is left, and nothing is sent when it is used up', async () => {
    fixture = await createTurnFixture(() => ({
      kind: 'answer',
      toolCalls: [{ name: 'count', input: { path: 'x' } }],
      usage: { input: 1_000, output: 1_000 },
    }));
    const agent = testAgent({
      model: { provider: 'openai', model: 'gpt-5.4-mini' },
      limits: { max_cost_micros: 9_000 },
    });
    const { result } = await runTurn(fixture, { agent });
    // One call costs 750 + 4,500 micro-dollars, so after the second nothing is left for a third.
    expect(result).toMatchObject({
      status: 'limit_reached',
      limit: 'money',
      usage: { model_calls: 2, cost_micros: 10_500 },
    });
    const bounds = fixture.server.records.map(
      ({ request }) => request.body['max_output_tokens'] as number,
    );
    expect(bounds[0]).toBeLessThan(2_000);
    expect(bounds[1]).toBeLessThan(bounds[0] ?? 0);
  });

  test('money with an unknown price is refused before anything is sent', async () => {
    fixture = await createTurnFixture(callsThenText([]));
    await expect(
      runTurn(fixture, { agent: testAgent({ limits: { max_cost_micros: 1_000_000 } }) }),
    ).rejects.toMatchObject({ code: 'agents.budget.price_unknown', retryable: false });
    expect(fixture.server.records).toHaveLength(0);
  });

  test('time during a model call: the call is aborted, its partial text kept, its usage estimated', async () => {
    const never = Promise.withResolvers<void>();
    fixture = await createTurnFixture(() => ({
      kind: 'answer',
      text: ['so far ', 'never sent'],
      beforePiece: (index) => (index === 0 ? Promise.resolve() : never.promise),
      usage: USAGE,
    }));
    const { result, events } = await runTurn(fixture, { timeoutMs: 300 });
    never.resolve();
    expect(result).toMatchObject({
      status: 'limit_reached',
      limit: 'time',
      text: 'so far ',
      usage: { model_calls: 1, estimated: true },
    });
    expect(events.at(-1)).toMatchObject({
      type: 'llm.completed',
      data: { finish_reason: 'limit_time' },
    });
    await expect.poll(() => fixture.server.records[0]?.state).not.toBe('open');
  });

  test('time during a tool call', async () => {
    fixture = await createTurnFixture(callsThenText([[{ name: 'hang', input: { path: 'x' } }]]));
    const { result } = await runTurn(fixture, { timeoutMs: 400 });
    expect(result).toMatchObject({
      status: 'limit_reached',
      limit: 'time',
      tools: { hang: { status: 'timeout' } },
    });
  });
});

describe('an answer that is none', () => {
  test('empty text is an error, never a success', async () => {
    fixture = await createTurnFixture(() => ({ kind: 'answer', text: [' '], usage: USAGE }));
    await expect(runTurn(fixture)).rejects.toMatchObject({ code: 'agents.answer.empty' });
    expect(fixture.measured).toContainEqual({
      name: 'amas_agent_executions_total',
      labels: { agent_id: 'custom', agent_name: 'custom', status: 'error' },
      value: 1,
    });
  });

  test('withheld by the vendor', async () => {
    fixture = await createTurnFixture(() => ({
      kind: 'answer',
      text: ['I can'],
      finish: 'content_filter',
      usage: USAGE,
    }));
    await expect(runTurn(fixture)).rejects.toMatchObject({ code: 'agents.answer.filtered' });
  });

  test('a failed model call keeps its error and is made once', async () => {
    fixture = await createTurnFixture(() => ({
      kind: 'status',
      status: 500,
      error: { code: 'boom', message: 'broken' },
    }));
    await expect(runTurn(fixture)).rejects.toMatchObject({
      code: 'providers.call.upstream_error',
      retryable: true,
    });
    expect(fixture.server.records).toHaveLength(1);
  });
});

describe('structured output', () => {
  const outputSchema = {
    type: 'object',
    properties: { grade: { type: 'string' } },
    required: ['grade'],
    additionalProperties: false,
  };

  test('fits at once', async () => {
    fixture = await createTurnFixture(callsThenText([[look()]], '{"grade":"A"}'));
    const { result } = await runTurn(fixture, { outputSchema });
    expect(result).toMatchObject({ status: 'completed', object: { grade: 'A' } });
  });

  test('is repaired by one more call without tools', async () => {
    fixture = await createTurnFixture(({ seq }) => ({
      kind: 'answer',
      text: [seq === 1 ? '{"mark":1}' : '{"grade":"B"}'],
      usage: USAGE,
    }));
    const { result, events } = await runTurn(fixture, { outputSchema });
    expect(result).toMatchObject({
      status: 'completed',
      object: { grade: 'B' },
      usage: { model_calls: 2, input_tokens: 200 },
    });
    expect(fixture.server.records[1]?.request.tools).toEqual([]);
    expect(
      events
        .filter((event) => event.type === 'llm.completed')
        .map((event) => (event.data as { finish_reason: string }).finish_reason),
    ).toEqual(['schema_mismatch', 'stop']);
  });

  test('is a typed error after one failed repair', async () => {
    fixture = await createTurnFixture(() => ({ kind: 'answer', text: ['not json'], usage: USAGE }));
    await expect(runTurn(fixture, { outputSchema })).rejects.toMatchObject({
      code: 'agents.output.schema_mismatch',
      retryable: false,
    });
    expect(fixture.server.records).toHaveLength(2);
  });
});

describe('cancel', () => {
  const STOPPED = new PlatformError({
    code: 'runs.run.cancelled',
    kind: 'cancelled',
    message: 'Stopped by a person.',
  });

  test('during a model call rejects at once with the reason and closes the request', async () => {
    fixture = await createTurnFixture(() => ({ kind: 'hang' }));
    const controller = new AbortController();
    const memory = createMemoryRun({ signal: controller.signal });
    const turn = fixture.runtime.runTurn(memory.context, testRequest());
    await expect.poll(() => fixture.server.records.length).toBe(1);
    // The vendor never answers: only the abort can end the turn.
    controller.abort(STOPPED);
    await expect(turn).rejects.toMatchObject({ code: 'runs.run.cancelled' });
    await expect.poll(() => fixture.server.records[0]?.state).toBe('aborted');
    expect(fixture.measured).toContainEqual({
      name: 'amas_agent_executions_total',
      labels: { agent_id: 'custom', agent_name: 'custom', status: 'cancelled' },
      value: 1,
    });
  });

  test('during a tool call', async () => {
    fixture = await createTurnFixture(callsThenText([[{ name: 'hang', input: { path: 'x' } }]]));
    const controller = new AbortController();
    const turn = runTurn(fixture, { signal: controller.signal });
    await expect.poll(() => fixture.ran.length).toBe(1);
    controller.abort(STOPPED);
    await expect(turn).rejects.toMatchObject({ code: 'runs.run.cancelled' });
  });
});

describe('the window of the model', () => {
  test('bounds the output that is asked for', async () => {
    fixture = await createTurnFixture(callsThenText([]));
    await runTurn(fixture, { agent: testAgent({ model: { max_tokens: 500_000 } }) });
    const asked = fixture.server.records[0]?.request.body['max_tokens'] as number;
    expect(asked).toBeGreaterThan(30_000);
    expect(asked).toBeLessThan(32_000);
  });
});

describe('the budget of tool results', () => {
  test('keeps everything sent inside the token limit, cut results point to the whole', async () => {
    const flood: Call = { name: 'flood', input: { path: 'x' } };
    fixture = await createTurnFixture(callsThenText([[flood, flood, flood], [look()]]));
    const { result } = await runTurn(fixture);
    expect(result.status).toBe('completed');
    const bytes = Buffer.byteLength(
      JSON.stringify(fixture.server.records.at(-1)?.request.body['messages']),
    );
    expect(bytes).toBeLessThan(32_000 * 3 * 1.2);
    const shown = shownResults();
    expect(shown[0]).toMatchObject({
      truncated: true,
      findings_total: 150,
      pointer: expect.stringMatching(/^\/api\/runs\/.+\/steps#review\/tools\/flood$/) as string,
    });
    expect(shown[3]).toMatchObject({ truncated: false, output: { seen: 'src' } });
    expect(result.findings).toHaveLength(151);
  });
});
