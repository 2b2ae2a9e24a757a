import type { ScheduleSpec, TriggerSpec } from '@automatos/contracts';
import { fromPointer } from '../definition/pointer.ts';
import type { Path } from '../definition/pointer.ts';
import { suggest } from '../definition/suggest.ts';
import { checkRooted, checkRootedCondition } from '../references/rooted.ts';
import type { RootedProblem } from '../references/rooted.ts';
import { checkInputs } from './check-inputs.ts';
import type { ReferenceChecks } from './reference-site.ts';
import { addTextProblem } from './text-problems.ts';
import type { WorkspaceFacts } from './workspace-facts.ts';

/** What references of a trigger start with. */
export const TRIGGER_ROOTS = { webhook: ['body', 'headers'], run_event: ['event'] } as const;
/** Schemes that have a delivery id of their own. */
const WITH_DELIVERY_ID = ['standard_webhooks', 'github'];

/** Schedules and triggers of the definition: their times, names, conditions, and the inputs that they start runs with. */
export function checkStarts(checks: ReferenceChecks, facts: WorkspaceFacts): void {
  const { head } = checks.draft;
  if (head === null) return;
  const { schedule } = head;
  const list = Array.isArray(schedule) ? schedule : [];
  if (schedule !== undefined && !Array.isArray(schedule)) {
    checkSchedule(checks, schedule, { path: ['schedule'], facts });
  }
  for (const [index, spec] of list.entries()) {
    checkSchedule(checks, spec, { path: ['schedule', index], facts });
  }
  checkUnique(checks, list, ['schedule']);
  for (const [index, trigger] of head.triggers.entries()) {
    checkTrigger(checks, trigger, { path: ['triggers', index], facts });
  }
  checkUnique(checks, head.triggers, ['triggers']);
}

interface At {
  path: Path;
  facts: WorkspaceFacts;
}

function checkUnique(
  { list }: ReferenceChecks,
  items: readonly { name?: string | undefined }[],
  path: Path,
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of items.entries()) {
    if (name === undefined) continue;
    if (seen.has(name)) list.add([...path, index, 'name'], `the name "${name}" is used twice`);
    seen.add(name);
  }
}

function checkSchedule(checks: ReferenceChecks, spec: ScheduleSpec, { path, facts }: At): void {
  for (const problem of facts.checkSchedule?.(spec) ?? []) {
    checks.list.add([...path, ...fromPointer(problem.pointer)], problem.message, {
      suggestion: problem.suggestion ?? null,
    });
  }
  checkInputs(checks, {
    value: spec.inputs,
    path: [...path, 'inputs'],
    schema: inputSchema(checks),
    schemaPath: ['inputs'],
  });
}

function checkTrigger(checks: ReferenceChecks, trigger: TriggerSpec, at: At): void {
  const { path } = at;
  if (trigger.type === 'webhook') checkHeaders(checks, trigger, path);
  else checkWatched(checks, trigger, at);
  const roots = TRIGGER_ROOTS[trigger.type];
  if (trigger.when !== undefined) {
    const problems = checkRootedCondition(trigger.when, roots);
    for (const problem of problems) addRooted(checks, [...path, 'when'], problem);
  }
  for (const problem of checkRooted(trigger.inputs, roots)) {
    addRooted(checks, [...path, 'inputs', ...fromPointer(problem.pointer)], problem);
  }
  checkInputs(checks, {
    value: trigger.inputs,
    path: [...path, 'inputs'],
    schema: inputSchema(checks),
    schemaPath: ['inputs'],
    typesOf: () => null,
  });
}

function checkHeaders(
  { list }: ReferenceChecks,
  trigger: Extract<TriggerSpec, { type: 'webhook' }>,
  path: Path,
): void {
  const { signature } = trigger;
  if (trigger.signature_header !== undefined && signature !== 'hmac_sha256') {
    const message = '"signature_header" is only used with signature: hmac_sha256';
    list.add([...path, 'signature_header'], message, { key: true });
  }
  if (trigger.delivery_header !== undefined && WITH_DELIVERY_ID.includes(signature)) {
    const message = `deliveries of "${signature}" name themselves; leave "delivery_header" out`;
    list.add([...path, 'delivery_header'], message, { key: true });
  }
}

function checkWatched(
  { list, draft }: ReferenceChecks,
  trigger: Extract<TriggerSpec, { type: 'run_event' }>,
  { path, facts }: At,
): void {
  const { recipe } = trigger;
  if (recipe === undefined) return;
  const own = draft.head?.slug;
  if (recipe === own || facts.recipe(recipe)?.slug === own) {
    list.add([...path, 'recipe'], 'the recipe would start itself again and again');
  } else if (facts.recipe(recipe) === null) {
    const near = suggest(recipe, facts.recipeNames);
    list.add([...path, 'recipe'], `there is no recipe "${recipe}"`, { suggestion: near });
  }
}

function inputSchema({ draft }: ReferenceChecks) {
  return { type: 'object', ...draft.inputs };
}

function addRooted(
  { list, draft }: ReferenceChecks,
  path: Path,
  { text, span, message, suggestion }: RootedProblem,
): void {
  const place = { list, source: draft.source, path, text };
  addTextProblem(place, span, { message, suggestion: suggestion ?? null });
}
