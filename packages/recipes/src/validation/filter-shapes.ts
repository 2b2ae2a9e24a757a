import type { JsonObject } from '@automatos/kernel';
import { filterNamed, typeOf } from '../references/filters.ts';
import type { FilterCall, PathSegment } from '../references/template.ts';
import { shapeOf, typesOf, walkShape } from './schema-walk.ts';
import type { Shape } from './schema-walk.ts';

const INDEX: PathSegment = { kind: 'index', index: 0, start: 0, end: 0 };

/** What a filter gives for a value of this shape; null = unknown. */
export function filteredShape(shape: Shape | null, call: FilterCall): Shape | null {
  const [argument] = call.args;
  switch (call.name) {
    case 'default':
      return shape === null ? null : withDefault(shape, { const: argument ?? null });
    case 'first':
    case 'last':
      return itemsOf(shape);
    case 'min':
    case 'max': {
      const items = itemsOf(shape);
      return argument === undefined ? items : fieldOf(items, argument);
    }
    case 'where':
    case 'sort':
    case 'unique':
      return shape === null || isUnsure(shape) ? shapeOf({ type: 'array' }) : shape;
    case 'slice':
      return shape;
    case 'flatten': {
      const inner = itemsOf(itemsOf(shape));
      return listOf(inner);
    }
    case 'map':
      return listOf(fieldOf(itemsOf(shape), argument ?? ''));
    default: {
      const gives = filterNamed(call.name)?.gives;
      return gives === undefined ? null : shapeOf({ type: gives });
    }
  }
}

/** Shape of the items of a list; null = unknown. */
export function itemsOf(shape: Shape | null): Shape | null {
  if (shape === null) return null;
  const walked = walkShape(shape, [INDEX]);
  return 'shape' in walked ? walked.shape : null;
}

/** The shape that stands in one way or the other: with what replaces it when it is missing or null. */
function withDefault(shape: Shape, argument: { const: FilterCall['args'][number] }): Shape {
  const types = typesOf(shape);
  if (types === null) return shapeOf({});
  const instead = { type: typeOf(argument.const), enum: [argument.const] };
  return { root: shape.root, schema: { anyOf: [shape.schema, instead] } };
}

function fieldOf(shape: Shape | null, field: FilterCall['args'][number]): Shape | null {
  if (shape === null) return null;
  const path = String(field)
    .split('.')
    .map((name): PathSegment => ({ kind: 'field', name, start: 0, end: 0 }));
  const walked = walkShape(shape, path);
  return 'shape' in walked ? walked.shape : null;
}

function listOf(items: Shape | null): Shape {
  if (items === null) return shapeOf({ type: 'array' });
  const schema: JsonObject = { type: 'array', items: items.schema };
  return { root: items.root, schema };
}

function isUnsure(shape: Shape): boolean {
  return typesOf(shape)?.has('array') !== true;
}
