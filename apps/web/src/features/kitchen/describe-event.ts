import type { RunEvent, RunEventData } from '@automatos/sdk';
import { formatClock, formatCostInText, formatDuration, plural } from '../../lib/format.ts';

function describeRun(event: RunEvent): string {
  switch (event.type) {
    case 'run.created':
      return `${event.data.title}, ordered by ${event.data.by.name}`;
    case 'run.started':
      return event.data.recovered === true
        ? 'Continued after its process had gone away'
        : 'Started';
    case 'run.paused':
      return `Paused by ${event.data.by.name}`;
    case 'run.resumed':
      return `Resumed by ${event.data.by.name}`;
    case 'run.completed':
      return `Completed after ${formatDuration(event.data.duration_ms)}`;
    case 'run.failed':
      return event.data.error.message;
    case 'run.cancelled':
      return `Cancelled by ${event.data.by.name}`;
    case 'decision.made': {
      const { subject, chosen, reason } = event.data;
      return `${subject}${chosen.length === 0 ? '' : ` → ${chosen.join(', ')}`}: ${reason}`;
    }
    default:
      return '';
  }
}

function describeStep(event: RunEvent): string {
  const step = event.step_id ?? '';
  switch (event.type) {
    case 'step.started':
      return `${event.data.name}${event.data.attempt > 1 ? `, attempt ${event.data.attempt}` : ''}`;
    case 'step.progress':
      return `${step}: ${event.data.message}`;
    case 'step.retrying':
      return `${step}: again after ${formatDuration(event.data.delay_ms)} because ${event.data.error.message}`;
    case 'step.completed':
      return `${step}, ${formatDuration(event.data.duration_ms)}`;
    case 'step.failed':
      return `${step}: ${event.data.error.message}`;
    case 'step.skipped':
      return `${step}: ${event.data.reason}`;
    case 'step.waiting_approval':
      return `${step}: asks “${event.data.title}”`;
    case 'step.waiting':
      return `${step}: waits for ${waitedFor(event.data)}`;
    default:
      return step;
  }
}

function waitedFor(data: RunEventData<'step.waiting'>): string {
  if (data.reason === 'signal') return `the signal ${data.signal ?? ''}`;
  if (data.reason === 'sub_run') return 'a sub-run';
  return data.until === undefined ? 'a time' : formatClock(data.until);
}

const DECISIONS: Record<RunEventData<'approval.decided'>['decision'], string> = {
  approved: 'Approved by',
  rejected: 'Rejected by',
  timed_out: 'Ran out of time, by',
  cancelled: 'Closed by',
};

function describeOther(event: RunEvent): string {
  switch (event.type) {
    case 'approval.decided': {
      const { decision, by, comment } = event.data;
      return `${DECISIONS[decision]} ${by.name}${comment === undefined ? '' : `: ${comment}`}`;
    }
    case 'signal.received':
      return `${event.data.name}, sent by ${event.data.by.name}`;
    case 'quality.scored': {
      const { grade, score } = event.data;
      const what = event.step_id === undefined ? 'The run' : event.step_id;
      return `${what}: ${score === null ? 'not measured' : `${grade ?? ''} ${Math.round(score * 100)} %`}`;
    }
    case 'decision.made': {
      const { subject, chosen, reason } = event.data;
      return `${subject}${chosen.length === 0 ? '' : ` → ${chosen.join(', ')}`}: ${reason}`;
    }
    default:
      return '';
  }
}

function describeCall(event: RunEvent): string {
  switch (event.type) {
    case 'llm.started':
      return `${event.data.agent} asks ${event.data.provider} ${event.data.model}, turn ${event.data.turn}`;
    case 'llm.delta':
      return event.data.text;
    case 'llm.completed': {
      const { agent, output_tokens, cost_micros, duration_ms, cache = 'off' } = event.data;
      const kept = ['hit', 'semantic', 'shared'].includes(cache) ? ', from the cache' : '';
      return `${agent}: ${plural(output_tokens, 'token')} out, ${formatCostInText(cost_micros)}, ${formatDuration(duration_ms)}${kept}`;
    }
    case 'llm.fallback':
      return `From ${event.data.from} to ${event.data.to}: ${event.data.error.message}${event.data.discarded_chars === undefined || event.data.discarded_chars === 0 ? '' : ` (${plural(event.data.discarded_chars, 'character')} discarded)`}`;
    case 'tool.started':
      return event.data.tool;
    case 'tool.completed':
      return `${event.data.tool}: ${event.data.summary}`;
    case 'tool.failed':
      return `${event.data.tool}: ${event.data.error.message}`;
    case 'decision.made': {
      const { subject, chosen, reason } = event.data;
      return `${subject}${chosen.length === 0 ? '' : ` → ${chosen.join(', ')}`}: ${reason}`;
    }
    default:
      return '';
  }
}

/** One line that says what an event means; empty for a type this version does not know. */
export function describeEvent(event: RunEvent): string {
  if (event.type.startsWith('run.')) return describeRun(event);
  if (event.type.startsWith('step.')) return describeStep(event);
  return describeOther(event) || describeCall(event);
}
