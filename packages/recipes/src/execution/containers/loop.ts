import { NO_USAGE } from '@automatos/contracts';
import type { Finding } from '@automatos/contracts';
import { canonicalJson, PlatformError } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { StepOf } from '../../definition/step-kinds.ts';
import { evaluateCondition } from '../../references/evaluate-condition.ts';
import { LOOP } from '../../validation/names.ts';
import { guardedContext } from '../clocks/guarded-context.ts';
import { innerFrame, scopeFor } from '../frame.ts';
import type { Frame, StepScope, StepSite } from '../recipe-run.ts';
import { resultsByKey } from '../reuse.ts';
import type { Progress, StepEnd } from '../step-end.ts';
import { emitStarted } from '../step-events.ts';
import { findingsInside } from './inner-findings.ts';
import { assertSound, containerScope, runSequence } from './sequence.ts';

/** Runs the steps again and again until the condition, read after each round, is true. The last round is the result. */
export async function runLoop(
  site: StepSite,
  step: StepOf<'loop'>,
  progress: Progress,
): Promise<StepEnd> {
  const { run, draft } = site;
  progress.attempts = 1;
  await run.context.gate();
  emitStarted(site, 1);
  const scope = containerScope(site);
  const children = run.graph.children(draft.stepId);
  const findings: Finding[] = [];
  let last = { value: {} as JsonObject, main: {} as JsonObject };
  for (let round = 1; ; round += 1) {
    const frame = await roundFrame(site, scope, {
      index: round,
      locals: { [LOOP]: loopValue(step, round, round === 1 ? undefined : last.value) },
    });
    await runSequence(run, children, frame);
    assertSound(site, scope);
    last = resultsByKey(children, frame.own);
    addNew(findings, findingsInside(run, draft, frame));
    const met = evaluateCondition(step.until, scopeFor(run, frame, { reader: draft }));
    if (met || round >= step.max_iterations) {
      for (const [key, result] of frame.own) site.frame.results.set(key, result);
      for (const [key, result] of frame.own) site.frame.own.set(key, result);
      return endOf(site, step, { iterations: round, met, last, findings });
    }
    await pause(site, { scope, name: `loop:${site.id}:${round}`, ms: step.delay_ms });
  }
}

function loopValue(
  step: StepOf<'loop'>,
  iteration: number,
  previous: JsonObject | undefined,
): JsonValue {
  const value = { iteration, max: step.max_iterations };
  return previous === undefined ? value : { ...value, previous };
}

/** Each round has a line of calls of its own, so that many rounds do not use up that of the loop. */
async function roundFrame(
  { frame, id }: StepSite,
  scope: StepScope,
  round: { index: number; locals: Record<string, JsonValue> },
): Promise<Frame> {
  const [context] = await frame.context.fork(`round:${id}:${round.index}`, 1);
  return innerFrame(frame, { ...round, container: id, context: context as RunContext, scope });
}

async function pause(
  { run, frame, id }: StepSite,
  { scope, name, ms }: { scope: StepScope; name: string; ms: number },
): Promise<void> {
  if (ms === 0) return;
  const { clock: runClock, replay } = run;
  const guard = { signal: scope.signal, runClock, timers: [], replay };
  await guardedContext(frame.context, guard).sleep(name, ms, { stepId: id });
}

/** A finding that a later round sees again is listed once. */
function addNew(known: Finding[], more: readonly Finding[]): void {
  const seen = new Set(known.map((finding) => canonicalJson(finding)));
  for (const finding of more) {
    const identity = canonicalJson(finding);
    if (!seen.has(identity)) known.push(finding);
    seen.add(identity);
  }
}

function endOf(
  { id }: StepSite,
  step: StepOf<'loop'>,
  end: {
    iterations: number;
    met: boolean;
    last: { value: JsonObject; main: JsonObject };
    findings: Finding[];
  },
): StepEnd {
  const { iterations, met, last, findings } = end;
  const value = { ...last.value, iterations, met };
  const main = { ...last.main, iterations, met };
  if (met || step.on_limit === 'continue') {
    return { kind: 'done', usage: NO_USAGE, findings, value, main };
  }
  throw new PlatformError({
    code: 'recipes.loop.limit_reached',
    kind: 'limit-reached',
    message: `Loop "${id}" did not meet its condition within ${step.max_iterations} rounds. Raise max_iterations, or let it go on by on_limit: continue.`,
    details: { iterations, partial: value },
  });
}
