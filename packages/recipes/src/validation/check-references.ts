import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { DraftStep, RecipeDraft } from '../definition/parse-recipe.ts';
import type { TextSpot } from '../definition/source.ts';
import { suggest } from '../definition/suggest.ts';
import { filterNamed, FILTERS } from '../references/filters.ts';
import type { ValueType } from '../references/filters.ts';
import { parseTemplate } from '../references/parse-template.ts';
import { targetOf } from '../references/target.ts';
import type { Names, Target } from '../references/target.ts';
import { printReference } from '../references/template.ts';
import type { FilterCall, PathSegment, Reference, Span } from '../references/template.ts';
import { namesFor } from './names.ts';
export { namesFor } from './names.ts';
import type { ProblemList, ProblemOptions } from './problem-list.ts';
import { RUN_SHAPE } from './result-shapes.ts';
import type { ResultShape } from './result-shapes.ts';
import type { SchemaCompiler } from './schema-compiler.ts';
import { shapeOf, typesOf, walkShape } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';
import { isSkippable } from './skippable.ts';
import type { StepGraph } from './step-graph.ts';
import { templatesOf } from './templates-of.ts';
import type { TemplateSite } from './templates-of.ts';

export interface ReferenceChecks {
  draft: RecipeDraft;
  graph: StepGraph;
  shapes: ReadonlyMap<string, ResultShape>;
  list: ProblemList;
  compiler: SchemaCompiler;
}

/** One template with what may be used in it. `reader` is null for the outputs of the recipe. */
interface Site extends ReferenceChecks {
  site: TemplateSite;
  reader: DraftStep | null;
  names: Names;
}

/** Checks every reference of every step and of the outputs against names, order, schemas and filters. */
export function checkReferences(checks: ReferenceChecks): void {
  const { draft, graph } = checks;
  for (const reader of draft.steps) {
    const names = namesFor(draft.steps, graph, reader);
    for (const site of templatesOf(reader)) checkTemplate({ ...checks, site, reader, names });
  }
  const names = namesFor(draft.steps, graph, null);
  for (const [key, text] of Object.entries(draft.outputs)) {
    checkTemplate({ ...checks, site: { path: ['outputs', key], text }, reader: null, names });
  }
}

function checkTemplate(at: Site): void {
  const template = parseTemplate(at.site.text);
  for (const problem of template.problems) report(at, problem, problem.message);
  for (const part of template.parts) {
    if (part.kind === 'reference') checkReference(at, part);
  }
}

/** Shape and types of what a template's only reference gives, for comparing with what a field takes; null = unknown. */
export function typesOfReference(
  checks: Omit<ReferenceChecks, 'list'>,
  reader: DraftStep,
  reference: Reference,
): Set<ValueType> | null {
  const names = namesFor(checks.draft.steps, checks.graph, reader);
  const last = reference.filters.at(-1);
  if (last !== undefined) {
    const gives = filterNamed(last.name)?.gives;
    return gives === undefined ? null : new Set([gives]);
  }
  const base = baseShape({ ...checks, names }, targetOf(reference, names));
  if (base === null) return null;
  const walked = walkShape(base.shape, base.path);
  return 'shape' in walked ? typesOf(walked.shape) : null;
}

function checkReference(at: Site, reference: Reference): void {
  const target = targetOf(reference, at.names);
  if (!checkTarget(at, reference, target)) return;
  const base = baseShape(at, target);
  let types: Set<ValueType> | null = null;
  if (base !== null) {
    const walked = walkShape(base.shape, base.path);
    if ('shape' in walked) types = typesOf(walked.shape);
    else {
      const { segment, message, names } = walked.problem;
      const name = segment.kind === 'field' ? segment.name : '';
      const before = base.path.slice(0, base.path.indexOf(segment));
      const what = `${base.what}${before.map(printed).join('')}`;
      const near = suggest(name, names);
      const known =
        names.length > 0 && near === null ? `; it has ${names.slice(0, 15).join(', ')}` : '';
      report(at, segment, {
        message: `${what} ${hint(at, target, base.path) ?? message}${known}`,
        suggestion: near,
      });
    }
  }
  checkFilters(at, reference, types);
}

