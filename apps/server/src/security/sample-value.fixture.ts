/** A JSON schema as far as our own documents use it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  items?: Schema;
  minItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
}

export interface SampleContext {
  schemas: Record<string, Schema>;
  /** How deep the value stands that is being made. */
  depth?: number;
  /** Takes precedence over what the schema alone would give; undefined leaves it to the schema. */
  field?: (name: string, schema: Schema) => unknown;
}

/** Texts of which one fits most patterns; the first that does is taken. */
const TEXTS = [
  'sample',
  'Sample text of the matrix',
  '123456',
  'run.completed',
  'api_key',
  'https://sample.example',
  '0'.repeat(64),
  '{{inputs.items}}',
  '2099-01-01T00:00:00.000Z',
  'a@b.example',
];
const FORMATS: Readonly<Record<string, string>> = {
  uuid: '01990000-0000-7000-8000-0000000000ff',
  email: 'nobody@sample.example',
  uri: 'https://sample.example/',
  'date-time': '2099-01-01T00:00:00.000Z',
  date: '2099-01-01',
};
const DEPTH_MAX = 12;

/** Follows references. */
export function resolve({ schemas }: SampleContext, schema: Schema): Schema {
  let found = schema;
  while (found.$ref !== undefined) {
    const name = found.$ref.split('/').at(-1) ?? '';
    found = schemas[name] ?? {};
  }
  return found;
}

/** The smallest value that the schema allows, with every field that `context.field` has a value for. */
export function sampleOf(context: SampleContext, schema: Schema, name: string): unknown {
  const inner = { ...context, depth: (context.depth ?? 0) + 1 };
  const found = resolve(context, schema);
  const given = context.field?.(name, found);
  if (given !== undefined) return given;
  if (found.const !== undefined) return found.const;
  if (found.enum !== undefined) return found.enum[0];
  const branches = found.anyOf ?? found.oneOf ?? found.allOf;
  if (branches !== undefined) return sampleOf(inner, branches[0] ?? {}, name);
  switch (Array.isArray(found.type) ? found.type[0] : found.type) {
    case 'object':
      return objectOf(inner, found);
    case 'array':
      return Array.from({ length: found.minItems ?? 0 }, () =>
        sampleOf(inner, found.items ?? {}, name),
      );
    case 'integer':
    case 'number':
      return Math.max(found.minimum ?? 1, (found.exclusiveMinimum ?? 0) + 1);
    case 'boolean':
      return false;
    case 'null':
      return null;
    case 'string':
      return textOf(found, name);
    default:
      return {};
  }
}

function objectOf(context: SampleContext, schema: Schema): object {
  const needed = new Set(schema.required ?? []);
  const entries = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    if ((context.depth ?? 0) > DEPTH_MAX) return [];
    const isNeeded = needed.has(name);
    const given = context.field?.(name, resolve(context, inner));
    if (given !== undefined) return [[name, given] as const];
    return isNeeded ? [[name, sampleOf(context, inner, name)] as const] : [];
  });
  return Object.fromEntries(entries);
}

function textOf(schema: Schema, name: string): string {
  if (schema.format !== undefined && FORMATS[schema.format] !== undefined)
    return FORMATS[schema.format] as string;
  const pattern = schema.pattern === undefined ? /^/ : new RegExp(schema.pattern, 'u');
  const { minLength = 0, maxLength = Number.MAX_SAFE_INTEGER } = schema;
  const found = TEXTS.find(
    (text) => pattern.test(text) && text.length >= minLength && text.length <= maxLength,
  );
  if (found === undefined)
    throw new Error(`teach the samples a text for ${name}: ${JSON.stringify(schema)}`);
  return found;
}

/** Every schema inside of a schema, itself included, with the path to it. */
export function* walk(
  context: SampleContext,
  schema: Schema,
): Generator<{ path: string; schema: Schema }> {
  const pending = [{ path: '', schema, above: new Set<Schema>() }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const found = resolve(context, next.schema);
    if (next.above.has(found)) continue;
    const { path } = next;
    yield { path, schema: found };
    const above = new Set([...next.above, found]);
    for (const [step, inner] of insideOf(found))
      pending.push({ path: path + step, schema: inner, above });
  }
}

function insideOf(schema: Schema): [string, Schema][] {
  const { properties = {}, anyOf, oneOf, allOf, items, additionalProperties: more } = schema;
  return [
    ...Object.entries(properties).map(([name, inner]): [string, Schema] => [`/${name}`, inner]),
    ...[anyOf, oneOf, allOf]
      .flatMap((list) => list ?? [])
      .map((inner): [string, Schema] => ['', inner]),
    ...(items === undefined ? [] : [['/0', items] as [string, Schema]]),
    ...(typeof more === 'object' ? [['/*', more] as [string, Schema]] : []),
  ];
}
