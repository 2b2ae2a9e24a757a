import { childOf, entriesOf, isRecord, itemsOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

const DEPTH_MAX = 8;

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  'uri-reference': '/path',
  uuid: '01890000-0000-7000-8000-000000000000',
  byte: 'YQ==',
};

function sampleText(schema: Record<string, unknown>): string {
  const format = typeof schema['format'] === 'string' ? BY_FORMAT[schema['format']] : undefined;
  if (format !== undefined) return format;
  const least = typeof schema['minLength'] === 'number' ? schema['minLength'] : 0;
  const most =
    typeof schema['maxLength'] === 'number' ? schema['maxLength'] : Number.POSITIVE_INFINITY;
  const pattern =
    typeof schema['pattern'] === 'string' ? sampleOfPattern(schema['pattern']) : undefined;
  return (pattern ?? 'text').padEnd(Math.min(least, 1000), 'x').slice(0, most);
}

/** A text for the plain patterns that identifiers have (`^[a-z]{3}-\d+$`); undefined for others. */
function sampleOfPattern(pattern: string): string | undefined {
  const parts = [
    ...pattern
      .replace(/^\^|\$$/g, '')
      .matchAll(/(\[[^\]]+\]|\\[dws]|\\?[\w\-/:.@ ])(?:\{(\d+)(?:,\d*)?\}|([+*?]))?/g),
  ];
  if (parts.map(([whole]) => whole).join('') !== pattern.replace(/^\^|\$$/g, '')) return undefined;
  return parts
    .map(([, unit = '', times, sign]) =>
      unitOf(unit).repeat(
        times === undefined ? (sign === '*' || sign === '?' ? 0 : 1) : Number(times),
      ),
    )
    .join('');
}

function unitOf(unit: string): string {
  if (unit === '\\d') return '1';
  if (unit === '\\w') return 'a';
  if (unit.startsWith('[')) return unit[1] === '\\' ? '1' : (unit[1] ?? 'a');
  return unit.replace('\\', '');
}

function sampleNumber(schema: Record<string, unknown>): number {
  const whole = schema['type'] === 'integer';
  const low = typeof schema['minimum'] === 'number' ? schema['minimum'] : undefined;
  const above =
    typeof schema['exclusiveMinimum'] === 'number'
      ? schema['exclusiveMinimum']
      : schema['exclusiveMinimum'] === true
        ? low
        : undefined;
  const high = typeof schema['maximum'] === 'number' ? schema['maximum'] : undefined;
  const step =
    typeof schema['multipleOf'] === 'number' && schema['multipleOf'] > 0
      ? schema['multipleOf']
      : undefined;
  const from = above === undefined ? (low ?? Math.min(1, high ?? 1)) : above + (whole ? 1 : 0.5);
  const value = step === undefined ? from : Math.ceil(from / step) * step;
  return whole ? Math.ceil(value) : value;
}

function given(schema: Record<string, unknown>): { value: unknown } | undefined {
  if (schema['example'] !== undefined) return { value: schema['example'] };
  if (Array.isArray(schema['examples']) && schema['examples'].length > 0)
    return { value: (schema['examples'] as unknown[])[0] };
  if (schema['default'] !== undefined) return { value: schema['default'] };
  if ('const' in schema) return { value: schema['const'] };
  return Array.isArray(schema['enum']) && schema['enum'].length > 0
    ? { value: (schema['enum'] as unknown[])[0] }
    : undefined;
}

function sampleObject(spec: Spec, place: Place, depth: number): Record<string, unknown> {
  const target: Record<string, unknown> = {};
  for (const part of itemsOf(childOf(place, 'allOf'))) {
    const value = sampleOf(spec, part, depth + 1);
    if (isRecord(value)) Object.assign(target, value);
  }
  const required = childOf(place, 'required').value;
  for (const [name, property] of entriesOf(childOf(place, 'properties')))
    if (depth < DEPTH_MAX / 2 || (Array.isArray(required) && required.includes(name)))
      target[name] = sampleOf(spec, property, depth + 1);
  return target;
}

/** A value that fits the schema, always the same one: its example, default or first choice, else one made from its rules. */
export function sampleOf(spec: Spec, at: Place, depth = 0): unknown {
  const place = spec.follow(at);
  if (place === undefined || !isRecord(place.value) || depth > DEPTH_MAX) return null;
  const schema = place.value;
  const known = given(schema);
  if (known !== undefined) return known.value;
  const [variant] = [...itemsOf(childOf(place, 'oneOf')), ...itemsOf(childOf(place, 'anyOf'))];
  const type = Array.isArray(schema['type'])
    ? (schema['type'] as unknown[]).find((one) => one !== 'null')
    : schema['type'];
  if (type === 'object' || isRecord(schema['properties']) || Array.isArray(schema['allOf'])) {
    const value = sampleObject(spec, place, depth);
    const more = variant === undefined ? undefined : sampleOf(spec, variant, depth + 1);
    return isRecord(more) ? { ...value, ...more } : value;
  }
  if (variant !== undefined) return sampleOf(spec, variant, depth + 1);
  if (type === 'array') {
    const count = Math.min(
      Math.max(1, typeof schema['minItems'] === 'number' ? schema['minItems'] : 1),
      20,
    );
    const items = childOf(place, 'items');
    return items.value === undefined || depth >= DEPTH_MAX
      ? []
      : Array.from({ length: count }, () => sampleOf(spec, items, depth + 1));
  }
  if (type === 'integer' || type === 'number') return sampleNumber({ ...schema, type });
  if (type === 'boolean') return true;
  return type === 'null'
    ? null
    : type === undefined && schema['format'] === undefined
      ? null
      : sampleText(schema);
}
