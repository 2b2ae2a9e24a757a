import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Node } from 'yaml';
import { isRecord } from '../security/audit-result.ts';

type Key = string | number;

/** One document of a YAML file. */
export interface YamlDocument {
  value: Record<string, unknown>;
  /** Line of a key or list entry; of the nearest one above it when it is not there. */
  lineOf(path: readonly Key[]): number;
}

interface YamlFile {
  documents: YamlDocument[];
  errors: { message: string; line: number }[];
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

/** Offset of the deepest part of `path` that exists. */
function offsetOf(root: unknown, path: readonly Key[]): number {
  let node = root;
  let offset = startOf(root) ?? 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(key)];
      if (item === undefined) return offset;
      offset = startOf(item) ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}

/** Parses a YAML file with the line of each key; aliases are bounded, and nothing but maps is a document. */
export function readYaml(text: string): YamlFile {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, logLevel: 'silent' });
  const all = Array.isArray(parsed) ? parsed : [];
  const errors = all.flatMap((document) =>
    document.errors.map((error) => ({
      message: error.message.split('\n')[0] ?? 'not valid YAML',
      line: lines.linePos(error.pos[0]).line,
    })),
  );
  const documents = all
    .filter((document) => document.errors.length === 0)
    .flatMap((document) => {
      const value: unknown = document.toJS({ maxAliasCount: 50 });
      if (!isRecord(value)) return [];
      return [
        {
          value,
          lineOf: (path: readonly Key[]) => lines.linePos(offsetOf(document.contents, path)).line,
        },
      ];
    });
  return { documents, errors };
}

/** Objects in a list or in the values of an object, each with its key. */
export function recordsIn(value: unknown): [Key, Record<string, unknown>][] {
  const found: [Key, unknown][] = Array.isArray(value)
    ? value.map((one, index): [Key, unknown] => [index, one])
    : isRecord(value)
      ? Object.entries(value)
      : [];
  return found.filter((entry): entry is [Key, Record<string, unknown>] => isRecord(entry[1]));
}

/** Texts of a list; others are left out. */
export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
