import type { DraftStep } from '../definition/draft-step.ts';
import type { RecipeDraft } from '../definition/parse-recipe.ts';
import type { Names } from '../references/target.ts';
import type { Span } from '../references/template.ts';
import { namesFor } from './names.ts';
import type { ProblemList, ProblemOptions } from './problem-list.ts';
import type { ResultShape } from './result-shapes.ts';
import type { SchemaCompiler } from './schema-compiler.ts';
import type { StepGraph } from './step-graph.ts';
import type { TemplateSite } from './templates-of.ts';
import { addTextProblem } from './text-problems.ts';

export interface ReferenceChecks {
  draft: RecipeDraft;
  graph: StepGraph;
  shapes: ReadonlyMap<string, ResultShape>;
  list: ProblemList;
  compiler: SchemaCompiler;
}

/** One text with what may be used in it. `reader` is null for the outputs of the recipe. */
export interface ReferenceSite extends ReferenceChecks {
  site: TemplateSite;
  reader: DraftStep | null;
  names: Names;
}

export function siteOf(
  checks: ReferenceChecks,
  reader: DraftStep | null,
  site: TemplateSite,
): ReferenceSite {
  const names = namesFor(checks.graph, reader, site.place);
  return { ...checks, site, reader, names };
}

export function report(
  at: ReferenceSite,
  span: Span,
  problem: string | (ProblemOptions & { message: string }),
): void {
  const { list, draft, site } = at;
  const place = { list, source: draft.source, path: site.path, text: site.text };
  addTextProblem(place, span, typeof problem === 'string' ? { message: problem } : problem);
}
