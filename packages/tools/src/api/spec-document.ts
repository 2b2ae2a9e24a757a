import { dirname, join } from 'node:path';
import type * as Yaml from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';

const SPEC_BYTES_MAX = 5 * 1024 * 1024;
const ALIASES_MAX = 200;
const DOCUMENTS_MAX = 50;

export type Key = string | number;

/** A parsed YAML or JSON file that knows the line of each of its nodes. */
export interface SpecDocument {
  /** Relative to the folder of the description that was asked for. */
  path: string;
  absolute: string;
  root: unknown;
  /** 1-based line of the key (or the item) that the keys lead to; of the deepest part that exists. */
  lineOf(keys: readonly Key[]): number;
  /** Text of a line, trimmed and short enough for evidence. */
  textAt(line: number): string;
  /** Problems of the syntax, in order. */
  problems: { line: number; message: string }[];
}

/** A node of a description: where it stands and what it is. */
export interface Place {
  doc: SpecDocument;
  keys: readonly Key[];
  value: unknown;
}

/** An API description with the files that it refers to. */
export interface Spec {
  main: SpecDocument;
  documents: ReadonlyMap<string, SpecDocument>;
  /** `2.0`, `3.0` or `3.1` (also for later ones of line 3). */
  version: '2.0' | '3.0' | '3.1';
  /** Where the node's `$ref`s lead in the end; undefined when one of them leads nowhere, or round in a circle. */
  follow(place: Place): Place | undefined;
}

type Walked = { node: Node | null; line: number | undefined };

function lineWalker(
  { isCollection, isMap, isPair, isScalar, isSeq }: typeof Yaml,
  document: Document,
  counter: LineCounter,
): SpecDocument['lineOf'] {
  const lineAt = (offset: number | undefined) =>
    offset === undefined ? undefined : counter.linePos(offset).line;
  const step = (node: Node | null, key: Key): Walked | undefined => {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(key),
      );
      if (!isPair(pair)) return undefined;
      const { range } = pair.key as { range?: [number, number, number] };
      return { node: pair.value as Node | null, line: lineAt(range?.[0]) };
    }
    if (isSeq(node)) {
      const item = node.items[Number(key)] as Node | undefined;
      return item === undefined ? undefined : { node: item, line: lineAt(item.range?.[0]) };
    }
    return undefined;
  };
  return (keys) => {
    let node: Node | null = document.contents;
    let line = 1;
    for (const key of keys) {
      if (node !== null && 'source' in node && !isCollection(node) && !isScalar(node))
        node = (node as { resolve(of: Document): Node | undefined }).resolve(document) ?? null;
      const next = step(node, key);
      if (next === undefined) return line;
      line = next.line ?? line;
      node = next.node;
    }
    return line;
  };
}

