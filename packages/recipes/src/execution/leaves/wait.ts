import { NO_USAGE } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { StepOf } from '../../definition/step-kinds.ts';
import { renderText } from '../../references/render.ts';
import { guardedContext } from '../clocks/guarded-context.ts';
import { scopeAt } from '../frame.ts';
import type { StepSite } from '../recipe-run.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { dryRunRefused } from '../step-errors.ts';
import { emitStarted } from '../step-events.ts';
import { waiting } from './waiting.ts';

/** Date, time and offset, as RFC 3339 writes them. */
const RFC_3339 = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Waits for some time, until a time, or for an event sent to the run. */
export async function runWait(
  site: StepSite,
  step: StepOf<'wait'>,
  progress: Progress,
): Promise<StepEnd> {
  if (site.run.context.dryRun) throw dryRunRefused(site.id, 'it does not wait.');
  progress.attempts = 1;
  await site.run.context.gate();
  emitStarted(site, 1);
  const { result, waitedMs } = await waiting(site, `wait:${site.id}`, (fromMs) =>
    step.event === undefined ? forTime(site, step, fromMs) : forEvent(site, step, step.event),
  );
  const value = { waited_ms: waitedMs, event: result.event, timed_out: result.timedOut };
  return { kind: 'done', usage: NO_USAGE, value, main: result.event };
}

interface WaitEnd {
  event: JsonValue;
  timedOut: boolean;
}

async function forTime(site: StepSite, step: StepOf<'wait'>, fromMs: number): Promise<WaitEnd> {
  const untilMs = step.until === undefined ? fromMs + (step.for_ms ?? 0) : timeOf(site, step.until);
  const { id } = site;
  const ms = untilMs - fromMs;
  if (ms > 0) await contextOf(site).sleep(`wait:${id}`, ms, { stepId: id });
  return { event: null, timedOut: false };
}

function timeOf(site: StepSite, until: string): number {
  const text = renderText(until, scopeAt(site)).trim();
  const ms = RFC_3339.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN;
  if (!Number.isNaN(ms)) return ms;
  throw new PlatformError({
    code: 'recipes.wait.time_invalid',
    kind: 'invalid-input',
    message: `Step "${site.id}" waits until "${text.slice(0, 80)}", which is no RFC 3339 time such as 2026-01-31T09:00:00Z.`,
  });
}

async function forEvent(site: StepSite, step: StepOf<'wait'>, event: string): Promise<WaitEnd> {
  const { id } = site;
  const name = renderText(event, scopeAt(site)).trim();
  const signal = await contextOf(site).signalled({
    key: id,
    stepId: id,
    name,
    ...(step.timeout_ms === undefined ? {} : { timeoutMs: step.timeout_ms }),
  });
  if (signal !== null) return { event: signal.payload, timedOut: false };
  if (step.on_timeout === 'continue') return { event: null, timedOut: true };
  throw new PlatformError({
    code: 'recipes.wait.timed_out',
    kind: 'timeout',
    retryable: false,
    message: `No event "${name}" came for step "${id}" within its timeout_ms of ${step.timeout_ms ?? 0}. Send it earlier, raise the time, or set on_timeout: continue.`,
  });
}

function contextOf({ run, frame }: StepSite) {
  const { clock: runClock, replay } = run;
  const guard = { signal: frame.scope.signal, runClock, timers: [], replay };
  return guardedContext(frame.context, guard);
}
