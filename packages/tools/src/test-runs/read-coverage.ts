import { posix } from 'node:path';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';

/** Coverage of one file; lines are 1-based and only those that can run are counted. */
export interface FileCoverage {
  path: string;
  lines: Map<number, number>;
  functions: { name: string; line: number; hits: number }[];
}

export type CoverageFormat = 'lcov' | 'istanbul' | 'cobertura';

/** Which format a text has, or undefined. */
export function coverageFormatOf(text: string): CoverageFormat | undefined {
  const head = text.slice(0, 4000);
  if (/^(?:TN:|SF:)/m.test(head)) return 'lcov';
  if (/<coverage[\s>]/.test(head) && /<(?:packages|classes|sources)\b/.test(text))
    return 'cobertura';
  return head.trimStart().startsWith('{') && text.includes('"statementMap"')
    ? 'istanbul'
    : undefined;
}

/** Reads lcov: `SF`, `FN`/`FNDA`, `DA` records. */
export function readLcov(text: string): FileCoverage[] {
  const files: FileCoverage[] = [];
  let current: FileCoverage | undefined;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const at = line.indexOf(':');
    const values = line.slice(at + 1).split(',');
    const [first = '', second = ''] = values;
    if (line.startsWith('SF:')) {
      current = { path: line.slice(3), lines: new Map(), functions: [] };
      files.push(current);
    } else if (current === undefined) continue;
    else if (line.startsWith('FN:')) {
      // A newer form has the end line between: FN:<start>,<end>,<name>.
      const name = values.slice(/^\d+$/.test(second) && values.length > 2 ? 2 : 1).join(',');
      current.functions.push({ name, line: Number(first), hits: 0 });
    } else if (line.startsWith('FNDA:')) {
      const name = values.slice(1).join(',');
      const entry = current.functions.find((one) => one.name === name && one.hits === 0);
      if (entry !== undefined) entry.hits = Number(first);
    } else if (line.startsWith('DA:')) {
      const number = Number(first);
      current.lines.set(number, (current.lines.get(number) ?? 0) + Number(second));
    }
  }
  return files;
}

function startLine(range: unknown): number {
  const start = isJsonObject(range) && isJsonObject(range['start']) ? range['start'] : {};
  return typeof start['line'] === 'number' ? start['line'] : 0;
}

function entriesOf(value: unknown): [string, unknown][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** Reads istanbul's `coverage-final.json`. */
export function readIstanbul(document: JsonObject): FileCoverage[] {
  return Object.entries(document).flatMap(([path, raw]) => {
    if (!isJsonObject(raw) || !isJsonObject(raw['statementMap'])) return [];
    const counts = isJsonObject(raw['s']) ? raw['s'] : {};
    const calls = isJsonObject(raw['f']) ? raw['f'] : {};
    const lines = new Map<number, number>();
    for (const [id, range] of entriesOf(raw['statementMap'])) {
      const line = startLine(range);
      if (line > 0) lines.set(line, Math.max(lines.get(line) ?? 0, Number(counts[id] ?? 0)));
    }
    const functions = entriesOf(raw['fnMap']).flatMap(([id, one]) => {
      if (!isJsonObject(one)) return [];
      const name = typeof one['name'] === 'string' ? one['name'] : '(anonymous)';
      return [{ name, line: startLine(one['decl'] ?? one['loc']), hits: Number(calls[id] ?? 0) }];
    });
    return [{ path: typeof raw['path'] === 'string' ? raw['path'] : path, lines, functions }];
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function attributesOf(tag: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name = '', value = ''] of tag.matchAll(/([\w:.-]+)\s*=\s*"([^"]*)"/g))
    found.set(
      name,
      value.replaceAll(/&(lt|gt|amp|quot|apos);/g, (_, key: string) => ENTITIES[key] ?? ''),
    );
  return found;
}

/** Reads Cobertura XML; classes of one file are put together. */
export function readCobertura(text: string): FileCoverage[] {
  const files = new Map<string, FileCoverage>();
  let current: FileCoverage | undefined;
  let method: { name: string; line: number; hits: number } | undefined;
  for (const [tag] of text.matchAll(/<\/?(?:class|method|line)\b[^>]*>/g)) {
    const attributes = attributesOf(tag);
    if (tag.startsWith('<class')) {
      const path = attributes.get('filename') ?? '';
      current = files.get(path) ?? { path, lines: new Map(), functions: [] };
      files.set(path, current);
    } else if (current === undefined) continue;
    else if (tag.startsWith('<method')) {
      method = { name: attributes.get('name') ?? '', line: 0, hits: 0 };
    } else if (tag.startsWith('</method')) {
      if (method !== undefined) current.functions.push(method);
      method = undefined;
    } else if (tag.startsWith('<line')) {
      const number = Number(attributes.get('number') ?? 0);
      const hits = Number(attributes.get('hits') ?? 0);
      if (method !== undefined) {
        method.line = method.line === 0 ? number : Math.min(method.line, number);
        method.hits = Math.max(method.hits, hits);
      }
      current.lines.set(number, Math.max(current.lines.get(number) ?? 0, hits));
    }
  }
  return [...files.values()];
}

/** The path as the folder knows it: reports hold absolute paths of other machines, or paths below a source root. */
export function localPath(path: string, known: ReadonlySet<string>): string | undefined {
  const parts = posix.normalize(path.replaceAll('\\', '/')).split('/').filter(Boolean);
  for (let from = 0; from < parts.length; from += 1) {
    const candidate = parts.slice(from).join('/');
    if (known.has(candidate)) return candidate;
  }
  const tail = parts.join('/');
  const ends = [...known].filter((one) => one.endsWith(`/${tail}`));
  return ends.length === 1 ? ends[0] : undefined;
}