/** Parses YAML or JSON; broken syntax is told in `problems`, never thrown. */
export async function parseSpecText(
  text: string,
  at: { path: string; absolute: string },
): Promise<SpecDocument> {
  const yaml = await import('yaml');
  const counter = new yaml.LineCounter();
  // A tab may indent JSON but not YAML; lines stay the same.
  const isJson = /^\s*[{[]/.test(text);
  const source = isJson ? text.replaceAll('\t', '  ') : text;
  const document = yaml.parseDocument(source, {
    lineCounter: counter,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const lines = text.split('\n');
  const problems = document.errors.map((error) => ({
    line: counter.linePos(error.pos[0]).line,
    message: error.message.split('\n')[0] ?? error.code,
  }));
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: ALIASES_MAX }) as unknown;
  } catch (error) {
    problems.push({
      line: 1,
      message: error instanceof Error ? error.message : 'unusable aliases',
    });
  }
  return {
    ...at,
    root,
    problems,
    lineOf: lineWalker(yaml, document, counter),
    textAt: (line) => (lines[line - 1] ?? '').trim().slice(0, 300),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The node below; `value` is undefined when there is none. */
export function childOf(place: Place, ...keys: readonly Key[]): Place {
  let value = place.value;
  for (const key of keys)
    value =
      Array.isArray(value) && typeof key === 'number'
        ? (value as unknown[])[key]
        : isRecord(value) && Object.hasOwn(value, key)
          ? value[key]
          : undefined;
  return { doc: place.doc, keys: [...place.keys, ...keys], value };
}

/** The entries of a mapping as places; none for anything else. */
export function entriesOf(place: Place | undefined): [string, Place][] {
  return isRecord(place?.value)
    ? Object.keys(place.value).map((key) => [key, childOf(place, key)])
    : [];
}

/** The items of a list as places; none for anything else. */
export function itemsOf(place: Place | undefined): Place[] {
  return Array.isArray(place?.value) ? place.value.map((_, index) => childOf(place, index)) : [];
}

export function textOf(place: Place | undefined): string | undefined {
  return typeof place?.value === 'string' ? place.value : undefined;
}

export function lineOfPlace(place: Place): number {
  return place.doc.lineOf(place.keys);
}

export function rootOf(doc: SpecDocument): Place {
  return { doc, keys: [], value: doc.root };
}

/** The file and the keys that a `$ref` names. */
function splitRef(ref: string): { file: string; keys: string[] } {
  const [file = '', fragment = ''] = ref.split('#', 2);
  const keys = fragment
    .split('/')
    .slice(1)
    .map((part) => decodeKey(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  return { file, keys };
}

function decodeKey(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a lone % is meant as it stands
  }
}

export function isRemoteRef(ref: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(ref);
}

function refOf(value: unknown): string | undefined {
  return isRecord(value) && typeof value['$ref'] === 'string' ? value['$ref'] : undefined;
}

function collectRefs(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectRefs(item, into);
  else if (isRecord(value)) {
    const ref = refOf(value);
    if (ref !== undefined) into.add(ref);
    for (const item of Object.values(value)) collectRefs(item, into);
  }
}

function versionOf(doc: SpecDocument): Spec['version'] {
  const root = isRecord(doc.root) ? doc.root : {};
  const versionText = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  if (versionText(root['swagger']).startsWith('2')) return '2.0';
  const version = versionText(root['openapi']);
  if (version.startsWith('3.0')) return '3.0';
  if (version.startsWith('3.')) return '3.1';
  throw toolError(
    'tools.api.not_a_spec',
    'invalid-input',
    `"${doc.path}" is no OpenAPI description: it has neither "openapi: 3.x" nor "swagger: 2.0".`,
  );
}

function follower(documents: ReadonlyMap<string, SpecDocument>): Spec['follow'] {
  return (start) => {
    let place = start;
    for (let hop = 0; hop < 30; hop++) {
      const ref = refOf(place.value);
      if (ref === undefined) return place.value === undefined ? undefined : place;
      if (isRemoteRef(ref)) return undefined;
      const { file, keys } = splitRef(ref);
      const doc =
        file === '' ? place.doc : documents.get(join(dirname(place.doc.absolute), decodeKey(file)));
      if (doc === undefined) return undefined;
      place = childOf(rootOf(doc), ...keys.map((key) => key));
      if (Array.isArray(place.value)) return undefined;
    }
    return undefined;
  };
}

async function loadReferred(
  main: SpecDocument,
  env: ToolEnvironment,
): Promise<Map<string, SpecDocument>> {
  const documents = new Map([[main.absolute, main]]);
  const base = dirname(main.absolute);
  const waiting = [main];
  for (let doc = waiting.pop(); doc !== undefined; doc = waiting.pop()) {
    const refs = new Set<string>();
    collectRefs(doc.root, refs);
    for (const ref of refs) {
      const { file } = splitRef(ref);
      if (file === '' || isRemoteRef(ref) || documents.size >= DOCUMENTS_MAX) continue;
      const wanted = join(dirname(doc.absolute), decodeKey(file));
      if (documents.has(wanted)) continue;
      // What cannot be read is an unresolved reference, which the lint tells.
      const real = await env.roots.resolveInside(wanted).catch(() => undefined);
      const text =
        real === undefined
          ? undefined
          : await requireText(real, file, SPEC_BYTES_MAX).catch(() => undefined);
      if (text === undefined) continue;
      const path = wanted.startsWith(`${base}/`) ? wanted.slice(base.length + 1) : wanted;
      const loaded = await parseSpecText(text, { path, absolute: wanted });
      documents.set(wanted, loaded);
      waiting.push(loaded);
    }
  }
  return documents;
}

/** Reads one file of a description. Throws for what cannot be read as text. */
export async function readSpecDocument(path: string, env: ToolEnvironment): Promise<SpecDocument> {
  const absolute = await env.roots.resolveInside(path);
  const text = await requireText(absolute, path, SPEC_BYTES_MAX);
  return parseSpecText(text, { path: absolute.slice(absolute.lastIndexOf('/') + 1), absolute });
}

/** Completes a document whose syntax is sound to a description with its other files. Throws `tools.api.not_a_spec`. */
export async function openSpec(main: SpecDocument, env: ToolEnvironment): Promise<Spec> {
  const version = versionOf(main);
  const documents = await loadReferred(main, env);
  return { main, documents, version, follow: follower(documents) };
}

/** Reads a description for a tool that works on sound ones only. Throws `tools.api.malformed` with the line. */
export async function requireSpec(path: string, env: ToolEnvironment): Promise<Spec> {
  const main = await readSpecDocument(path, env);
  const problem = main.problems[0];
  if (problem !== undefined)
    throw toolError(
      'tools.api.malformed',
      'invalid-input',
      `"${main.path}" cannot be read at line ${problem.line}: ${problem.message}. "openapi_lint" lists all problems.`,
    );
  return openSpec(main, env);
}
