import { isObject, type Edit, type Json, type JsonObject } from './json-edit.ts';

/** The inputs of a recipe as rows of a builder; what it does not know stays JSON. Pure. */

export const INPUT_KINDS = [
  ['text', 'Text'],
  ['long', 'Long text'],
  ['folder', 'Folder'],
  ['file', 'File'],
  ['integer', 'Whole number'],
  ['number', 'Number'],
  ['boolean', 'Yes or no'],
  ['choice', 'Choice'],
  ['list', 'List of texts'],
  ['other', 'Other (JSON schema)'],
] as const;
export type InputKind = (typeof INPUT_KINDS)[number][0];

const LONG = 20_000;

const SCHEMAS: Record<InputKind, JsonObject> = {
  text: { type: 'string' },
  long: { type: 'string', maxLength: LONG },
  folder: { type: 'string', format: 'folder', minLength: 1 },
  file: { type: 'string', format: 'file', minLength: 1 },
  integer: { type: 'integer' },
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  choice: { type: 'string', enum: ['first', 'second'] },
  list: { type: 'array', items: { type: 'string' } },
  other: { type: 'object' },
};

export function inputKind(schema: Json | undefined): InputKind {
  if (!isObject(schema)) return 'other';
  const { type, format, items } = schema;
  if (type === 'string' && Array.isArray(schema['enum'])) return 'choice';
  if (type === 'string' && (format === 'folder' || format === 'file')) return format;
  if (type === 'string' && format === undefined) {
    return typeof schema['maxLength'] === 'number' && schema['maxLength'] > 1_000 ? 'long' : 'text';
  }
  if (type === 'integer' || type === 'number' || type === 'boolean') return type;
  return type === 'array' && isObject(items) && items['type'] === 'string' ? 'list' : 'other';
}

/** The schema of another kind with the words for people kept. */
export function asKind(schema: Json | undefined, kind: InputKind): JsonObject {
  const words = isObject(schema)
    ? Object.entries(schema).filter(([key]) => key === 'title' || key === 'description')
    : [];
  return { ...SCHEMAS[kind], ...Object.fromEntries(words) };
}

export interface InputRow {
  name: string;
  kind: InputKind;
  schema: Json;
  required: boolean;
}

const INPUTS = ['inputs'];

function requiredOf(recipe: Json): Json[] {
  const inputs = isObject(recipe) && isObject(recipe['inputs']) ? recipe['inputs'] : {};
  return Array.isArray(inputs['required']) ? inputs['required'] : [];
}

export function inputRows(recipe: Json): InputRow[] {
  const inputs = isObject(recipe) && isObject(recipe['inputs']) ? recipe['inputs'] : {};
  const properties = isObject(inputs['properties']) ? inputs['properties'] : {};
  const required = requiredOf(recipe);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    kind: inputKind(schema),
    schema,
    required: required.includes(name),
  }));
}

function setRequired(required: Json[]): Edit {
  return required.length === 0
    ? { kind: 'remove', path: [...INPUTS, 'required'] }
    : { kind: 'set', path: [...INPUTS, 'required'], value: required };
}

export function require(recipe: Json, name: string, required: boolean): Edit[] {
  const others = requiredOf(recipe).filter((each) => each !== name);
  return [setRequired(required ? [...others, name] : others)];
}

export function addInput(recipe: Json): Edit[] {
  const taken = new Set(inputRows(recipe).map((row) => row.name));
  let number = 1;
  while (taken.has(`input_${number}`)) number += 1;
  const schema: JsonObject = { type: 'string', title: `Input ${number}` };
  const whole = isObject(recipe) && isObject(recipe['inputs']);
  return whole
    ? [
        { kind: 'set', path: [...INPUTS, 'type'], value: 'object' },
        { kind: 'set', path: [...INPUTS, 'properties', `input_${number}`], value: schema },
      ]
    : [
        {
          kind: 'set',
          path: INPUTS,
          value: { type: 'object', properties: { [`input_${number}`]: schema } },
        },
      ];
}

/** References to the input change with its name. */
export function renameInput(recipe: Json, from: string, to: string): Edit[] {
  if (to === '' || to === from || inputRows(recipe).some((row) => row.name === to)) return [];
  const edits: Edit[] = [{ kind: 'rename', path: [...INPUTS, 'properties', from], key: to }];
  const required = requiredOf(recipe);
  if (required.includes(from))
    edits.push(setRequired(required.map((each) => (each === from ? to : each))));
  const own = from.replace(/[^\w]/g, '\\$&');
  const reference = new RegExp(`\\binputs\\.${own}(?![\\w-])`, 'g');
  const visit = (value: Json, path: (string | number)[]): void => {
    if (typeof value === 'string') {
      const next = value.replace(/\{\{[^}]*\}\}/g, (all) =>
        all.replace(reference, () => `inputs.${to}`),
      );
      if (next !== value) edits.push({ kind: 'set', path, value: next });
    } else if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]));
    else if (isObject(value))
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  if (isObject(recipe)) {
    for (const [key, value] of Object.entries(recipe)) if (key !== 'inputs') visit(value, [key]);
  }
  return edits;
}

export function removeInput(recipe: Json, name: string): Edit[] {
  const required = requiredOf(recipe);
  return [
    ...(required.includes(name) ? [setRequired(required.filter((each) => each !== name))] : []),
    { kind: 'remove', path: [...INPUTS, 'properties', name] },
  ];
}
