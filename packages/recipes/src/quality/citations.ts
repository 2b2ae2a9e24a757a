import type { Finding } from '@automatos/contracts';
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

/** Where the evidence has been, to look up what a text cites. */
export interface KnownPlaces {
  resolve(citation: Citation): Resolution;
  /** Findings in the cited file, and those of them at the cited lines. */
  findings(citation: Citation): { inFile: Finding[]; atLine: Finding[] };
}

interface Place {
  path: string;
  /** Null: the whole file. */
  line: number | null;
  endLine: number | null;
  finding: Finding | null;
}

/** Places read from the outputs of the tools; more are not looked at. */
const PLACES_MAX = 20_000;

/** Reads the places of findings, and of paths and citations in what the tools gave. */
export function knownPlaces({ findings, tools }: QualityEvidence): KnownPlaces {
  const places: Place[] = findings.flatMap((finding) => {
    const { location } = finding;
    if (location === undefined) return [];
    const { path, line = null, end_line: endLine = null } = location;
    return [{ path, line, endLine, finding }];
  });
  for (const { evidence, message } of findings) collectFromText(`${message}\n${evidence}`, places);
  for (const { output, summary } of tools) {
    collectFromText(summary, places);
    collectFromJson(output, places, 0);
  }
  const byName = Map.groupBy(places, ({ path }) => lastPart(path));
  const inFile = ({ path }: Citation) =>
    (byName.get(lastPart(path)) ?? []).filter((place) => samePath(place.path, path));
  return {
    resolve: (citation) =>
      places.length === 0 ? 'unknown' : resolution(inFile(citation), citation),
    findings(citation) {
      const own = inFile(citation).filter(({ finding }) => finding !== null);
      const findingsOf = (of: readonly Place[]) =>
        of.flatMap(({ finding }) => (finding === null ? [] : [finding]));
      return {
        inFile: findingsOf(own),
        atLine: findingsOf(own.filter((place) => covers(place, citation))),
      };
    },
  };
}

function resolution(same: readonly Place[], citation: Citation): Resolution {
  if (same.some((place) => place.line !== null && covers(place, citation))) return 'resolved';
  return same.every(({ line }) => line !== null) ? 'wrong' : 'unknown';
}

function covers({ line, endLine }: Place, citation: Citation): boolean {
  return line === null || (citation.line <= (endLine ?? line) && citation.endLine >= line);
}

/** Paths count from their end: tools name them from the analysed folder, texts sometimes from elsewhere. */
function samePath(known: string, cited: string): boolean {
  const a = known.replace(/^(?:\.\/)+/, '');
  const b = cited.replace(/^(?:\.\/)+/, '');
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function collectFromJson(value: JsonValue, places: Place[], depth: number): void {
  if (places.length >= PLACES_MAX || depth > 20) return;
  if (typeof value === 'string') {
    if (BARE_PATH.test(value)) add(places, { path: value, line: null, endLine: null });
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
    add(places, { path, line, endLine: numberAt(value, ['end_line', 'endLine']) });
  }
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== path || (key !== 'path' && key !== 'file')) {
      collectFromJson(inner, places, depth + 1);
    }
  }
}

function numberAt(value: { [key: string]: JsonValue }, names: readonly string[]): number | null {
  const found = names.map((name) => value[name]).find((item) => typeof item === 'number');
  return typeof found === 'number' ? found : null;
}

function collectFromText(text: string, places: Place[]): void {
  for (const { path, line, endLine } of citationsIn(text.slice(0, 100_000))) {
    if (places.length >= PLACES_MAX) return;
    add(places, { path, line, endLine });
  }
}

function add(places: Place[], place: Omit<Place, 'finding'>): void {
  places.push({ ...place, finding: null });
}
