import type { DraftStep } from '../definition/draft-step.ts';
import { armName, OTHERWISE } from '../definition/step-kinds.ts';
import type { StepOf } from '../definition/step-kinds.ts';
import { parseTemplate } from '../references/parse-template.ts';
import { localsFor, repetitionOf } from './names.ts';
import type { ProblemList } from './problem-list.ts';
import type { StepGraph } from './step-graph.ts';
import { z } from 'zod';

/** What `until` of a wait may be when it holds no reference. */
const untilSchema = z.iso.datetime({ offset: true });

interface Rules {
  graph: StepGraph;
  list: ProblemList;
  /** Names that no item may carry. */
  reserved: ReadonlySet<string>;
}

/** Fields of one step that do not belong together, or would have no effect. */
export function checkStepRules(draft: DraftStep, rules: Rules): void {
  const { step } = draft;
  if (step === null) return;
  checkFailurePolicy(draft, rules);
  checkRepetition(draft, rules);
  if (step.type === 'wait') checkWait(step, draft, rules);
  if (step.type === 'branch') checkArms(step, draft, rules);
  if (step.type === 'approval' && step.approval !== undefined) {
    const message = 'an approval step asks by itself; leave "approval" out';
    rules.list.add([...draft.path, 'approval'], message, { key: true });
  }
}

function checkFailurePolicy({ step, path }: DraftStep, { list }: Rules): void {
  if (step?.on_error === 'continue_with' && step.fallback === undefined) {
    list.add([...path, 'on_error'], 'continue_with needs a fallback');
  }
  if (step?.fallback !== undefined && step.on_error !== 'continue_with') {
    list.add([...path, 'fallback'], 'a fallback is only used with on_error: continue_with', {
      key: true,
    });
  }
}

/** The item of a map or of `for_each`. */
function checkRepetition(draft: DraftStep, { graph, list, reserved }: Rules): void {
  const { step, path } = draft;
  const repetition = repetitionOf(draft);
  if (step === null || repetition === null) return;
  const map = step.type === 'map' ? { fields: step, at: path } : null;
  const forEach = 'for_each' in step ? step.for_each : undefined;
  const named =
    map ?? (typeof forEach === 'object' ? { fields: forEach, at: [...path, 'for_each'] } : null);
  const place = named?.at ?? [...path, 'for_each'];
  const around = localsFor(graph, draft, 'outside').find(
    ({ kind, name }) => kind === 'item' && name === repetition.as,
  );
  if (reserved.has(repetition.as)) {
    list.add(
      [...place, 'as'],
      `"${repetition.as}" is reserved for references; choose another name`,
    );
  } else if (around !== undefined) {
    const message = `"${repetition.as}" is the item of "${around.owner.stepId}" around it already; name this one by "as"`;
    list.add(step.type === 'map' ? [...path, 'as'] : place, message);
  }
  if (
    named !== null &&
    named.fields.min_succeeded_ratio > 0 &&
    named.fields.on_item_error !== 'skip'
  ) {
    const message = 'is only used with on_item_error: skip';
    list.add([...named.at, 'min_succeeded_ratio'], message, { key: true });
  }
}

const WAITS = ['for_ms', 'until', 'event'] as const;

function checkWait(step: StepOf<'wait'>, { path }: DraftStep, { list }: Rules): void {
  const [first, second] = WAITS.filter((field) => step[field] !== undefined);
  if (first === undefined) {
    list.add(path, 'a wait step needs exactly one of for_ms, until and event');
    return;
  }
  if (second !== undefined) {
    const message = `stands beside "${first}"; a wait step has exactly one of for_ms, until and event`;
    list.add([...path, second], message, { key: true });
    return;
  }
  for (const field of ['timeout_ms', 'on_timeout'] as const) {
    if (first === 'event' || step[field] === undefined) continue;
    list.add([...path, field], `"${field}" is only used with event`, { key: true });
  }
  if (first === 'event' && step.on_timeout !== undefined && step.timeout_ms === undefined) {
    list.add([...path, 'on_timeout'], '"on_timeout" needs timeout_ms', { key: true });
  }
  const fixed = step.until !== undefined && isPlain(step.until) ? step.until : null;
  if (fixed !== null && !untilSchema.safeParse(fixed).success) {
    const message = 'must be an RFC 3339 time, e.g. 2026-01-31T08:00:00Z, or a reference to one';
    list.add([...path, 'until'], message);
  }
}

function isPlain(text: string): boolean {
  const { parts, problems } = parseTemplate(text);
  return problems.length === 0 && parts.every((part) => part.kind === 'text');
}

function checkArms(step: StepOf<'branch'>, { path }: DraftStep, { list }: Rules): void {
  const seen = new Set<string>();
  for (const [index, arm] of step.branches.entries()) {
    const name = armName(arm, index);
    const place = [...path, 'branches', index, ...(arm.name === undefined ? [] : ['name'])];
    if (name === OTHERWISE) {
      const message = `"${OTHERWISE}" is the arm that is taken when no condition is true; choose another name`;
      list.add(place, message);
    } else if (seen.has(name)) list.add(place, `the arm "${name}" is there twice`);
    seen.add(name);
  }
}
