import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { DraftStep } from '../definition/draft-step.ts';
import { suggest } from '../definition/suggest.ts';
import { targetOf } from '../references/target.ts';
import type { Target } from '../references/target.ts';
import { printReference } from '../references/template.ts';
import type { PathSegment, Reference } from '../references/template.ts';
import { endedBefore } from './names.ts';
import { report } from './reference-site.ts';
import type { ReferenceSite } from './reference-site.ts';
import { whyMissing } from './skippable.ts';

const ROOTS = ['inputs', 'steps', 'previous', 'run'];

/** Whether a `default` stands in when the value is missing. */
export function isOptional(reference: Reference): boolean {
  return reference.filters.some((filter) => filter.name === 'default');
}

/**
 * Whether the reference points at something that is there when it is read; reports why not. False = its fields need not be
 * looked at.
 */
export function checkTarget(at: ReferenceSite, reference: Reference, target: Target): boolean {
  const wrong = (message: string, suggestion: string | null = null) => {
    report(at, reference, { message, suggestion });
    return false;
  };
  const shown = printReference({ ...reference, filters: [] });
  switch (target.kind) {
    case 'text':
      return checkPlainName(at, reference);
    case 'unknown':
      return checkUnknown(at, reference, shown);
    case 'steps':
      return wrong('{{steps}} needs the output key of a step, e.g. {{steps.scan.summary}}');
    case 'inputs':
      return checkInput(at, reference, target.path);
    case 'run':
      return target.path.length > 0 || wrong('{{run}} needs a field: id, started_at or findings');
    case 'local':
      return checkLocal(at, reference, target);
    case 'position': {
      const key = at.names.byPosition[target.position - 1];
      const count = at.names.byPosition.length;
      if (key === undefined) {
        return wrong(`there is no step ${target.position}; the recipe has ${count}`);
      }
      return checkStep(at, reference, key);
    }
    case 'previous':
      if (at.names.previous !== null) return checkStep(at, reference, at.names.previous);
      return wrong(
        `${shown} needs exactly one step before this one; name it by {{steps.<output_key>}}`,
      );
    default:
      return checkStep(at, reference, target.key);
  }
}

function checkUnknown(at: ReferenceSite, reference: Reference, shown: string): boolean {
  const { root } = reference;
  const own = at.names.keys.has(root);
  const roots = [...ROOTS, ...at.names.locals];
  const near = own ? `steps.${root}` : suggest(root, roots);
  const elsewhere = localsElsewhere(root);
  const message =
    own || near !== null || elsewhere === null
      ? `unknown reference ${shown}${own ? '' : `; it starts with ${roots.slice(0, -1).join(', ')} or ${roots.at(-1) ?? ''}`}`
      : `${shown} ${elsewhere}`;
  report(at, reference, { message, suggestion: near });
  return false;
}

/** Names that hold inside of containers only. */
function localsElsewhere(root: string): string | null {
  if (root === 'item' || root === 'each') return 'is only there inside of a map or for_each';
  return root === 'loop' ? 'is only there inside of a loop' : null;
}

/** A plain name in single braces is text, unless it looks like a slip of the pen. */
function checkPlainName(at: ReferenceSite, reference: Reference): boolean {
  const { raw, root } = reference;
  if (at.site.kind === 'condition') {
    report(at, reference, `${raw} names no step; write a text in quotes`);
    return false;
  }
  if (at.names.locals.has(root)) {
    const message = `${raw} is plain text; write {${raw}} for the value, \\${raw} for the text`;
    report(at, reference, { message, suggestion: `{${raw}}` });
    return false;
  }
  const own = ['previous_output', ...at.names.keys];
  const near = root.length > 3 ? suggest(root, own) : null;
  if (near === null) return false;
  const message = `${raw} names no step; write \\${raw} for plain text`;
  report(at, reference, { message, suggestion: `{${near}}` });
  return false;
}

function checkLocal(
  at: ReferenceSite,
  reference: Reference,
  target: Extract<Target, { kind: 'local' }>,
): boolean {
  const [first] = target.path;
  const previous = target.name === 'loop' && first?.kind === 'field' && first.name === 'previous';
  if (previous && target.path.length > 1 && !isOptional(reference)) {
    const shown = printReference({ ...reference, filters: [] });
    report(at, reference, `${shown} is missing in the first round; add "| default: …"`);
  }
  return true;
}

