import type { Run, RunEvent, RunStep } from '@automatos/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEvent, applyEvents, focusStep, initialRunState } from './run-state.ts';
import { NO_USAGE } from './run-state-calls.ts';
import type { LlmCall, ToolCall } from './run-state-types.ts';

const run = { created_at: '2026-11-21T12:00:00.000Z' } as Run;
const declared = (step_id: string, depends_on: string[] = []) =>
  ({
    step_id,
    name: step_id.toUpperCase(),
    type: 'agent',
    agent: 'security',
    tool: null,
    parent: null,
    depends_on,
  }) as unknown as RunStep;
const start = initialRunState(run, [declared('scan'), declared('report', ['scan'])]);

type Part = [type: string, data: unknown, stepId?: string];
function events(parts: Part[], from = 1): RunEvent[] {
  return parts.map(([type, data, step_id], index) => ({
    id: `e${from + index}`,
    seq: from + index,
    workspace_id: 'w',
    type,
    subject: 's',
    run_id: 'r',
    ...(step_id === undefined ? {} : { step_id }),
    at: new Date(Date.parse('2026-11-21T12:00:00Z') + (from + index) * 1000).toISOString(),
    data,
  })) as RunEvent[];
}

const stepStarted = { name: 'Scan', type: 'agent', agent: 'security', attempt: 1, depends_on: [] };
const call = { call_id: 'scan/1/1', provider: 'offline', model: 'rules', agent: 'security' };
const completed = {
  ...call,
  input_tokens: 10,
  output_tokens: 5,
  cached_input_tokens: 0,
  reasoning_tokens: 0,
  cost_micros: 70,
  estimated: false,
  offline: true,
  duration_ms: 900,
  finish_reason: 'stop',
  tool_calls: 1,
  text: 'whole text',
};
const toolDone = {
  call_id: 'scan/1/1/0',
  tool: 'secret_scan',
  duration_ms: 40,
  summary: '2 secrets',
  findings_total: 2,
  findings: [],
  output_preview: '',
  truncated: false,
};
const error = { code: 'tools.call.failed', kind: 'internal', message: 'broken' };
const usage = {
  ...NO_USAGE,
  model_calls: 1,
  tool_calls: 1,
  input_tokens: 10,
  output_tokens: 5,
  cost_micros: 70,
};

const story = events([
  ['run.created', { kind: 'recipe', title: 't', by: { kind: 'user', name: 'n' } }],
  ['run.started', {}],
  ['step.started', stepStarted, 'scan'],
  ['llm.started', { ...call, turn: 1 }, 'scan'],
  ['llm.delta', { call_id: call.call_id, text: 'who' }, 'scan'],
  ['llm.delta', { call_id: call.call_id, text: 'le' }, 'scan'],
  ['llm.completed', completed, 'scan'],
  ['tool.started', { call_id: 'scan/1/1/0', tool: 'secret_scan', input: { path: '.' } }, 'scan'],
  ['tool.completed', toolDone, 'scan'],
  ['step.completed', { duration_ms: 1, output_preview: '{}', usage }, 'scan'],
  ['run.completed', { duration_ms: 1, usage }],
]);

