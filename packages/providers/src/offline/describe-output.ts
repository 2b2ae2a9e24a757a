import { cutText, isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { plainText } from './markdown.ts';

const FIGURES_MAX = 30;
const ROWS_MAX = 12;
const COLUMNS_MAX = 7;

/** A tool's output in Markdown: scalars as a list, records as tables, short texts as they are. Longer texts are left to quoting. */
export function describeOutput(output: JsonValue): string {
  if (output === null) return '';
  if (typeof output === 'string') return output.length > 400 ? '' : plainText(output);
  if (typeof output !== 'object') return String(output);
  if (Array.isArray(output)) return describeList('Entries', output);
  const entries = Object.entries(output as JsonObject);
  const scalars = entries
    .flatMap(([key, value]) => scalarLines(key, value, 0))
    .slice(0, FIGURES_MAX);
  const lists = entries
    .filter(([, value]) => Array.isArray(value) && value.length > 0)
    .map(([key, value]) => describeList(key, value as JsonValue[]));
  return [scalars.join('\n'), ...lists].filter((part) => part !== '').join('\n\n');
}

function scalarLines(key: string, value: JsonValue, depth: number): string[] {
  if (Array.isArray(value) || value === null) return [];
  if (isJsonObject(value))
    return depth >= 2
      ? []
      : Object.entries(value as JsonObject).flatMap(([inner, each]) =>
          scalarLines(`${key}.${inner}`, each, depth + 1),
        );
  const text = String(value);
  return text.length > 300 ? [] : [`- ${plainText(key)}: ${plainText(text)}`];
}

function describeList(title: string, list: readonly JsonValue[]): string {
  const shown = list.slice(0, ROWS_MAX);
  const more =
    list.length > shown.length ? `\n\n${list.length - shown.length} more not shown.` : '';
  const records = shown.filter((item) => isJsonObject(item)) as JsonObject[];
  if (records.length < shown.length)
    return `${plainText(title)}:\n\n${shown.map((item) => `- ${cell(item)}`).join('\n')}${more}`;
  const columns = [
    ...new Set(
      records.flatMap((record) =>
        Object.keys(record).filter(
          (key) => typeof record[key] !== 'object' || record[key] === null,
        ),
      ),
    ),
  ].slice(0, COLUMNS_MAX);
  if (columns.length === 0)
    return `${plainText(title)}:\n\n${shown.map((item) => `- ${cell(item)}`).join('\n')}${more}`;
  const rows = records.map(
    (record) => `| ${columns.map((column) => cell(record[column] ?? '')).join(' | ')} |`,
  );
  return (
    [
      `${plainText(title)}:`,
      '',
      `| ${columns.map(plainText).join(' | ')} |`,
      `| ${columns.map(() => '---').join(' | ')} |`,
      ...rows,
    ].join('\n') + more
  );
}

function cell(value: JsonValue): string {
  return plainText(cutText(typeof value === 'string' ? value : JSON.stringify(value), 120));
}