/** A field of `object` needs an output schema; the plain message would only say that it is null. */
function hint(at: Site, target: Target, path: readonly PathSegment[]): string | null {
  if (target.kind !== 'step' && target.kind !== 'previous') return null;
  const key = target.kind === 'step' ? target.key : at.names.previous;
  const step = at.draft.steps.find((candidate) => candidate.outputKey === key)?.step;
  const object = path[0]?.kind === 'field' && path[0].name === 'object';
  if (!object || step?.type === 'tool' || step?.type === 'document' || step?.type === 'parallel') {
    return null;
  }
  return step === null || step === undefined || !('output_schema' in step) || step.output_schema === undefined
    ? 'has no object, because it has no output_schema'
    : null;
}

/** Whether a `default` stands in when the value is missing. */
function isOptional(reference: Reference): boolean {
  return reference.filters.some((filter) => filter.name === 'default');
}

function printed(segment: PathSegment): string {
  return segment.kind === 'index' ? `[${segment.index}]` : `.${segment.name}`;
}

interface Base {
  shape: Shape;
  path: PathSegment[];
  what: string;
}

function baseShape(at: Pick<Site, 'draft' | 'shapes' | 'names'>, target: Target): Base | null {
  const ofStep = (
    key: string | null | undefined,
    main: boolean,
    path: PathSegment[],
  ): Base | null => {
    const shape = at.shapes.get(key ?? '');
    if (shape === undefined) return null;
    return { shape: main ? shape.main : shape.value, path, what: `the result of "${key ?? ''}"` };
  };
  switch (target.kind) {
    case 'inputs': {
      const schema: JsonObject = { type: 'object', ...at.draft.inputs };
      const shape = at.draft.inputs === null ? shapeOf({}) : shapeOf(schema);
      return { shape, path: target.path, what: 'inputs' };
    }
    case 'run':
      return { shape: RUN_SHAPE, path: target.path, what: 'run' };
    case 'step':
      return ofStep(target.key, target.main, target.path);
    case 'position':
      return ofStep(at.names.byPosition[target.position - 1], true, target.path);
    case 'previous':
      return ofStep(at.names.previous, target.main, target.path);
    default:
      return null;
  }
}

/** Whether the reference points at something that is there when it is read; reports why not. */
function checkTarget(at: Site, reference: Reference, target: Target): boolean {
  const wrong = (message: string, suggestion: string | null = null) => {
    report(at, reference, { message, suggestion });
    return false;
  };
  const shown = printReference({ ...reference, filters: [] });
  switch (target.kind) {
    case 'text':
      return checkPlainName(at, reference);
    case 'unknown': {
      const { root } = reference;
      if (at.names.keys.has(root)) return wrong(`unknown reference ${shown}`, `steps.${root}`);
      const near = suggest(root, ['inputs', 'steps', 'previous', 'run']);
      return wrong(
        `unknown reference ${shown}; it starts with inputs, steps, previous or run`,
        near,
      );
    }
    case 'steps':
      return wrong('{{steps}} needs the output key of a step, e.g. {{steps.scan.summary}}');
    case 'inputs':
      return checkInput(at, reference, target.path);
    case 'run':
      return target.path.length > 0 || wrong('{{run}} needs a field: id, started_at or findings');
    case 'position': {
      const key = at.names.byPosition[target.position - 1];
      const count = at.names.byPosition.length;
      if (key === undefined)
        return wrong(`there is no step ${target.position}; the recipe has ${count}`);
      return checkStep(at, reference, key);
    }
    case 'previous': {
      if (at.names.previous !== null) {
        return checkStep(at, reference, at.names.previous);
      }
      return wrong(
        `${shown} needs exactly one step before this one; name it by {{steps.<output_key>}}`,
      );
    }
    case 'local':
      return true;
    default:
      return checkStep(at, reference, target.key);
  }
}

/** A plain name in single braces is text, unless it looks like a slip of the pen. */
function checkPlainName(at: Site, reference: Reference): boolean {
  const own = ['previous_output', ...at.names.keys];
  const near = reference.root.length > 3 ? suggest(reference.root, own) : null;
  if (near === null) return false;
  const message = `${reference.raw} names no step; write \\${reference.raw} for plain text`;
  report(at, reference, { message, suggestion: `{${near}}` });
  return false;
}