describe('run state', () => {
  it('follows a run from its first event to its last', () => {
    const state = applyEvents(start, story);
    expect(state.status).toBe('completed');
    expect(state.steps['scan']).toMatchObject({
      status: 'completed',
      calls: ['scan/1/1', 'scan/1/1/0'],
      findingsTotal: 2,
    });
    expect(state.steps['report']?.status).toBe('pending');
    expect((state.calls['scan/1/1'] as LlmCall).text).toBe('whole text');
    expect((state.calls['scan/1/1/0'] as ToolCall).input).toEqual({ path: '.' });
    expect(state.usage).toEqual(usage);
    expect(state.findingsTotal).toBe(2);
    expect(state.lastSeq).toBe(story.length);
  });

  it('sums usage while the run goes on, with an unknown price staying unknown', () => {
    const running = applyEvents(start, story.slice(0, 9));
    expect(running.usage).toEqual(usage);
    const unpriced = { ...completed, call_id: 'scan/1/2', cost_micros: null };
    const [more] = events([['llm.completed', unpriced, 'scan']], 10);
    expect(applyEvent(running, more as RunEvent).usage.cost_micros).toBeNull();
  });

  it('gives the same state however the events are cut and repeated, as after reconnects', () => {
    const whole = applyEvents(start, story);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(story.length), fc.nat(story.length))), (cuts) => {
        let state = start;
        for (const [from, to] of cuts) {
          // What a connection may bring: anything up to what is known, then what follows it.
          const first = Math.min(from, state.lastSeq);
          state = applyEvents(state, story.slice(first, Math.max(first, to)));
        }
        state = applyEvents(state, story.slice(Math.min(state.lastSeq, story.length)));
        expect(state).toEqual(whole);
      }),
    );
  });

  it('keeps each event once in the log and the same object when nothing is new', () => {
    const state = applyEvents(start, story);
    expect(state.events.map((event) => event.seq)).toEqual(story.map((event) => event.seq));
    expect(applyEvents(state, story)).toBe(state);
  });

  it('shows streamed text, and starts over when the call is made again after a crash', () => {
    const state = applyEvents(start, story.slice(0, 6));
    expect((state.calls['scan/1/1'] as LlmCall).text).toBe('whole');
    const again = events(
      [
        ['run.started', { recovered: true }],
        ['llm.started', { ...call, turn: 1 }, 'scan'],
        ['llm.delta', { call_id: call.call_id, text: 'new' }, 'scan'],
      ],
      7,
    );
    const recovered = applyEvents(state, again);
    expect((recovered.calls['scan/1/1'] as LlmCall).text).toBe('new');
    expect(recovered.steps['scan']?.calls).toEqual(['scan/1/1']);
    expect(recovered.recoveries).toBe(1);
  });

  it('sets aside what a candidate wrote before it failed, and knows an answer of the cache', () => {
    const error = { code: 'providers.call.failed', message: 'cut', retryable: true };
    const fallback = { call_id: call.call_id, from: 'offline/rules', to: 'groq/meta/llama', error };
    const fell = events([
      ['step.started', stepStarted, 'scan'],
      ['llm.started', { ...call, turn: 1 }, 'scan'],
      ['llm.delta', { call_id: call.call_id, text: 'lost words' }, 'scan'],
      ['llm.fallback', { ...fallback, discarded_chars: 10 }, 'scan'],
      ['llm.delta', { call_id: call.call_id, text: 'kept' }, 'scan'],
      ['llm.fallback', { ...fallback, from: 'groq/meta/llama', to: 'openai/a' }, 'scan'],
    ]);
    const running = applyEvents(start, fell).calls['scan/1/1'] as LlmCall;
    expect(running).toMatchObject({ text: 'kept', provider: 'openai', model: 'a' });
    expect(running.fallbacks.map(({ discarded }) => discarded)).toEqual(['lost words', '']);
    const middle = applyEvents(start, fell.slice(0, 4)).calls['scan/1/1'] as LlmCall;
    expect(middle).toMatchObject({ text: '', provider: 'groq', model: 'meta/llama' });
    const done = events([['llm.completed', { ...completed, cache: 'hit' }, 'scan']], 7);
    const ended = applyEvents(applyEvents(start, fell), done).calls['scan/1/1'] as LlmCall;
    expect(ended).toMatchObject({ text: 'whole text', cache: 'hit' });
    expect(ended.fallbacks).toHaveLength(2);
  });

  it('shows a finished call whose start and deltas were compacted away', () => {
    const state = applyEvents(start, [story[2], story[6]] as RunEvent[]);
    expect(state.calls['scan/1/1']).toMatchObject({ status: 'completed', text: 'whole text' });
    expect(state.steps['scan']?.calls).toEqual(['scan/1/1']);
  });

  it('counts a call once though its end is told twice', () => {
    const twice = applyEvents(
      applyEvents(start, story.slice(0, 9)),
      events(
        [
          ['llm.completed', completed, 'scan'],
          ['tool.completed', toolDone, 'scan'],
        ],
        10,
      ),
    );
    expect(twice.usage).toEqual(usage);
    expect(twice.findingsTotal).toBe(2);
  });

  it('shows retries, failures with their cause, and skipped steps', () => {
    const state = applyEvents(start, [
      ...story.slice(0, 3),
      ...events(
        [
          [
            'tool.failed',
            { call_id: 'x', tool: 't', duration_ms: 1, status: 'timeout', error },
            'scan',
          ],
          ['step.retrying', { attempt: 2, delay_ms: 1000, error }, 'scan'],
        ],
        4,
      ),
    ]);
    expect(state.steps['scan']).toMatchObject({
      status: 'retrying',
      attempt: 2,
      retry: { delayMs: 1000 },
    });
    expect(state.calls['x']).toMatchObject({ status: 'timeout', error });
    const failed = applyEvents(
      state,
      events(
        [
          ['step.started', { ...stepStarted, attempt: 2 }, 'scan'],
          ['step.failed', { error, duration_ms: 1, attempts: 2 }, 'scan'],
          ['step.skipped', { reason: 'needs scan' }, 'report'],
          ['run.failed', { error, duration_ms: 1, usage }],
        ],
        6,
      ),
    );
    expect(failed).toMatchObject({ status: 'failed', error });
    expect(failed.steps['scan']).toMatchObject({
      status: 'failed',
      error,
      attempt: 2,
      retry: null,
    });
    expect(failed.steps['report']).toMatchObject({
      status: 'skipped',
      skippedReason: 'needs scan',
    });
  });

  it('ends open steps when the run is cancelled, after pause and resume', () => {
    const by = { kind: 'user', name: 'n' };
    const paused = applyEvents(start, [
      ...story.slice(0, 3),
      ...events([['run.paused', { by }]], 4),
    ]);
    expect(paused.status).toBe('paused');
    const resumed = applyEvents(paused, events([['run.resumed', { by }]], 5));
    expect(resumed.status).toBe('running');
    const cancelled = applyEvents(resumed, events([['run.cancelled', { by, duration_ms: 1 }]], 6));
    expect(cancelled.status).toBe('cancelled');
    expect(cancelled.steps['scan']?.status).toBe('cancelled');
    expect(cancelled.steps['report']?.status).toBe('skipped');
  });

  it('waits for approvals as the server does: a pause wins, the last decision lets it go on', () => {
    const by = { kind: 'user', name: 'Ada' };
    const asks = (approval_id: string) => ({
      approval_id,
      title: 'Go on?',
      message: '',
      due_at: '2026-11-22T12:00:00.000Z',
    });
    const parts: Part[] = [
      ['run.created', { by, title: 't', kind: 'recipe' }],
      ['run.started', {}],
      ['step.started', { ...stepStarted, type: 'approval' }, 'scan'],
      ['step.waiting_approval', asks('a1'), 'scan'],
      ['step.waiting_approval', asks('a2'), 'report'],
      ['run.paused', { by }],
      [
        'approval.decided',
        { approval_id: 'a1', decision: 'approved', by, comment: 'fine' },
        'scan',
      ],
      ['run.resumed', { by }],
      ['run.started', { recovered: true }],
      ['approval.decided', { approval_id: 'a2', decision: 'rejected', by }, 'report'],
    ];
    const statuses = parts.map(
      (_, index) => applyEvents(start, events(parts.slice(0, index + 1))).status,
    );
    expect(statuses).toEqual([
      'queued',
      'running',
      'running',
      'waiting_approval',
      'waiting_approval',
      'paused',
      'paused',
      'waiting_approval',
      'waiting_approval',
      'running',
    ]);
    const asked = applyEvents(start, events(parts.slice(0, 4)));
    expect(Object.keys(asked.approvals)).toEqual(['a1']);
    expect(focusStep(asked)).toBe('scan');
    const state = applyEvents(start, events(parts));
    expect(state.approvals).toEqual({});
    expect(state.steps['scan']).toMatchObject({
      status: 'running',
      decision: { decision: 'approved', by: 'Ada', comment: 'fine' },
    });
  });

  it('closes what was open with the end of the run', () => {
    const asks = { approval_id: 'a', title: '', message: '', due_at: '2026-11-22T12:00:00.000Z' };
    const state = applyEvents(start, [
      ...story.slice(0, 3),
      ...events(
        [
          ['step.waiting_approval', asks, 'scan'],
          ['run.cancelled', { by: { kind: 'user', name: 'n' }, duration_ms: 1 }],
        ],
        4,
      ),
    ]);
    expect(state).toMatchObject({ status: 'cancelled', approvals: {} });
    expect(state.steps['scan']?.status).toBe('cancelled');
  });

  it('says what a step waits for until it goes on', () => {
    const waits = applyEvents(start, [
      ...story.slice(0, 3),
      ...events([['step.waiting', { reason: 'signal', signal: 'paid' }, 'scan']], 4),
    ]);
    expect(waits.status).toBe('running');
    expect(waits.steps['scan']?.waiting).toMatchObject({ reason: 'signal', signal: 'paid' });
    const [after] = events([['tool.started', { call_id: 'x', tool: 't', input: {} }, 'scan']], 5);
    expect(applyEvent(waits, after as RunEvent).steps['scan']?.waiting).toBeNull();
  });

  it('knows results taken over, sub-runs and scores', () => {
    const done = { duration_ms: 1, output_preview: '', usage, reused_from: 'r0', sub_run_id: 'r2' };
    const scores = {
      score: 0.8,
      grade: 'B',
      threshold: 0.7,
      passed: true,
      dimensions: { depth: null },
    };
    const state = applyEvents(
      start,
      events([
        ['step.completed', done, 'scan'],
        ['quality.scored', { ...scores, score: null, grade: null }, 'scan'],
        ['quality.scored', scores],
      ]),
    );
    expect(state.steps['scan']).toMatchObject({
      reusedFrom: 'r0',
      subRunId: 'r2',
      quality: { score: null, grade: null },
    });
    expect(state.quality).toEqual(scores);
  });

  it('keeps an event of an unknown type in the log only', () => {
    const state = applyEvents(start, events([['some.news', { score: 1 }]]));
    expect(state.events).toHaveLength(1);
    expect(state.steps).toEqual(start.steps);
  });

  it('looks at what runs, else what failed, else the last step that made calls', () => {
    expect(focusStep(start)).toBe('scan');
    expect(focusStep(applyEvents(start, story))).toBe('scan');
    const second = events(
      [['step.started', { ...stepStarted, depends_on: ['scan'] }, 'report']],
      20,
    );
    expect(focusStep(applyEvents(applyEvents(start, story), second))).toBe('report');
  });
});
