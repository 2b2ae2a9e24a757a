import { childOf, entriesOf, isRecord, itemsOf, textOf } from './spec-document.ts';
import type { Place, Spec } from './spec-document.ts';

const DEPTH_MAX = 20;

/** Writes TypeScript types of schemas; those that are referred to get names, each once. */
export interface TypeWriter {
  typeOf(place: Place | undefined): string;
  /** All named types so far, as declarations in the order in which they were met. */
  declarations(): string[];
}

export function pascal(text: string): string {
  const name = text
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
    .join('');
  return /^[A-Za-z]/.test(name) ? name : `T${name}`;
}

/** A property name as TypeScript writes it. */
export function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** A comment of one line that nothing can end early. */
export function docLine(text: string | undefined, indent: string): string {
  const line = (text ?? '').replaceAll(/\s+/g, ' ').replaceAll('*/', '* /').trim().slice(0, 200);
  return line === '' ? '' : `${indent}/** ${line} */\n`;
}

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  null: 'null',
  file: 'Blob',
};

/** Names that the generated module uses itself. */
const TAKEN = [
  'ApiError',
  'ClientOptions',
  'Client',
  'Record',
  'Promise',
  'Array',
  'Blob',
  'Error',
  'Request',
  'Response',
  'URL',
  'String',
  'Number',
  'Object',
  'Date',
  'Partial',
];

interface Writing {
  spec: Spec;
  names: Map<string, string>;
  used: Set<string>;
  written: string[];
}

interface Level {
  depth: number;
  indent: string;
}

function nameFor(target: Place, writing: Writing): string {
  const { names, used, written } = writing;
  const key = `${target.doc.absolute}#${target.keys.join('/')}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  const wanted = pascal(String(target.keys.at(-1) ?? 'Schema'));
  let name = wanted;
  for (let number = 2; used.has(name); number++) name = `${wanted}${number}`;
  used.add(name);
  names.set(key, name);
  const at = written.push('') - 1;
  const doc = docLine(textOf(childOf(target, 'description')), '');
  written[at] = `${doc}export type ${name} = ${write(target, writing, { depth: 0, indent: '' })};`;
  return name;
}

function objectType(place: Place, writing: Writing, { depth, indent }: Level): string {
  const required = childOf(place, 'required').value;
  const more = childOf(place, 'additionalProperties');
  const below = { depth: depth + 1, indent: `${indent}  ` };
  const lines = entriesOf(childOf(place, 'properties')).map(([name, property]) => {
    const mark = Array.isArray(required) && required.includes(name) ? '' : '?';
    const doc = docLine(textOf(childOf(property, 'description')), below.indent);
    return `${doc}${below.indent}${keyText(name)}${mark}: ${write(property, writing, below)};`;
  });
  const index = isRecord(more.value)
    ? write(more, writing, { depth: depth + 1, indent })
    : 'unknown';
  if (lines.length === 0) return `Record<string, ${index}>`;
  const shape = `{\n${lines.join('\n')}\n${indent}}`;
  return isRecord(more.value) || more.value === true ? `${shape} & Record<string, unknown>` : shape;
}

function arrayType(place: Place, writing: Writing, { depth, indent }: Level): string {
  const items = childOf(place, 'items');
  return `Array<${items.value === undefined ? 'unknown' : write(items, writing, { depth: depth + 1, indent })}>`;
}

function plainType(place: Place, writing: Writing, level: Level): string {
  const value = isRecord(place.value) ? place.value : {};
  if ('const' in value) return literal(value['const']);
  if (Array.isArray(value['enum'])) return value['enum'].map(literal).join(' | ') || 'never';
  const raw = value['type'];
  const types = Array.isArray(raw) ? raw.map(String) : typeof raw === 'string' ? [raw] : [];
  if (types.length === 0 && isRecord(value['properties'])) types.push('object');
  const parts = types.map((type) => {
    if (type === 'array') return arrayType(place, writing, level);
    return type === 'object' ? objectType(place, writing, level) : (PRIMITIVES[type] ?? 'unknown');
  });
  return [...new Set(parts)].join(' | ') || 'unknown';
}

function write(place: Place, writing: Writing, level: Level): string {
  const { value } = place;
  if (value === false) return 'never';
  if (!isRecord(value) || level.depth > DEPTH_MAX) return 'unknown';
  if (typeof value['$ref'] === 'string') {
    const target = writing.spec.follow(place);
    return target === undefined ? 'unknown' : nameFor(target, writing);
  }
  const below = { depth: level.depth + 1, indent: level.indent };
  const list = (key: string, sign: string) =>
    itemsOf(childOf(place, key))
      .map((item) => `(${write(item, writing, below)})`)
      .join(sign);
  const says = ['type', 'enum', 'const', 'properties'].some((key) => key in value);
  const own = says ? plainType(place, writing, level) : '';
  const parts = [
    // Beside the parts of an allOf, "any object" says nothing.
    own === 'Record<string, unknown>' && 'allOf' in value ? '' : own,
    list('allOf', ' & '),
    list('oneOf', ' | '),
    list('anyOf', ' | '),
  ].filter((part) => part !== '');
  const joined =
    parts.length > 1 ? parts.map((part) => `(${part})`).join(' & ') : (parts[0] ?? 'unknown');
  return value['nullable'] === true ? `(${joined}) | null` : joined;
}

export function createTypeWriter(spec: Spec): TypeWriter {
  const writing: Writing = { spec, names: new Map(), used: new Set(TAKEN), written: [] };
  return {
    typeOf: (place) =>
      place === undefined ? 'unknown' : write(place, writing, { depth: 0, indent: '' }),
    declarations: () => writing.written,
  };
}

function literal(value: unknown): string {
  return ['string', 'number', 'boolean'].includes(typeof value) || value === null
    ? JSON.stringify(value)
    : 'unknown';
}
