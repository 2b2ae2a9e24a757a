import { replaceSearchParams } from '../../lib/use-search-param.ts';

/** Opens the source drawer at a line of an analysed file; the address then leads there again. */
export function openSource(path: string, line: number | undefined): void {
  replaceSearchParams({ source: line === undefined ? path : `${path}:${line}` });
}

/** `src/a.ts:12` → its path and line; without a line the first. Paths may hold colons themselves. */
export function parseSource(value: string): { path: string; line: number } {
  const match = /^(.+):([1-9]\d{0,7})$/.exec(value);
  return match === null
    ? { path: value, line: 1 }
    : { path: match[1] ?? value, line: Number(match[2]) };
}

/** Text in a report that names a place in a file, e.g. `src/a.ts:12`; null for anything else. */
export function sourceMention(text: string): { path: string; line: number } | null {
  if (!/^[^\s:]*[^\s:/]+\.?[^\s:/]*:[1-9]\d{0,7}$/.test(text) || text.includes('//')) return null;
  const { path, line } = parseSource(text);
  // A bare word with a number is more likely an address (`localhost:3000`) than a file.
  return /[./]/.test(path) && !/^\d+(\.\d+){3}$/.test(path) ? { path, line } : null;
}
