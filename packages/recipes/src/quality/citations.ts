import type { JsonValue } from '@automatos/kernel';
import { isJsonObject } from '@automatos/kernel';
import type { QualityEvidence } from './types.ts';

/** A place named in a text, e.g. `src/app.ts:12` or `src/app.ts:12-20`. */
export interface Citation {
  text: string;
  path: string;
  line: number;
  endLine: number;
}

const PLACE =
  /(?<![\w@/.:+-])((?:\.{0,2}\/)?(?:[\w@+.-]+\/)*(?:[\w@+-][\w@+.-]*\.[A-Za-z]\w{0,9}|Dockerfile|Makefile|Jenkinsfile)):(\d{1,7})(?:[-–](\d{1,7}))?(?![\w.]*\/)/g;
const BARE_PATH = /^[\w@+./-]{1,500}\.[A-Za-z]\w{0,9}$/;
const HOSTS = /^(?:localhost|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|local))$/i;

/** Places that a text names; addresses with a port are none. */
export function citationsIn(text: string): Citation[] {
  const found: Citation[] = [];
  for (const match of text.matchAll(PLACE)) {
    const [whole, path = '', line = '0', end] = match;
    if (HOSTS.test(path)) continue;
    const first = Number(line);
    found.push({ text: whole, path, line: first, endLine: Number(end ?? first) });
  }
  return found;
}

/** `unknown`: the evidence knows the file, but no lines of it, or nothing names files at all. */
export type Resolution = 'resolved' | 'unknown' | 'wrong';

interface Place {
  path: string;
  /** Null: the whole file. */
  line: number | null;
  endLine: number | null;
}

const placesOf = new WeakMap<QualityEvidence, Place[]>();

/** Holds a citation against the findings and the outputs of the tools. */
export function resolveCitation(citation: Citation, evidence: QualityEvidence): Resolution {
  const places = placesOf.get(evidence) ?? collectPlaces(evidence);
  placesOf.set(evidence, places);
  if (places.length === 0) return 'unknown';
  const same = places.filter(({ path }) => samePath(path, citation.path));
  if (same.length === 0) return 'wrong';
  const lines = same.filter(({ line }) => line !== null);
  const hit = lines.some(
    ({ line, endLine }) =>
      line !== null && citation.line <= (endLine ?? line) && citation.endLine >= line,
  );
  if (hit) return 'resolved';
  return lines.length === same.length ? 'wrong' : 'unknown';
}

/** Paths count from their end: tools name them from the analysed folder, texts sometimes from elsewhere. */
function samePath(known: string, cited: string): boolean {
  const a = known.replace(/^(?:\.\/)+/, '');
  const b = cited.replace(/^(?:\.\/)+/, '');
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

/** Places read from the outputs of the tools; more are not looked at. */
const PLACES_MAX = 20_000;

function collectPlaces({ findings, tools }: QualityEvidence): Place[] {
  const places: Place[] = findings.flatMap(({ location }) =>
    location === undefined
      ? []
      : [{ path: location.path, line: location.line ?? null, endLine: location.end_line ?? null }],
  );
  for (const { evidence, message } of findings) collectFromText(`${message}\n${evidence}`, places);
  for (const { output, summary } of tools) {
    collectFromText(summary, places);
    collectFromJson(output, places, 0);
  }
  return places;
}

function collectFromJson(value: JsonValue, places: Place[], depth: number): void {
  if (places.length >= PLACES_MAX || depth > 20) return;
  if (typeof value === 'string') {
    if (BARE_PATH.test(value)) places.push({ path: value, line: null, endLine: null });
    else collectFromText(value, places);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) collectFromJson(item, places, depth + 1);
    return;
  }
  if (!isJsonObject(value)) return;
  const path = value['path'] ?? value['file'];
  if (typeof path === 'string') {
    const line = numberAt(value, ['line', 'start_line', 'startLine']);
    places.push({ path, line, endLine: numberAt(value, ['end_line', 'endLine']) });
  }
  for (const inner of Object.values(value)) collectFromJson(inner, places, depth + 1);
}

function numberAt(value: { [key: string]: JsonValue }, names: readonly string[]): number | null {
  const found = names.map((name) => value[name]).find((item) => typeof item === 'number');
  return typeof found === 'number' ? found : null;
}

function collectFromText(text: string, places: Place[]): void {
  for (const { path, line, endLine } of citationsIn(text.slice(0, 100_000))) {
    if (places.length >= PLACES_MAX) return;
    places.push({ path, line, endLine });
  }
}
