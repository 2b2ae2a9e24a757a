import type { JsonObject } from '@automatos/kernel';
import { parseTemplate } from '../references/parse-template.ts';
import { targetOf } from '../references/target.ts';
import type { Target } from '../references/target.ts';
import { soleReference } from '../references/template.ts';
import type { PathSegment, Reference } from '../references/template.ts';
import { filteredShape, itemsOf } from './filter-shapes.ts';
import { localsFor, repetitionOf } from './names.ts';
import type { LocalName } from './names.ts';
import { siteOf } from './reference-site.ts';
import type { ReferenceChecks, ReferenceSite } from './reference-site.ts';
import { EACH_SHAPE, loopShape, RUN_SHAPE } from './result-shapes.ts';
import { shapeOf, walkShape } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';

/** What a reference starts from, and the path that is left. */
export interface Base {
  shape: Shape;
  path: PathSegment[];
  /** How messages name it. */
  what: string;
}

/** Shape of what a reference gives after its filters; null = unknown. Reports nothing. */
export function shapeOfReference(at: ReferenceSite, reference: Reference): Shape | null {
  const base = baseShape(at, targetOf(reference, at.names));
  const walked = base === null ? null : walkShape(base.shape, base.path);
  const start = walked !== null && 'shape' in walked ? walked.shape : null;
  return reference.filters.reduce(filteredShape, start);
}

/** Where a target's path starts; null when nothing is known of it. */
export function baseShape(at: ReferenceSite, target: Target): Base | null {
  switch (target.kind) {
    case 'inputs': {
      const schema: JsonObject = { type: 'object', ...at.draft.inputs };
      const shape = at.draft.inputs === null ? shapeOf({}) : shapeOf(schema);
      return { shape, path: target.path, what: 'inputs' };
    }
    case 'run':
      return { shape: RUN_SHAPE, path: target.path, what: 'run' };
    case 'step':
      return ofStep(at, target.key, target);
    case 'position':
      return ofStep(at, at.names.byPosition[target.position - 1], { ...target, main: true });
    case 'previous':
      return ofStep(at, at.names.previous, target);
    case 'local': {
      const local = localsFor(at.graph, at.reader, at.site.place).find(
        ({ name }) => name === target.name,
      );
      const shape = local === undefined ? null : localShape(at, local);
      return shape === null ? null : { shape, path: target.path, what: `"${target.name}"` };
    }
    default:
      return null;
  }
}

function ofStep(
  at: ReferenceSite,
  key: string | null | undefined,
  { main, path }: { main: boolean; path: PathSegment[] },
): Base | null {
  const shape = at.shapes.get(key ?? '');
  if (shape === undefined) return null;
  return { shape: main ? shape.main : shape.value, path, what: `the result of "${key ?? ''}"` };
}

function localShape(checks: ReferenceChecks, { kind, owner }: LocalName): Shape | null {
  if (kind === 'each') return EACH_SHAPE;
  if (kind === 'loop') return loopShape(checks.draft.steps, owner, checks.shapes);
  const repetition = repetitionOf(owner);
  const sole = soleReference(parseTemplate(repetition?.items ?? ''));
  if (sole === null) return null;
  const text = repetition?.items ?? '';
  const site = { path: owner.path, text, kind: 'list', place: 'outside' } as const;
  return itemsOf(shapeOfReference(siteOf(checks, owner, site), sole));
}
