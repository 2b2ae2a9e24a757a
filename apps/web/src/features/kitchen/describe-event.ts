import type { RunEvent } from '@automatos/sdk';
import { formatCostInText, formatDuration, plural } from '../../lib/format.ts';

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
    default:
      return step;
  }
}

function describeCall(event: RunEvent): string {
  switch (event.type) {
    case 'llm.started':
      return `${event.data.agent} asks ${event.data.provider} ${event.data.model}, turn ${event.data.turn}`;
    case 'llm.delta':
      return event.data.text;
    case 'llm.completed': {
      const { agent, output_tokens, cost_micros, duration_ms } = event.data;
      return `${agent}: ${plural(output_tokens, 'token')} out, ${formatCostInText(cost_micros)}, ${formatDuration(duration_ms)}`;
    }
    case 'llm.fallback':
      return `From ${event.data.from} to ${event.data.to}: ${event.data.error.message}`;
    case 'tool.started':
      return event.data.tool;
    case 'tool.completed':
      return `${event.data.tool}: ${event.data.summary}`;
    case 'tool.failed':
      return `${event.data.tool}: ${event.data.error.message}`;
    default:
      return '';
  }
}

/** One line that says what an event means; empty for a type this version does not know. */
export function describeEvent(event: RunEvent): string {
  if (event.type.startsWith('run.')) return describeRun(event);
  if (event.type.startsWith('step.')) return describeStep(event);
  return describeCall(event);
}
