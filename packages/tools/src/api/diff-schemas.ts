import type { ApiProblem } from './api-finding.ts';
import { childOf, entriesOf, isRecord, itemsOf, lineOfPlace } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

/** One difference; `breaking` ones make a client of the old description fail against the new one. */
export interface ApiChange extends ApiProblem {
  breaking: boolean;
}

/** Where two descriptions are held against each other. */
export interface Compared {
  before: Spec;
  after: Spec;
  direction: 'request' | 'response';
  /** In words, for messages: `body of POST /pets`. */
  what: string;
  seen: Set<string>;
}

/** Schemas nested deeper than this are compared no further. */
const DEPTH_MAX = 25;

export function wasAt(place: Place): string {
  const line = lineOfPlace(place);
  return `before, ${place.doc.path}:${line}: ${place.doc.textAt(line)}`;
}

/** What a schema says about an object or a value, with the parts of `allOf` joined. */
interface Shape {
  types: string[] | undefined;
  values: unknown[] | undefined;
  properties: Map<string, Place>;
  required: Set<string>;
  place: Place;
}

function shapeOf(spec: Spec, at: Place, depth = 0): Shape | undefined {
  const place = spec.follow(at);
  if (place === undefined || !isRecord(place.value) || depth > DEPTH_MAX) return undefined;
  const { value } = place;
  const own: Shape = {
    types: typesOf(value),
    values: Array.isArray(value['enum'])
      ? (value['enum'] as unknown[])
      : 'const' in value
        ? [value['const']]
        : undefined,
    properties: new Map(entriesOf(childOf(place, 'properties'))),
    required: new Set(
      Array.isArray(value['required'])
        ? value['required'].filter((name): name is string => typeof name === 'string')
        : [],
    ),
    place,
  };
  for (const part of itemsOf(childOf(place, 'allOf'))) {
    const inner = shapeOf(spec, part, depth + 1);
    if (inner === undefined) continue;
    own.types ??= inner.types;
    own.values ??= inner.values;
    for (const [name, property] of inner.properties)
      if (!own.properties.has(name)) own.properties.set(name, property);
    for (const name of inner.required) own.required.add(name);
  }
  return own;
}

function typesOf(value: Record<string, unknown>): string[] | undefined {
  const raw = value['type'];
  const types =
    typeof raw === 'string'
      ? [raw]
      : Array.isArray(raw)
        ? raw.filter((one): one is string => typeof one === 'string')
        : undefined;
  if (types === undefined) return isRecord(value['properties']) ? ['object'] : undefined;
  return value['nullable'] === true && !types.includes('null') ? [...types, 'null'] : types;
}

function typeChanges(before: Shape, after: Shape, work: Compared): ApiChange[] {
  if (before.types === undefined || after.types === undefined) return [];
  const accepts = (types: readonly string[], type: string) =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  const lost = before.types.filter((type) => !accepts(after.types ?? [], type));
  const gained = after.types.filter((type) => !accepts(before.types ?? [], type));
  // Requests: all that was accepted must still be. Answers: nothing may come that could not come before.
  const breaking = work.direction === 'request' ? lost.length > 0 : gained.length > 0;
  if (lost.length === 0 && gained.length === 0) return [];
  const words = `${before.types.join('|')} to ${after.types.join('|')}`;
  return [
    change(work, {
      breaking,
      rule: 'type_changed',
      message: `The type of ${work.what} changed from ${words}.`,
      at: typePlace(after.place),
      before: before.place,
    }),
  ];
}

function typePlace(place: Place): Place {
  return isRecord(place.value) && 'type' in place.value ? childOf(place, 'type') : place;
}

