/** A recipe's `inputs` (JSON schema of type object) as the fields of a form, and back. Pure. */

export type FieldKind =
  | 'text'
  | 'path'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'lines'
  | 'json';

export interface InputField {
  name: string;
  label: string;
  help: string | null;
  kind: FieldKind;
  required: boolean;
  placeholder: string;
  /** Value as the form holds it: text, or a boolean for `boolean`. */
  initial: string | boolean;
  choices: string[];
  minimum: number | null;
  maximum: number | null;
  minLength: number | null;
  maxLength: number | null;
  pattern: string | null;
  /** Text of several lines. */
  long: boolean;
}

export type FormValues = Record<string, string | boolean>;

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
const count = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** `repo_path` → `Repo path`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}

function kindOf(schema: Node): FieldKind {
  if (Array.isArray(schema['enum'])) return 'choice';
  const type = Array.isArray(schema['type'])
    ? schema['type'].find((each) => each !== 'null')
    : schema['type'];
  if (type === 'boolean') return 'boolean';
  if (type === 'integer' || type === 'number') return type;
  if (type === 'array') {
    const items = schema['items'];
    return isNode(items) && items['type'] === 'string' ? 'lines' : 'json';
  }
  if (type === 'string' || type === undefined) {
    return schema['format'] === 'folder' || schema['format'] === 'file' ? 'path' : 'text';
  }
  return 'json';
}

function initialOf(kind: FieldKind, value: unknown): string | boolean {
  if (kind === 'boolean') return value === true;
  if (value === undefined || value === null) return '';
  if (kind === 'lines' && Array.isArray(value)) return value.join('\n');
  if (kind === 'json') return JSON.stringify(value, null, 2);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function placeholderOf(kind: FieldKind, schema: Node): string {
  const example = Array.isArray(schema['examples']) ? schema['examples'][0] : undefined;
  if (typeof example === 'string' || typeof example === 'number') return String(example);
  if (kind === 'path') return schema['format'] === 'folder' ? '/path/to/folder' : '/path/to/file';
  if (kind === 'lines') return 'one per line';
  return '';
}

/** The fields that `schema` asks for, in its order. */
export function inputFields(schema: unknown): InputField[] {
  if (!isNode(schema) || !isNode(schema['properties'])) return [];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(schema['properties']).map(([name, value]) => {
    const property = isNode(value) ? value : {};
    const kind = kindOf(property);
    return {
      name,
      label: text(property['title']) ?? labelOf(name),
      help: text(property['description']),
      kind,
      required: required.includes(name),
      placeholder: placeholderOf(kind, property),
      initial: initialOf(kind, property['default']),
      choices: Array.isArray(property['enum']) ? property['enum'].map(String) : [],
      minimum: count(property['minimum']),
      maximum: count(property['maximum']),
      minLength: count(property['minLength']),
      maxLength: count(property['maxLength']),
      pattern: text(property['pattern']),
      long: property['format'] === 'multiline' || (count(property['maxLength']) ?? 0) > 1000,
    };
  });
}

/** The fields with values that were given before as what they start with. */
export function withValues(
  fields: readonly InputField[],
  values: Readonly<Record<string, unknown>>,
): InputField[] {
  return fields.map((field) =>
    Object.hasOwn(values, field.name)
      ? { ...field, initial: initialOf(field.kind, values[field.name]) }
      : field,
  );
}

type Parsed = { value: unknown } | { error: string };

function parseNumber(field: InputField, raw: string): Parsed {
  const value = Number(raw.trim());
  if (!Number.isFinite(value)) return { error: 'Enter a number.' };
  if (field.kind === 'integer' && !Number.isInteger(value))
    return { error: 'Enter a whole number.' };
  if (field.minimum !== null && value < field.minimum)
    return { error: `Enter at least ${field.minimum}.` };
  if (field.maximum !== null && value > field.maximum)
    return { error: `Enter at most ${field.maximum}.` };
  return { value };
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    // A pattern this browser cannot read is left to the server.
    return true;
  }
}

function parseText(field: InputField, raw: string): Parsed {
  if (field.minLength !== null && raw.length < field.minLength) {
    return { error: `Enter at least ${field.minLength} characters.` };
  }
  if (field.maxLength !== null && raw.length > field.maxLength) {
    return { error: `Enter at most ${field.maxLength} characters.` };
  }
  if (field.pattern !== null && !matches(field.pattern, raw)) {
    return { error: `This does not match the pattern ${field.pattern}.` };
  }
  return { value: raw };
}

function parseJson(raw: string): Parsed {
  try {
    return { value: JSON.parse(raw) as unknown };
  } catch (error) {
    return {
      error: `This is not valid JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    };
  }
}

function parseField(field: InputField, raw: string): Parsed {
  switch (field.kind) {
    case 'number':
    case 'integer':
      return parseNumber(field, raw);
    case 'lines':
      return {
        value: raw
          .split(/\r?\n/)
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      };
    case 'json':
      return parseJson(raw);
    case 'path':
      return parseText(field, raw.trim());
    case 'choice':
      return field.choices.includes(raw) ? { value: raw } : { error: 'Choose one of the list.' };
    default:
      return parseText(field, raw);
  }
}

/** The run's inputs from what the form holds; empty optional fields are left out. Errors by field name, in the reader's words. */
export function toInputs(
  fields: readonly InputField[],
  values: FormValues,
): { inputs: Record<string, unknown>; errors: Record<string, string> } {
  const inputs: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const field of fields) {
    const raw = values[field.name] ?? '';
    if (typeof raw === 'boolean') {
      inputs[field.name] = raw;
    } else if (raw.trim() === '') {
      if (field.required) errors[field.name] = `${field.label} is needed.`;
    } else {
      const parsed = parseField(field, raw);
      if ('error' in parsed) errors[field.name] = parsed.error;
      else inputs[field.name] = parsed.value;
    }
  }
  return { inputs, errors };
}

/** Splits the server's field errors (JSON pointers into the request body) into those of known fields and the rest. */
export function errorsByField(
  fields: readonly InputField[],
  errors: readonly { pointer: string; message: string }[],
): { byField: Record<string, string>; rest: string[] } {
  const byField: Record<string, string> = {};
  const rest: string[] = [];
  for (const { pointer, message } of errors) {
    const path = pointer
      .replace(/^#/, '')
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    const name = path[0] === 'inputs' ? path[1] : path[0];
    const field = fields.find((each) => each.name === name);
    if (field === undefined) rest.push(pointer === '' ? message : `${pointer}: ${message}`);
    else byField[field.name] ??= message;
  }
  return { byField, rest };
}
