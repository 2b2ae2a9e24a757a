import type { DraftStep } from '../definition/draft-step.ts';
import { suggest } from '../definition/suggest.ts';
import { filterNamed } from '../references/filters.ts';
import { parseTemplate } from '../references/parse-template.ts';
import { callProblems } from '../references/rooted.ts';
import { targetOf } from '../references/target.ts';
import type { Target } from '../references/target.ts';
import { soleReference } from '../references/template.ts';
import type { PathSegment, Reference } from '../references/template.ts';
import { checkTarget } from './check-availability.ts';
import { checkCondition } from './check-conditions.ts';
import { filteredShape } from './filter-shapes.ts';
import { baseShape } from './reference-shapes.ts';
import { report, siteOf } from './reference-site.ts';
import type { ReferenceChecks, ReferenceSite } from './reference-site.ts';
import { typesOf, walkShape } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';
import { templatesOf } from './templates-of.ts';

/** Checks every reference of every step and of the outputs against names, order, schemas and filters. */
export function checkReferences(checks: ReferenceChecks): void {
  const { draft } = checks;
  for (const reader of draft.steps) {
    for (const site of templatesOf(reader)) checkText(siteOf(checks, reader, site));
  }
  // Without any step nothing could be right.
  if (draft.steps.length === 0) return;
  for (const [key, text] of Object.entries(draft.outputs)) {
    const site = { path: ['outputs', key], text, kind: 'template', place: 'inside' } as const;
    checkText(siteOf(checks, null, site));
  }
}

function checkText(at: ReferenceSite): void {
  if (at.site.kind === 'condition') return checkCondition(at, checkReference);
  const template = parseTemplate(at.site.text);
  for (const problem of template.problems) report(at, problem, problem.message);
  const shapes = template.parts.map((part) =>
    part.kind === 'reference' ? checkReference(at, part) : null,
  );
  if (at.site.kind !== 'list' || template.problems.length > 0) return;
  const whole = { start: 0, end: at.site.text.length };
  if (soleReference(template) === null) {
    report(at, whole, 'must be one reference to a list, e.g. {{steps.plan.object.files}}');
    return;
  }
  const types = shapes[0] === null || shapes[0] === undefined ? null : typesOf(shapes[0]);
  if (types !== null && !types.has('array')) {
    report(at, whole, `must be a list, but the reference gives ${[...types].join(' or ')}`);
  }
}

/** Checks one reference and returns the shape of what it gives after its filters; null = unknown. */
function checkReference(at: ReferenceSite, reference: Reference): Shape | null {
  const target = targetOf(reference, at.names);
  if (!checkTarget(at, reference, target)) return null;
  const base = baseShape(at, target);
  let shape: Shape | null = null;
  if (base !== null) {
    const walked = walkShape(base.shape, base.path);
    if ('shape' in walked) shape = walked.shape;
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
  return checkFilters(at, reference, shape);
}

/** A field of `object` needs an output schema; the plain message would only say that it is null. */
function hint(at: ReferenceSite, target: Target, path: readonly PathSegment[]): string | null {
  if (target.kind !== 'step' && target.kind !== 'previous') return null;
  const key = target.kind === 'step' ? target.key : at.names.previous;
  const draft = at.draft.steps.find((candidate) => candidate.outputKey === key);
  const [first] = path;
  if (draft === undefined || first?.kind !== 'field') return null;
  return repeatedHint(draft, first.name) ?? objectHint(draft, first.name);
}

function repeatedHint({ step, outputKey }: DraftStep, name: string): string | null {
  if (step === null || !('for_each' in step) || step.for_each === undefined) return null;
  return `is a list, because the step has for_each: read {{steps.${outputKey}.items[0].${name}}}; it has no field "${name}"`;
}

function objectHint({ step, type }: DraftStep, name: string): string | null {
  if (name !== 'object' || step === null || type !== 'agent' || !('output_schema' in step)) {
    return name === 'object' && type === 'agent'
      ? 'has no object, because it has no output_schema'
      : null;
  }
  return step.output_schema === undefined ? 'has no object, because it has no output_schema' : null;
}

function printed(segment: PathSegment): string {
  return segment.kind === 'index' ? `[${segment.index}]` : `.${segment.name}`;
}

/** Checks the filters one after the other and returns what the last one gives. */
function checkFilters(at: ReferenceSite, reference: Reference, start: Shape | null): Shape | null {
  let shape = start;
  for (const call of reference.filters) {
    const problems = callProblems(call);
    for (const problem of problems) report(at, call, problem);
    const filter = filterNamed(call.name);
    if (filter === undefined) return null;
    const types = shape === null ? null : typesOf(shape);
    const { takes } = filter;
    // Null may be told apart only when it runs: a field that can be null can also hold what the filter takes.
    if (takes !== undefined && types !== null && !takes.some((type) => types.has(type))) {
      const found = [...types].join(' or ');
      report(at, call, `the filter "${call.name}" takes ${takes.join(' or ')}, not ${found}`);
    }
    shape = filteredShape(shape, call);
  }
  return shape;
}
