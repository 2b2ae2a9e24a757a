import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { parseJson } from '../security/audit-result.ts';
import { jsonLines } from '../security/json-lines.ts';

/** One setting; nested ones have a key such as `database.host`. */
export interface Setting {
  key: string;
  value: string;
  line: number;
  /** Earlier line with the same key. */
  repeats?: number;
}

const LINE = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*[=:]\s?(.*)$/;

function readLines(text: string): Setting[] {
  const seen = new Map<string, number>();
  return text.split('\n').flatMap((line, index): Setting[] => {
    if (/^\s*(?:[#;!]|\[|$)/.test(line)) return [];
    const match = LINE.exec(line);
    if (match === null) return [];
    const key = match[1] ?? '';
    const raw = (match[2] ?? '').trim();
    const value = /^(["']).*\1$/.test(raw) ? raw.slice(1, -1) : raw.replace(/\s+#.*$/, '');
    const before = seen.get(key);
    seen.set(key, index + 1);
    return [{ key, value, line: index + 1, ...(before === undefined ? {} : { repeats: before }) }];
  });
}

function readJson(text: string): Setting[] | undefined {
  const data = parseJson(text);
  if (data === undefined) return undefined;
  const lines = jsonLines(text);
  const found: Setting[] = [];
  const visit = (value: unknown, key: string, pointer: string): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        const part = name.replaceAll('~', '~0').replaceAll('/', '~1');
        visit(inner, key === '' ? name : `${key}.${name}`, `${pointer}/${part}`);
      }
      return;
    }
    found.push({ key, value: String(value), line: lines.get(pointer) ?? 1 });
  };
  visit(data, '', '');
  return found;
}

function scalarText(value: unknown): string {
  const isPlain = ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
  return isPlain ? String(value as string | number | boolean | bigint) : '';
}

function readYamlSettings(text: string): Setting[] | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  const found: Setting[] = [];
  const visit = (node: unknown, key: string, offset: number): void => {
    if (isMap(node))
      for (const { key: name, value } of node.items) {
        const part = isScalar(name) ? String(name.value) : '';
        const at = (isScalar(name) ? name.range?.[0] : undefined) ?? offset;
        visit(value, key === '' ? part : `${key}.${part}`, at);
      }
    else if (isSeq(node))
      for (const [index, item] of node.items.entries()) visit(item, `${key}.${index}`, offset);
    else if (isScalar(node))
      found.push({ key, value: scalarText(node.value), line: lines.linePos(offset).line });
  };
  visit(document.contents, '', 0);
  return found;
}

/** True for files that hold settings. */
export function isSettingsFile(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return /^\.env(?:\.|$)|\.(?:env|json|ya?ml|properties|ini|conf|cfg|toml)$/.test(name);
}

/** The settings of a file by its name; undefined when its form is broken. */
export function readSettings(path: string, text: string): Setting[] | undefined {
  if (path.endsWith('.json')) return readJson(text);
  return /\.ya?ml$/.test(path) ? readYamlSettings(text) : readLines(text);
}
