import type { Finding } from '@automatos/contracts';
import { isJsonObject } from '@automatos/kernel';
import type { JsonValue } from '@automatos/kernel';
import type { DraftStep } from '../definition/draft-step.ts';
import type { Scope, StepResult } from '../references/render.ts';
import type { Names } from '../references/target.ts';
import { collectFindings } from '../references/value-text.ts';
import { endedBefore, namesFor } from '../validation/names.ts';
import type { SitePlace } from '../validation/names.ts';
import type { StepTimer } from './clocks/run-clock.ts';
import type { Frame, RecipeRun, StepScope, StepSite } from './recipe-run.ts';

export function createScope(
  outer: Pick<StepScope, 'signal' | 'timers'>,
  timers: readonly StepTimer[] = [],
): StepScope {
  const controller = new AbortController();
  return {
    signal: AbortSignal.any([outer.signal, controller.signal]),
    timers: [...outer.timers, ...timers],
    abort: (reason) => controller.abort(reason),
    failure: null,
  };
}

export function siteOf(run: RecipeRun, draft: DraftStep, frame: Frame): StepSite {
  return { run, draft, frame, id: instanceId(draft.stepId, frame.path) };
}

export function instanceId(stepId: string, path: readonly number[]): string {
  return path.length === 0 ? stepId : `${stepId}#${path.join('.')}`;
}

/** Frame of one item or round: it sees what is there now, and keeps what its steps leave to itself. */
export function innerFrame(
  outer: Frame,
  inner: { index: number; locals: Record<string, JsonValue> } & Pick<
    Frame,
    'container' | 'context' | 'scope'
  >,
): Frame {
  const { index, locals, ...rest } = inner;
  return {
    ...outer,
    ...rest,
    path: [...outer.path, index],
    results: new Map(outer.results),
    own: new Map(),
    findings: new Map(outer.findings),
    locals: new Map([...outer.locals, ...Object.entries(locals)]),
  };
}

/** Keeps what a step left for those after it. */
export function keepResult(
  { draft, frame }: Pick<StepSite, 'draft' | 'frame'>,
  result: StepResult,
  findings: readonly Finding[] = findingsOf(result.value),
): void {
  const { value, main } = result;
  frame.results.set(draft.outputKey, { value, main });
  frame.own.set(draft.outputKey, { value, main });
  if (findings.length > 0) frame.findings.set(draft.stepId, findings);
}

/** Findings that a step's own result lists. */
export function findingsOf(value: JsonValue): Finding[] {
  return isJsonObject(value) ? collectFindings(value['findings'] ?? []) : [];
}

/** What the templates of one step (null = the outputs) can see. */
export function scopeFor(
  run: RecipeRun,
  frame: Frame,
  { reader, place = 'inside' }: { reader: DraftStep | null; place?: SitePlace },
): Scope {
  return {
    names: namesOf(run, reader, place),
    inputs: run.inputs,
    results: frame.results,
    locals: frame.locals,
    run: {
      id: run.context.runId,
      started_at: run.startedAt,
      // Collected when asked for: most templates do not.
      get findings() {
        return findingsBefore(run, frame, { reader, place });
      },
    },
  };
}

/** The same for the texts of the step at `site`. */
export function scopeAt({ run, draft, frame }: StepSite, place: SitePlace = 'inside'): Scope {
  return scopeFor(run, frame, { reader: draft, place });
}

function namesOf(run: RecipeRun, reader: DraftStep | null, place: SitePlace): Names {
  const key = `${reader?.stepId ?? ''} ${place}`;
  const known = run.names.get(key);
  if (known !== undefined) return known;
  const names = namesFor(run.graph, reader, place);
  run.names.set(key, names);
  return names;
}

/** Findings of the steps that have surely ended before, in declaration order: the same on a replay. */
function findingsBefore(
  run: RecipeRun,
  frame: Frame,
  { reader, place }: { reader: DraftStep | null; place: SitePlace },
): Finding[] {
  const before = reader === null ? null : endedBefore(run.graph, reader, place);
  return run.steps
    .filter((step) => before === null || before.has(step.stepId))
    .flatMap((step) => frame.findings.get(step.stepId) ?? []);
}