function change(
  work: Compared,
  {
    breaking,
    rule,
    message,
    at,
    before,
  }: { breaking: boolean; rule: string; message: string; at: Place; before?: Place },
): ApiChange {
  return {
    breaking,
    rule: breaking ? `breaking_${work.direction}_${rule}` : `changed_${work.direction}_${rule}`,
    severity: breaking ? 'high' : 'info',
    message,
    at,
    ...(before === undefined ? {} : { evidence: wasAt(before) }),
    ...(breaking ? { fix: 'Keep the old form, or publish this as a new version of the API.' } : {}),
  };
}

function enumChanges(before: Shape, after: Shape, work: Compared): ApiChange[] {
  const [old, now] = [before.values, after.values];
  if (old === undefined && now === undefined) return [];
  const texts = (values: unknown[] | undefined) =>
    new Set((values ?? []).map((value) => JSON.stringify(value)));
  const [oldTexts, nowTexts] = [texts(old), texts(now)];
  const at =
    childOf(after.place, 'enum').value === undefined ? after.place : childOf(after.place, 'enum');
  if (old === undefined || now === undefined) {
    const narrowed = old === undefined;
    const breaking = work.direction === 'request' ? narrowed : !narrowed;
    return [
      change(work, {
        breaking,
        rule: 'enum_changed',
        message: `${work.what} ${narrowed ? 'now allows' : 'no longer is bound to'} only certain values.`,
        at,
        before: before.place,
      }),
    ];
  }
  const gone = [...oldTexts].filter((text) => !nowTexts.has(text));
  const added = [...nowTexts].filter((text) => !oldTexts.has(text));
  return [
    ...(gone.length === 0
      ? []
      : [
          change(work, {
            breaking: work.direction === 'request',
            rule: 'enum_narrowed',
            message: `${work.what} no longer knows ${gone.join(', ')}.`,
            at,
            before: childOf(before.place, 'enum'),
          }),
        ]),
    ...(added.length === 0
      ? []
      : [
          change(work, {
            breaking: work.direction === 'response',
            rule: 'enum_widened',
            message: `${work.what} can now be ${added.join(', ')}.`,
            at,
            before: childOf(before.place, 'enum'),
          }),
        ]),
  ];
}

/** Bounds: which direction of change accepts less. */
const BOUNDS = [
  ['minimum', 'up'],
  ['exclusiveMinimum', 'up'],
  ['minLength', 'up'],
  ['minItems', 'up'],
  ['minProperties', 'up'],
  ['maximum', 'down'],
  ['exclusiveMaximum', 'down'],
  ['maxLength', 'down'],
  ['maxItems', 'down'],
  ['maxProperties', 'down'],
] as const;

function boundChanges(before: Shape, after: Shape, work: Compared): ApiChange[] {
  const [old, now] = [
    before.place.value as Record<string, unknown>,
    after.place.value as Record<string, unknown>,
  ];
  const found: ApiChange[] = [];
  for (const [keyword, narrower] of BOUNDS) {
    const [from, to] = [old[keyword], now[keyword]];
    if (from === to || (typeof from !== 'number' && typeof to !== 'number')) continue;
    const narrowed =
      typeof from !== 'number' ||
      (typeof to === 'number' && (narrower === 'up' ? to > from : to < from));
    const breaking = work.direction === 'request' ? narrowed : !narrowed;
    const words =
      typeof from !== 'number'
        ? `is now ${String(to)}`
        : typeof to !== 'number'
          ? `${String(from)} was dropped`
          : `changed from ${from} to ${to}`;
    found.push(
      change(work, {
        breaking,
        rule: 'limit_changed',
        message: `${keyword} of ${work.what} ${words}.`,
        at: keyword in now ? childOf(after.place, keyword) : after.place,
        before: before.place,
      }),
    );
  }
  for (const keyword of ['pattern', 'format'] as const)
    if (old[keyword] !== now[keyword] && now[keyword] !== undefined)
      found.push(
        change(work, {
          breaking: work.direction === 'request',
          rule: 'format_changed',
          message: `${keyword} of ${work.what} is now ${JSON.stringify(now[keyword])}.`,
          at: childOf(after.place, keyword),
          before: before.place,
        }),
      );
  return found;
}