function checkInput(
  at: ReferenceSite,
  reference: Reference,
  path: readonly PathSegment[],
): boolean {
  const [first] = path;
  const schema = at.draft.inputs;
  if (first === undefined || first.kind === 'index' || schema === null) return true;
  if (isOptional(reference)) return true;
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const own = properties[first.name];
  if (!Object.hasOwn(properties, first.name) || !isJsonObject(own)) return true;
  const required = Array.isArray(schema['required']) && schema['required'].includes(first.name);
  if (required || own['default'] !== undefined) return true;
  report(
    at,
    reference,
    `the input "${first.name}" may be missing: require it, give it a default, or add "| default: …"`,
  );
  return true;
}

function checkStep(at: ReferenceSite, reference: Reference, key: string): boolean {
  const step = at.draft.steps.find((candidate) => candidate.outputKey === key);
  if (step === undefined) {
    const near = suggest(key, at.names.keys);
    report(at, reference, { message: `no step has the output key "${key}"`, suggestion: near });
    return false;
  }
  const { reader } = at;
  const place = at.site.place;
  if (reader !== null && !endedBefore(at.graph, reader, place).has(step.stepId)) {
    report(at, reference, notBefore(at, reader, step));
    return true;
  }
  const perItem = containersBetween(at, step).find(({ type }) => type === 'map');
  if (perItem !== undefined) {
    const list = `steps.${perItem.outputKey}.items`;
    report(
      at,
      reference,
      `"${key}" runs once per item of "${perItem.outputKey}"; read {{${list}[0].${key}}} or {{${list} | map: '${key}'}}`,
    );
    return false;
  }
  if (isOptional(reference)) return true;
  const reason = whyMissing(at, step, containersBetween(at, step));
  if (reason !== null) {
    report(at, reference, `"${key}" may leave no result, because ${reason}; add "| default: …"`);
  }
  checkFallback(at, reference, step);
  return true;
}

/** Containers around a step that are not around the reader as well, the innermost first. */
function containersBetween({ graph, reader, site }: ReferenceSite, step: DraftStep): DraftStep[] {
  const shared = reader === null ? [] : [...graph.containers(reader.stepId)];
  if (reader !== null && site.place === 'inside') shared.push(reader);
  return graph.containers(step.stepId).filter((container) => !shared.includes(container));
}

function notBefore(at: ReferenceSite, reader: DraftStep, step: DraftStep): string {
  const { graph } = at;
  const key = `"${step.outputKey}"`;
  if (step.stepId === reader.stepId) return `${key} is this step itself`;
  const around = graph.containers(reader.stepId);
  if (around.includes(step)) {
    const loop = step.type === 'loop' ? '; read the last round by {{loop.previous}}' : '';
    return `${key} is the ${step.type ?? 'step'} around this step, so its result is not there yet${loop}`;
  }
  if (graph.containers(step.stepId).includes(reader)) {
    return `${key} runs inside this step, so its result is not there yet`;
  }
  const [own, other] = sidesOf(at, reader, step);
  if (own.container === 'parallel') {
    return `${key} runs beside this step, so its result is not there yet`;
  }
  if (own.container === 'branch' && own.arm !== other.arm) {
    return `${key} stands in another arm of "${own.parent ?? ''}"; only one arm runs`;
  }
  if (own.container === null && graph.mode === 'graph') {
    return `${key} need not have ended before this step; add "${other.stepId}" to depends_on`;
  }
  const before = own.container === 'loop' || around.some(({ type }) => type === 'loop');
  const round =
    before && own.container !== null ? '; read the last round by {{loop.previous}}' : '';
  return `${key} runs after this step starts, so its result is not there yet${round}`;
}

/** The two steps of one body in which (or as which) reader and step stand. */
function sidesOf(
  { graph }: ReferenceSite,
  reader: DraftStep,
  step: DraftStep,
): [DraftStep, DraftStep] {
  const own = [reader, ...graph.containers(reader.stepId)];
  const others = [step, ...graph.containers(step.stepId)];
  for (const one of own) {
    const other = others.find((candidate) => candidate.parent === one.parent);
    if (other !== undefined) return [one, other];
  }
  return [reader, step];
}

/** What stands in for a failed step must have the field as well. */
function checkFallback(
  at: ReferenceSite,
  reference: Reference,
  { step, outputKey }: DraftStep,
): void {
  if (step?.on_error !== 'continue_with' || step.fallback === undefined) return;
  const target = targetOf(reference, at.names);
  if (!('path' in target)) return;
  let value: JsonValue | undefined = step.fallback;
  for (const segment of target.path) {
    const name = segment.kind === 'field' ? segment.name : String(segment.index);
    const holder: JsonValue | undefined = value;
    value =
      typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name)
        ? (holder as JsonObject)[name]
        : undefined;
    if (value !== undefined) continue;
    const message = `the fallback of "${outputKey}" has no "${name}"; add it, or add "| default: …"`;
    report(at, segment, message);
    return;
  }
}