function checkInput(at: Site, reference: Reference, path: readonly PathSegment[]): boolean {
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

function checkStep(at: Site, reference: Reference, key: string): boolean {
  const optional = isOptional(reference);
  const step = at.draft.steps.find((candidate) => candidate.outputKey === key);
  if (step === undefined) {
    const near = suggest(key, at.names.keys);
    report(at, reference, { message: `no step has the output key "${key}"`, suggestion: near });
    return false;
  }
  if (at.reader !== null && !at.graph.ancestors(at.reader.stepId).has(step.stepId)) {
    report(at, reference, notBefore(at, at.reader, step));
    return true;
  }
  if (!optional && isSkippable({ steps: at.draft.steps, graph: at.graph }, step, at.reader)) {
    const message = `"${key}" may leave no result, because it can be skipped; add "| default: …"`;
    report(at, reference, message);
  }
  if (!optional) checkFallback(at, reference, step);
  return true;
}

function notBefore(at: Site, reader: DraftStep, step: DraftStep): string {
  if (step.stepId === reader.stepId) return `"${step.outputKey}" is this step itself`;
  if (step.parent !== null && step.parent === reader.parent) {
    return `"${step.outputKey}" runs beside this step, so its result is not there yet`;
  }
  return at.graph.mode === 'graph'
    ? `"${step.outputKey}" need not have ended before this step; add "${step.parent ?? step.stepId}" to depends_on`
    : `"${step.outputKey}" runs after this step starts, so its result is not there yet`;
}

/** What stands in for a failed step must have the field as well. */
function checkFallback(at: Site, reference: Reference, { step, outputKey }: DraftStep): void {
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

function checkFilters(at: Site, reference: Reference, start: Set<ValueType> | null): void {
  let types = start;
  for (const call of reference.filters) {
    const filter = filterNamed(call.name);
    if (filter === undefined) {
      const near = suggest(call.name, Object.keys(FILTERS));
      report(at, call, { message: `there is no filter "${call.name}"`, suggestion: near });
      return;
    }
    checkArguments(at, call);
    const { takes } = filter;
    // Null may be told apart only when it runs: a field that can be null can also hold what the filter takes.
    if (takes !== undefined && types !== null && !takes.some((type) => types?.has(type) === true)) {
      const found = [...types].join(' or ');
      report(at, call, `the filter "${call.name}" takes ${takes.join(' or ')}, not ${found}`);
    }
    types = filter.gives === undefined ? null : new Set([filter.gives]);
  }
}

function checkArguments(at: Site, call: FilterCall): void {
  const { args } = filterNamed(call.name) ?? { args: { min: 0, max: 0 } };
  const count = call.args.length;
  if (count < args.min || count > args.max) {
    const wanted = args.min === args.max ? `${args.min}` : `${args.min} to ${args.max}`;
    report(at, call, `the filter "${call.name}" takes ${wanted} arguments, not ${count}`);
  }
  const type = 'type' in args ? args.type : undefined;
  if (type !== undefined && call.args.some((value) => typeof value !== type)) {
    report(at, call, `the filter "${call.name}" takes a ${type} as argument`);
  }
}

function report(
  at: Site,
  span: Span,
  problem: string | (ProblemOptions & { message: string }),
): void {
  const { message, ...options } = typeof problem === 'string' ? { message: problem } : problem;
  const { text, path } = at.site;
  const located = at.draft.source.locate(path) !== null;
  at.list.add(path, located ? message : `${message} (${placeIn(text, span.start)})`, {
    ...options,
    spot: spotOf(text, span),
  });
}

/** What stands at a place on its line; at the end of a line, what stands before it. */
function spotOf(text: string, span: Span): TextSpot {
  const after = text.slice(span.start, Math.max(span.end, span.start + 1)).split('\n')[0] ?? '';
  if (after !== '') return { text: after, offset: span.start };
  const before = text.slice(0, span.start).split('\n').at(-1) ?? '';
  return { text: before, offset: span.start - before.length, shift: before.length };
}

/** Place inside a text for sources without lines of their own. */
function placeIn(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1} of the text`;
}
