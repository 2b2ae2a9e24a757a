/** Where something stands inside a template, in UTF-16 units. */
export interface Span {
  start: number;
  end: number;
}

export type PathSegment = Span &
  ({ kind: 'field'; name: string } | { kind: 'index'; index: number });

export interface FilterCall extends Span {
  name: string;
  args: (string | number | boolean | null)[];
}

/** One reference. `single` stands for the forms in single braces, of which unknown plain names are left as text. */
export interface Reference extends Span {
  kind: 'reference';
  form: 'double' | 'single';
  root: string;
  path: PathSegment[];
  filters: FilterCall[];
  /** The text as written, braces included. */
  raw: string;
}

export interface TextPart {
  kind: 'text';
  text: string;
}

export interface TemplateProblem extends Span {
  message: string;
}

/** A parsed template: text and references in turn. With problems, the parts hold what could be read. */
export interface Template {
  source: string;
  parts: (TextPart | Reference)[];
  problems: TemplateProblem[];
}

/** A template that is nothing but one reference keeps the type of its value. */
export function soleReference(template: Template): Reference | null {
  const [only, ...more] = template.parts;
  return only?.kind === 'reference' && more.length === 0 ? only : null;
}

/** The reference in its canonical form, e.g. `{{steps.scan.findings[0] | json}}`. */
export function printReference(reference: Pick<Reference, 'root' | 'path' | 'filters'>): string {
  const path = reference.path.map(printSegment).join('');
  const filters = reference.filters.map(printFilter).join('');
  return `{{${reference.root}${path}${filters}}}`;
}

function printSegment(segment: PathSegment): string {
  if (segment.kind === 'index') return `[${segment.index}]`;
  return IDENTIFIER.test(segment.name) ? `.${segment.name}` : `[${JSON.stringify(segment.name)}]`;
}

function printFilter(filter: FilterCall): string {
  if (filter.args.length === 0) return ` | ${filter.name}`;
  return ` | ${filter.name}: ${filter.args.map((arg) => JSON.stringify(arg)).join(', ')}`;
}

export const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
