import { formatMicros } from '@automatos/kernel';
import type { RunEvent } from '@automatos/sdk';
import { paint, type Shell } from '../shell.ts';
import { applyEvent, waitingFor, type RunProgress, type StepProgress } from './run-progress.ts';

/** Shows a run while it goes. */
export interface WatchView {
  event(event: RunEvent): void;
  state(state: string): void;
  end(): void;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const ESCAPE = '\u001b';
const COLOUR_CODE = new RegExp(`(${ESCAPE}\\[\\d+m)`);

export function formatDuration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function formatCost(micros: number | null): string {
  return micros === null ? 'cost unknown' : formatMicros(micros);
}

function usageLine(progress: RunProgress): string {
  const tokens = progress.inputTokens + progress.outputTokens;
  return `${tokens.toLocaleString('en')} tokens · ${formatCost(progress.costMicros)} · ${progress.toolCalls} tool calls · ${progress.findings} findings`;
}

/** Each event as one JSON line. */
export function createJsonView(shell: Shell): WatchView {
  return { event: (event) => shell.out(`${JSON.stringify(event)}\n`), state() {}, end() {} };
}

/** Plain lines, for files and pipes: what starts and what ends, without token deltas. */
export function createPlainView(shell: Shell, progress: RunProgress): WatchView {
  const nameOf = (id: string | undefined) => progress.steps.get(id ?? '')?.name ?? id ?? 'run';
  return {
    event(event) {
      applyEvent(progress, event);
      const text = describe(event);
      if (text !== undefined)
        shell.out(`${event.at.slice(11, 19)}  ${nameOf(event.step_id)}: ${text}\n`);
    },
    state(state) {
      if (state === 'reconnecting') shell.err('connection lost, reconnecting\n');
    },
    end() {},
  };
}

function describe(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run.started':
      return event.data.recovered === true ? 'goes on after a restart' : 'started';
    case 'run.paused':
    case 'run.resumed':
    case 'run.completed':
    case 'run.cancelled':
      return event.type.slice('run.'.length);
    case 'run.failed':
      return `failed: ${event.data.error.message}`;
    case 'step.started':
      return event.data.attempt > 1 ? `started, attempt ${event.data.attempt}` : 'started';
    case 'step.retrying':
      return `retries in ${formatDuration(event.data.delay_ms)} after: ${event.data.error.message}`;
    case 'step.waiting_approval':
      return `waits for a decision: ${event.data.title} (automatos approvals approve ${event.data.approval_id})`;
    case 'approval.decided':
      return `${event.data.decision} by ${event.data.by.name}`;
    case 'step.waiting':
      return waitingFor(event.data);
    case 'quality.scored':
      return event.data.score === null
        ? 'quality could not be measured'
        : `quality ${event.data.score.toFixed(2)}, grade ${event.data.grade ?? '–'}`;
    case 'step.completed':
      return `completed in ${formatDuration(event.data.duration_ms)}`;
    case 'step.failed':
      return `failed: ${event.data.error.message}`;
    case 'step.skipped':
      return `skipped: ${event.data.reason}`;
    case 'tool.completed':
      return `${event.data.tool}: ${event.data.summary}`;
    case 'tool.failed':
      return `${event.data.tool} failed: ${event.data.error.message}`;
    default:
      return undefined;
  }
}

/** A block that redraws in place: steps with their state, time and what they do now. */
export function createTerminalView(shell: Shell, progress: RunProgress, title: string): WatchView {
  const terminal = shell.terminal as NonNullable<Shell['terminal']>;
  let drawnLines = 0;
  let frame = 0;
  let connection = '';

  function draw(): void {
    frame += 1;
    const now = Date.now();
    const lines = [
      `${paint(shell, 'bold', title)}  ${formatDuration(Math.max(0, now - progress.startedAt))}  ${paint(shell, 'dim', `${usageLine(progress)}${connection}`)}`,
      ...[...progress.steps.values()].map((step) => stepLine(shell, step, { frame, now })),
    ];
    const width = Math.max(20, terminal.columns() - 1);
    const up = drawnLines > 0 ? `\u001b[${drawnLines}A` : '';
    terminal.write(`${up}${lines.map((line) => `\u001b[2K${cutToWidth(line, width)}\n`).join('')}`);
    drawnLines = lines.length;
  }

  const timer = setInterval(draw, FRAME_MS);
  draw();
  return {
    event: (event) => applyEvent(progress, event),
    state(state) {
      connection = state === 'reconnecting' ? ' · reconnecting' : '';
    },
    end() {
      clearInterval(timer);
      draw();
    },
  };
}

function stepLine(shell: Shell, step: StepProgress, at: { frame: number; now: number }): string {
  const marks: Record<StepProgress['status'], string> = {
    pending: paint(shell, 'dim', '·'),
    running: paint(shell, 'cyan', SPINNER[at.frame % SPINNER.length] ?? '*'),
    retrying: paint(shell, 'yellow', '↻'),
    waiting_approval: paint(shell, 'yellow', '?'),
    completed: paint(shell, 'green', '✔'),
    failed: paint(shell, 'red', '✖'),
    skipped: paint(shell, 'dim', '–'),
    cancelled: paint(shell, 'dim', '⊘'),
  };
  const time =
    step.startedAt === null
      ? ''
      : `  ${formatDuration(Math.max(0, (step.finishedAt ?? at.now) - step.startedAt))}`;
  const findings = step.findings > 0 ? `  ${step.findings} findings` : '';
  const what = step.error ?? step.activity;
  return `  ${marks[step.status]} ${step.name}${paint(shell, 'dim', `${time}${findings}`)}${what === '' ? '' : paint(shell, 'dim', `  ${what.replaceAll(/\s+/g, ' ')}`)}`;
}

/** Cuts to what fits in one line; colour codes take no room and are always closed. */
function cutToWidth(text: string, width: number): string {
  let room = width;
  return text
    .split(COLOUR_CODE)
    .map((part) => {
      if (part.startsWith(ESCAPE)) return part;
      const shown = Array.from(part).slice(0, room);
      room -= shown.length;
      return shown.join('');
    })
    .join('');
}
