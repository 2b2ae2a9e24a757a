import { formatDuration } from '../../../lib/format.ts';
import { isObject, valueAt, type Edit, type Json, type Path } from './document/json-edit.ts';
import type { FormField } from './fields.ts';

/** Between what a form field shows and what stands in the document. Pure. */

/** `text` of the field, or null when what stands there is of another form and can only be shown as JSON. */
export function shown(field: FormField, value: Json | undefined): string | null {
  if (value === undefined || value === null) return '';
  switch (field.kind) {
    case 'json':
      return JSON.stringify(value, null, 2);
    case 'words':
    case 'steps':
      return Array.isArray(value) && value.every((each) => typeof each === 'string')
        ? value.join(', ')
        : null;
    case 'number':
    case 'duration':
    case 'ratio':
      return typeof value === 'number' ? String(value) : null;
    case 'money':
      return typeof value === 'number' ? String(value / 1_000_000) : null;
    default:
      return typeof value === 'string' ? value : typeof value === 'object' ? null : String(value);
  }
}

export type Read = { value: Json | undefined } | { error: string };

/** The value for what was typed; undefined leaves the key out. */
export function read(field: FormField, raw: string): Read {
  const trimmed = raw.trim();
  switch (field.kind) {
    case 'number':
    case 'duration':
    case 'ratio':
    case 'money': {
      if (trimmed === '') return { value: undefined };
      const number = Number(trimmed);
      if (!Number.isFinite(number)) return { error: 'Enter a number.' };
      return { value: field.kind === 'money' ? Math.round(number * 1_000_000) : number };
    }
    case 'words':
    case 'steps': {
      const words = raw
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
      return { value: words.length === 0 ? undefined : words };
    }
    case 'json':
      if (trimmed === '') return { value: undefined };
      try {
        return { value: JSON.parse(raw) as Json };
      } catch (error) {
        return {
          error: `This is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
        };
      }
    default:
      return { value: raw === '' && field.needed !== true ? undefined : raw };
  }
}

/** The edits that put `value` at a path; a removed key takes objects along that would be left empty. */
export function put(recipe: Json, path: Path, value: Json | undefined): Edit[] {
  if (value !== undefined) return [{ kind: 'set', path, value }];
  if (valueAt(recipe, path) === undefined) return [];
  let gone = path;
  // An input stays, also when nothing is said about it any more.
  while (gone.length > 1 && path[0] !== 'inputs') {
    const parent = valueAt(recipe, gone.slice(0, -1));
    if (!isObject(parent) || Object.keys(parent).length > 1 || typeof gone.at(-2) === 'number')
      break;
    gone = gone.slice(0, -1);
  }
  return [{ kind: 'remove', path: gone }];
}

/** A span in plain words beside its number of milliseconds; null where words would only repeat it. */
export function inWords(field: FormField, value: Json | undefined): string | null {
  if (field.kind !== 'duration' || typeof value !== 'number' || value < 1000) return null;
  return formatDuration(value);
}
