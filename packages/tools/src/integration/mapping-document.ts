import type { JsonObject, JsonValue } from '@automatos/kernel';
import { z } from 'zod';
import { setAt, textOf, valueAt } from './read-records.ts';

export const TRANSFORMS = [
  'copy',
  'to_string',
  'to_number',
  'to_integer',
  'to_boolean',
  'to_date',
  'to_date_time',
  'from_epoch',
  'to_array',
  'join',
  'choose',
  'constant',
] as const;
export type Transform = (typeof TRANSFORMS)[number];

export const mappedFieldSchema = z.strictObject({
  target: z.string(),
  /** Dotted paths; several only with `join`, none with `constant`. */
  sources: z.array(z.string()),
  transform: z.enum(TRANSFORMS),
  required: z.boolean(),
  /** With `choose`: value of the target by value of the source. */
  choices: z.record(z.string(), z.string()).optional(),
  value: z.json().optional(),
  max_length: z.int().optional(),
});
export type MappedField = z.output<typeof mappedFieldSchema>;

/** What a mapping is, as an artifact and as input of `apply_mapping`. */
export const mappingDocumentSchema = z.strictObject({
  version: z.literal(1),
  fields: z.array(mappedFieldSchema).max(2000),
});
export type MappingDocument = z.output<typeof mappingDocumentSchema>;

/** A value, or why it cannot be made. */
type Converted = { value: JsonValue } | { problem: string };

function shown(value: JsonValue): string {
  return JSON.stringify(value).slice(0, 60);
}

function toNumber(value: JsonValue, whole: boolean): Converted {
  const number =
    typeof value === 'string' && value.trim() !== ''
      ? Number(value.trim().replaceAll(/(?<=\d),(?=\d{3}\b)/g, ''))
      : value;
  if (typeof number !== 'number' || !Number.isFinite(number))
    return { problem: `${shown(value)} is no number` };
  return { value: whole ? Math.round(number) : number };
}

function toBoolean(value: JsonValue): Converted {
  const text = textOf(value).trim().toLowerCase();
  if (['true', 'yes', 'y', '1', 'on', 'active'].includes(text)) return { value: true };
  if (['false', 'no', 'n', '0', 'off', 'inactive'].includes(text)) return { value: false };
  return { problem: `${shown(value)} is neither true nor false` };
}

function toTime(value: JsonValue, form: 'to_date' | 'to_date_time' | 'from_epoch'): Converted {
  if (form === 'from_epoch') {
    const number = Number(value);
    if (!Number.isFinite(number))
      return { problem: `${shown(value)} is no time in seconds or milliseconds` };
    return { value: new Date(number > 1e11 ? number : number * 1000).toISOString() };
  }
  const text = textOf(value).trim();
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const ms = Date.parse(
    isDay || /(?:Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text.replace(' ', 'T')}Z`,
  );
  if (Number.isNaN(ms)) return { problem: `${shown(value)} is no date` };
  const iso = new Date(ms).toISOString();
  return { value: form === 'to_date' ? iso.slice(0, 10) : iso };
}

function convertOne(value: JsonValue, field: MappedField): Converted {
  switch (field.transform) {
    case 'copy':
    case 'constant':
    case 'join':
      return { value };
    case 'to_string':
      return {
        value: textOf(value),
      };
    case 'to_number':
      return toNumber(value, false);
    case 'to_integer':
      return toNumber(value, true);
    case 'to_boolean':
      return toBoolean(value);
    case 'to_date':
    case 'to_date_time':
    case 'from_epoch':
      return toTime(value, field.transform);
    case 'to_array':
      return { value: Array.isArray(value) ? value : [value] };
    case 'choose': {
      const chosen = field.choices?.[textOf(value)];
      return chosen === undefined
        ? { problem: `${shown(value)} has no counterpart` }
        : { value: chosen };
    }
  }
}

function convert(record: JsonObject, field: MappedField): Converted | undefined {
  if (field.transform === 'constant') return { value: field.value ?? null };
  const values = field.sources
    .map((path) => valueAt(record, path))
    .filter((value) => value !== undefined && value !== null);
  if (values.length === 0) return undefined;
  const input =
    field.transform === 'join' ? values.map(textOf).join(' ') : (values[0] as JsonValue);
  const converted = convertOne(input, field);
  if (
    'problem' in converted ||
    field.max_length === undefined ||
    typeof converted.value !== 'string'
  )
    return converted;
  return { value: converted.value.slice(0, field.max_length) };
}

/** A record in the form of the target, and what could not be made; values that are missing are left out. */
export function mapRecord(
  record: JsonObject,
  { fields }: MappingDocument,
): { mapped: JsonObject; problems: string[] } {
  const mapped: JsonObject = {};
  const problems: string[] = [];
  for (const field of fields) {
    const converted = convert(record, field);
    if (converted === undefined) {
      if (field.required)
        problems.push(
          `${field.target}: ${field.sources.join(' and ')} ${field.sources.length > 1 ? 'are' : 'is'} missing`,
        );
    } else if ('problem' in converted) problems.push(`${field.target}: ${converted.problem}`);
    else setAt(mapped, field.target, converted.value);
  }
  return { mapped, problems };
}
