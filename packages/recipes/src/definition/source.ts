import { isJsonObject } from '@automatos/kernel';
import type { FieldError, JsonValue } from '@automatos/kernel';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { toPointer } from './pointer.ts';
import type { Path } from './pointer.ts';

/** Deepest nesting of a recipe document. */
const DEPTH_MAX = 60;
/** How often aliases may stand in for nodes, counted as the parser expands them. */
const ALIAS_COUNT_MAX = 100;

/** Problems of one document that are reported. */
const PROBLEMS_MAX = 50;

/** A recipe as it was sent: YAML text, or a JSON document. */
export type RecipeSource = { yaml: string } | { definition: unknown };

export interface Position {
  line: number;
  column: number;
}

/** Place inside the text of a string field: `offset` in UTF-16 units, and what stands there on one line. */
export interface TextSpot {
  text: string;
  offset: number;
  /** The place meant, counted from `offset`; default 0. */
  shift?: number;
}

export interface LoadedSource {
  /** Undefined when the source could not be read at all. */
  value: JsonValue | undefined;
  problems: FieldError[];
  /** 1-based position of a field (or, with `key`, of its name) in YAML; null for JSON sources. */
  locate(path: Path, options?: { key?: boolean; spot?: TextSpot }): Position | null;
}

/** Reads the source into plain JSON with positions; never throws. */
export function loadSource(source: RecipeSource): LoadedSource {
  if ('definition' in source) return loadJson(source.definition);
  return loadYaml(source.yaml);
}

function loadJson(value: unknown): LoadedSource {
  const locate = () => null;
  const problem = unusable(value);
  if (problem !== null) return { value: undefined, problems: [problem], locate };
  return { value: value as JsonValue, problems: [], locate };
}

/** Nesting without end, and characters that no database keeps. */
function unusable(value: unknown): FieldError | null {
  const stack: { value: unknown; path: Path }[] = [{ value, path: [] }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { path } = item;
    if (path.length > DEPTH_MAX) {
      return { pointer: '', message: `nests deeper than ${DEPTH_MAX} levels` };
    }
    if (typeof item.value === 'string' && !isStorable(item.value)) {
      return { pointer: toPointer(path), message: 'holds a NUL or half a surrogate pair' };
    }
    if (typeof item.value !== 'object' || item.value === null) continue;
    for (const [key, inner] of Object.entries(item.value)) {
      if (!isStorable(key)) {
        return { pointer: toPointer(path), message: 'holds a NUL or half a surrogate pair' };
      }
      stack.push({ value: inner, path: [...path, key] });
    }
  }
  return null;
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

function loadYaml(text: string): LoadedSource {
  const lines = new LineCounter();
  const nowhere = () => null;
  if (!isStorable(text)) {
    const problem = { pointer: '', message: 'holds a NUL or half a surrogate pair' };
    return { value: undefined, problems: [problem], locate: nowhere };
  }
  let document: Document.Parsed;
  try {
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  } catch (error) {
    return { value: undefined, problems: [unreadable(error)], locate: nowhere };
  }
  const problems = document.errors.slice(0, PROBLEMS_MAX).map((error): FieldError => {
    const at = lines.linePos(error.pos[0]);
    return { pointer: '', message: yamlMessage(error), line: at.line, column: at.col };
  });
  if (problems.length > 0) return { value: undefined, problems, locate: nowhere };
  try {
    const value = document.toJS({ maxAliasCount: ALIAS_COUNT_MAX }) as JsonValue;
    const problem = unusable(value);
    if (problem !== null) return { value: undefined, problems: [problem], locate: nowhere };
    return {
      value,
      problems: [],
      locate: (path, options = {}) => locateInYaml({ document, lines, text }, path, options),
    };
  } catch (error) {
    return { value: undefined, problems: [unreadable(error)], locate: nowhere };
  }
}

function unreadable(error: unknown): FieldError {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) {
    return { pointer: '', message: `nests deeper than ${DEPTH_MAX} levels` };
  }
  if (/alias/i.test(message)) {
    const reason = `expands aliases more than ${ALIAS_COUNT_MAX} times; write the values out`;
    return { pointer: '', message: reason };
  }
  return { pointer: '', message: `cannot be read as YAML: ${message}` };
}

function yamlMessage(error: { code: string; message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'the same key stands here twice';
  if (error.code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML; use spaces';
  if (/call stack/i.test(error.message)) return `nests deeper than ${DEPTH_MAX} levels`;
  if (error.code === 'MULTIPLE_DOCS') return 'more than one YAML document; a recipe is one';
  return error.message.replace(/\s+/g, ' ').trim();
}

interface YamlSource {
  document: Document.Parsed;
  lines: LineCounter;
  text: string;
}

function locateInYaml(
  source: YamlSource,
  path: Path,
  options: { key?: boolean; spot?: TextSpot },
): Position {
  let node: unknown = source.document.contents;
  let keyNode: unknown = null;
  for (const segment of path) {
    const inner = child(resolve(source.document, node), segment);
    // A field that is missing is shown where its parent stands.
    if (inner === null) return at(source.lines, startOf(node));
    node = inner.value ?? inner.key;
    keyNode = inner.key;
  }
  if (options.key === true && keyNode !== null) return at(source.lines, startOf(keyNode));
  const spot = options.spot;
  if (spot !== undefined && isScalar(node)) {
    return at(source.lines, spotInScalar(source.text, node, spot));
  }
  return at(source.lines, startOf(node));
}

function resolve(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

function child(node: unknown, segment: string | number): { key: unknown; value: unknown } | null {
  if (isMap(node)) {
    const pair = node.items.find(
      ({ key }) => String(isScalar(key) ? key.value : key) === String(segment),
    );
    return pair === undefined ? null : { key: pair.key, value: pair.value };
  }
  if (isSeq(node)) {
    const item = node.items[Number(segment)];
    return item === undefined ? null : { key: null, value: item };
  }
  return null;
}

function startOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

function at(lines: LineCounter, offset: number): Position {
  const position = lines.linePos(offset);
  return { line: Math.max(1, position.line), column: Math.max(1, position.col) };
}

/**
 * Source offset of a place inside a scalar. Scalars may be folded, indented or escaped, so the place is found again by
 * what stands there: the n-th occurrence in the value is the n-th occurrence in the source.
 */
function spotInScalar(text: string, node: Node, spot: TextSpot): number {
  const [start, end] = node.range ?? [0, 0];
  const value = isScalar(node) && typeof node.value === 'string' ? node.value : '';
  const raw = text.slice(start, end);
  let occurrence = 0;
  for (let at = value.indexOf(spot.text); at !== -1 && at < spot.offset;) {
    occurrence += 1;
    at = value.indexOf(spot.text, at + 1);
  }
  let found = raw.indexOf(spot.text);
  for (; occurrence > 0 && found !== -1; occurrence--) found = raw.indexOf(spot.text, found + 1);
  return found === -1 ? start : start + found + (spot.shift ?? 0);
}

/** Whether a value is a plain object, as a recipe document must be. */
export function isDocument(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return isJsonObject(value);
}
