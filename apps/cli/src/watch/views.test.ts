import type { RunEvent, RunStep } from '@automatos/sdk';
import { describe, expect, test } from 'vitest';
import type { Shell } from '../shell.ts';
import { createRunProgress } from './run-progress.ts';
import { createPlainView, createTerminalView, formatDuration } from './views.ts';

const usage = {
  model_calls: 0,
  tool_calls: 0,
  input_tokens: 0,
  output_tokens: 0,
  cached_input_tokens: 0,
  reasoning_tokens: 0,
  cost_micros: 0,
  estimated: false,
};
const step = (id: string, name: string): RunStep => ({
  step_id: id,
  name,
  type: 'agent',
  agent: 'security',
  tool: null,
  parent: null,
  depends_on: [],
  status: 'pending',
  attempts: 0,
  reused_from: null,
  sub_run_id: null,
  quality_score: null,
  output: null,
  error: null,
  usage,
  started_at: null,
  finished_at: null,
});
const ESCAPE = '\u001b';
const CONTROL = new RegExp(`${ESCAPE}\\[\\d+[A-Zm]`, 'g');
let seq = 0;
const event = (type: RunEvent['type'], data: object, stepId?: string) =>
  ({
    id: 'x',
    seq: ++seq,
    workspace_id: 'w',
    type,
    subject: 's',
    at: '2026-11-21T10:00:00.000Z',
    data,
    ...(stepId === undefined ? {} : { step_id: stepId }),
  }) as RunEvent;
const call = { call_id: 'c', provider: 'openai', model: 'm', agent: 'security' };

function fold(
  play: (show: (event: RunEvent) => void) => void,
  options: { columns?: number; isTerminal: boolean },
) {
  let text = '';
  const write = (part: string) => void (text += part);
  const shell = {
    out: write,
    err: write,
    colours: false,
    terminal: { columns: () => options.columns ?? 200, write },
  } as unknown as Shell;
  const progress = createRunProgress({ status: 'queued', created_at: '2026-11-21T10:00:00.000Z' }, [
    step('a', 'Scan'),
    step('b', 'Report'),
  ]);
  const view = options.isTerminal
    ? createTerminalView(shell, progress, 'Review')
    : createPlainView(shell, progress);
  play((shown) => view.event(shown));
  view.end();
  return { text, progress };
}

describe('watching a run', () => {
  const story = (show: (event: RunEvent) => void) => {
    show(event('step.started', { name: 'Scan', type: 'agent', attempt: 1, depends_on: [] }, 'a'));
    show(event('llm.started', { ...call, turn: 1 }, 'a'));
    show(
      event(
        'llm.completed',
        { ...call, input_tokens: 1000, output_tokens: 200, cost_micros: 1500 },
        'a',
      ),
    );
    show(event('tool.started', { call_id: 't', tool: 'secret_scan', input: {} }, 'a'));
    show(
      event(
        'tool.completed',
        { tool: 'secret_scan', summary: '2 secrets\nfound', findings_total: 2, duration_ms: 3 },
        'a',
      ),
    );
  };

  test('on a terminal: each step with its state and what it does now, tokens, cost, findings, in one block', () => {
    const { text } = fold(story, { isTerminal: true });
    const lastFrame = text.slice(text.lastIndexOf('\u001b[3A'));
    expect(lastFrame).toContain('1,200 tokens · $0.0015 · 1 tool calls · 2 findings');
    expect(lastFrame).toMatch(/Scan .*2 findings {2}2 secrets found/);
    expect(lastFrame).toContain('· Report');
    expect(lastFrame.split('\n')).toHaveLength(4);
  });

  test('lines are cut to the width of the terminal, so that redrawing never scrolls', () => {
    const { text } = fold(story, { isTerminal: true, columns: 40 });
    for (const line of text.split('\n'))
      expect(line.replaceAll(CONTROL, '').length).toBeLessThan(40);
  });

  test('elsewhere: a line for what starts and ends, none for token deltas', () => {
    const { text } = fold(
      (show) => {
        story(show);
        show(event('llm.delta', { call_id: 'c', text: 'secret thoughts' }, 'a'));
        show(
          event(
            'step.failed',
            { error: { message: 'no answer' }, duration_ms: 1, attempts: 2 },
            'a',
          ),
        );
      },
      { isTerminal: false },
    );
    expect(text.split('\n')).toEqual(
      [
        '10:00:00  Scan: started',
        '10:00:00  Scan: secret_scan: 2 secrets\nfound',
        '10:00:00  Scan: failed: no answer',
        '',
      ]
        .join('\n')
        .split('\n'),
    );
  });

  test('a call without a known price makes the cost unknown, not lower', () => {
    const { progress } = fold(
      (show) => {
        show(
          event(
            'llm.completed',
            { ...call, input_tokens: 1, output_tokens: 1, cost_micros: 5 },
            'a',
          ),
        );
        show(
          event(
            'llm.completed',
            { ...call, input_tokens: 1, output_tokens: 1, cost_micros: null },
            'a',
          ),
        );
        show(
          event(
            'llm.completed',
            { ...call, input_tokens: 1, output_tokens: 1, cost_micros: 5 },
            'a',
          ),
        );
      },
      { isTerminal: false },
    );
    expect(progress.costMicros).toBeNull();
  });

  test('durations are short', () => {
    expect([
      formatDuration(40),
      formatDuration(9999),
      formatDuration(59_400),
      formatDuration(61_000),
    ]).toEqual(['0.0 s', '10.0 s', '59 s', '1 min 1 s']);
  });
});