function propertyChanges(before: Shape, after: Shape, work: Compared): ApiChange[] {
  const found: ApiChange[] = [];
  for (const [name, old] of before.properties) {
    const now = after.properties.get(name);
    const what = `field "${name}" of ${work.what}`;
    if (now === undefined) {
      found.push(
        change(work, {
          breaking: work.direction === 'response',
          rule: 'field_removed',
          message: `The ${what} was removed.`,
          at: propertiesPlace(after.place),
          before: old,
        }),
      );
      continue;
    }
    const [needed, needs] = [before.required.has(name), after.required.has(name)];
    if (needed !== needs)
      found.push(
        change(work, {
          breaking: work.direction === 'request' ? needs : needed,
          rule: needs ? 'field_required' : 'field_optional',
          message: `The ${what} ${needs ? 'is now required' : 'may now be missing'}.`,
          at: now,
          before: old,
        }),
      );
    found.push(...compareSchemas(old, now, { ...work, what }));
  }
  for (const [name, now] of after.properties) {
    if (before.properties.has(name)) continue;
    const needs = after.required.has(name);
    found.push(
      change(work, {
        breaking: work.direction === 'request' && needs,
        rule: needs ? 'required_field_added' : 'field_added',
        message: `The ${needs ? 'required ' : ''}field "${name}" of ${work.what} is new.`,
        at: now,
      }),
    );
  }
  return found;
}

function propertiesPlace(place: Place): Place {
  return isRecord(place.value) && 'properties' in place.value
    ? childOf(place, 'properties')
    : place;
}

function variantChanges(before: Shape, after: Shape, work: Compared): ApiChange[] {
  return (['oneOf', 'anyOf'] as const).flatMap((keyword): ApiChange[] => {
    const [old, now] = [
      itemsOf(childOf(before.place, keyword)),
      itemsOf(childOf(after.place, keyword)),
    ];
    if (old.length !== now.length) {
      const fewer = now.length < old.length;
      return [
        change(work, {
          breaking: work.direction === 'request' ? fewer : !fewer,
          rule: fewer ? 'variant_removed' : 'variant_added',
          message: `${work.what} has ${now.length} forms (${keyword}), before ${old.length}.`,
          at:
            childOf(after.place, keyword).value === undefined
              ? after.place
              : childOf(after.place, keyword),
          before: before.place,
        }),
      ];
    }
    return old.flatMap((place, index) => {
      const other = now[index];
      return other === undefined
        ? []
        : compareSchemas(place, other, { ...work, what: `form ${index + 1} of ${work.what}` });
    });
  });
}

/** What changed from one schema to the other, for requests (accepting less breaks) or answers (giving less or other things breaks). */
export function compareSchemas(
  before: Place | undefined,
  after: Place | undefined,
  work: Compared,
): ApiChange[] {
  if (before === undefined || after === undefined) return [];
  const [old, now] = [shapeOf(work.before, before), shapeOf(work.after, after)];
  if (old === undefined || now === undefined) return [];
  const key = `${work.direction} ${old.place.doc.absolute}#${old.place.keys.join('/')} ${now.place.doc.absolute}#${now.place.keys.join('/')}`;
  if (work.seen.has(key)) return [];
  work.seen.add(key);
  const types = typeChanges(old, now, work);
  // What is another thing altogether is not compared field by field.
  if (types.some(({ breaking }) => breaking)) return types;
  return [
    ...types,
    ...enumChanges(old, now, work),
    ...boundChanges(old, now, work),
    ...propertyChanges(old, now, work),
    ...variantChanges(old, now, work),
    ...compareSchemas(present(childOf(old.place, 'items')), present(childOf(now.place, 'items')), {
      ...work,
      what: `items of ${work.what}`,
    }),
  ];
}

function present(place: Place): Place | undefined {
  return isRecord(place.value) ? place : undefined;
}
