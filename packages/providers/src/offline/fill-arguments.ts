import { isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { SchemaValidator } from '../structured/validate-schema.ts';
import { coerce, typesOf } from './coerce-value.ts';
import type { OfferedTool } from './parse-request.ts';
import { contentWords } from './words.ts';

/** Where argument values may come from; nothing else is ever used. */
export interface ArgumentSources {
  inputs: JsonObject;
  text: string;
  /** Outputs of earlier calls, oldest first. */
  outputs: readonly JsonValue[];
  /** Composed report, for tools that store a text; given only when everything else has run. */
  report?: string;
}

export interface FilledArguments {
  /** Arguments of each call to make; more than one when a single-valued property has several values. */
  inputs: JsonObject[];
  /** Required properties without a value; then `inputs` is empty. */
  missing: string[];
  /** True when only the text of a report is missing. */
  wantsReport: boolean;
}

type ValueKind = 'path' | 'file' | 'url' | 'query' | 'content' | 'pattern' | 'other';

/** Names under which people give the same thing, likeliest first. */
const ALIASES: Record<Exclude<ValueKind, 'other'>, readonly string[]> = {
  path: [
    'path',
    'root',
    'folder',
    'directory',
    'dir',
    'target',
    'repository',
    'repo',
    'workspace',
    'project',
    'location',
    'cwd',
    'rootpath',
    'folderpath',
    'repositorypath',
    'repopath',
    'paths',
    'folders',
  ],
  file: [
    'file',
    'filename',
    'filepath',
    'document',
    'logfile',
    'datafile',
    'csv',
    'log',
    'dataset',
    'files',
    'filepaths',
    'documents',
    'logs',
    'metrics',
    'spec',
    'openapi',
  ],
  url: ['url', 'uri', 'link', 'href', 'endpoint', 'website', 'urls', 'links'],
  query: ['query', 'question', 'search', 'q', 'term', 'keywords', 'topic', 'queries'],
  content: ['content', 'body', 'markdown', 'report', 'text'],
  pattern: ['pattern', 'glob', 'regex', 'globs', 'patterns'],
};

/** Fills a tool's arguments from inputs, text and earlier outputs, by name, alias, type and schema. */
export function fillArguments(
  tool: OfferedTool,
  sources: ArgumentSources,
  validator: SchemaValidator,
): FilledArguments {
  const properties = isJsonObject(tool.schema['properties'])
    ? (tool.schema['properties'] as JsonObject)
    : {};
  const required = new Set(
    Array.isArray(tool.schema['required'])
      ? tool.schema['required'].filter((name) => typeof name === 'string')
      : [],
  );
  let variants: JsonObject[] = [{}];
  const missing: string[] = [];
  for (const [name, raw] of Object.entries(properties)) {
    const schema = isJsonObject(raw) ? (raw as JsonObject) : {};
    const values = valuesFor(
      {
        tool: tool.name,
        name,
        schema,
        required: required.has(name),
        fileOnly: readsOneFile(tool) && PLACES.has(kindOf(name)),
      },
      sources,
    );
    if (values.length === 0) {
      if (required.has(name)) missing.push(name);
      continue;
    }
    variants =
      variants.length === 1 && values.length > 1
        ? values.map((value) => ({ ...variants[0], [name]: value }))
        : variants.map((variant) => ({ ...variant, [name]: values[0] as JsonValue }));
  }
  if (missing.length > 0)
    return {
      inputs: [],
      missing,
      wantsReport:
        sources.report === undefined && missing.every((name) => kindOf(name) === 'content'),
    };
  const fitting = variants.flatMap((variant) => fitToSchema(variant, tool.schema, validator));
  return fitting.length > 0
    ? { inputs: fitting, missing: [], wantsReport: false }
    : {
        inputs: [],
        missing: unfitting(variants[0] ?? {}, tool.schema, validator),
        wantsReport: false,
      };
}

/** The variant as it is, or without the optional values that break the schema; nothing when it cannot be made to fit. */
function fitToSchema(
  variant: JsonObject,
  schema: JsonObject,
  validator: SchemaValidator,
): JsonObject[] {
  const wrong = validator.check(schema, variant);
  if (wrong.length === 0) return [variant];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const drop = new Set(
    wrong
      .map((error) => error.pointer.split('/')[1] ?? '')
      .filter((name) => !required.includes(name)),
  );
  const rest = Object.fromEntries(Object.entries(variant).filter(([name]) => !drop.has(name)));
  return drop.size > 0 && validator.check(schema, rest).length === 0 ? [rest] : [];
}

function unfitting(variant: JsonObject, schema: JsonObject, validator: SchemaValidator): string[] {
  return [
    ...new Set(
      validator.check(schema, variant).map((error) => error.pointer.split('/')[1] ?? error.message),
    ),
  ];
}

interface Wanted {
  name: string;
  tool: string;
  schema: JsonObject;
  required: boolean;
  /** Takes a file, not a folder. */
  fileOnly: boolean;
}

const PLACES: ReadonlySet<ValueKind> = new Set(['path', 'file']);

/** Whether a tool reads one file, by its name: a folder given as its path would only fail. */
function readsOneFile(tool: OfferedTool): boolean {
  return /(?:^|_)(?:read|open|view|cat|show)_?(?:text_?)?(?:file|document)$|^(?:file|document)_?(?:read|open|view)(?:er)?$/i.test(
    tool.name,
  );
}

function looksLikeFile(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.every(looksLikeFile);
  if (typeof value !== 'string') return false;
  const last = value.split(/[\\/]/).at(-1) ?? '';
  return /[^.]\.[A-Za-z0-9]{1,10}$|^\.[A-Za-z]\w+$|^(?:Dockerfile|Makefile|README|LICENSE|LICENCE|CHANGELOG|Procfile|Gemfile|Jenkinsfile)$/.test(
    last,
  );
}

function valuesFor(wanted: Wanted, sources: ArgumentSources): JsonValue[] {
  const kind = kindOf(wanted.name);
  const candidates = [
    () => byName(wanted.name, sources.inputs),
    () => assigned(wanted.name, sources.text),
    () =>
      kind === 'other' || (kind === 'content' && sources.report !== undefined)
        ? []
        : byKind(kind, sources.inputs, wanted.tool),
    () => mentioned(wanted, sources.text),
    () => (wanted.required ? fromText(kind, wanted, sources.text) : []),
    () =>
      wanted.required && 'default' in wanted.schema ? [wanted.schema['default'] as JsonValue] : [],
    () => (wanted.required ? onlyChoice(wanted.schema) : []),
    () =>
      wanted.required
        ? sources.outputs.toReversed().flatMap((output) => fromOutput(wanted.name, kind, output))
        : [],
    () => (kind === 'content' && sources.report !== undefined ? [sources.report] : []),
  ];
  for (const candidate of candidates) {
    const fitting = candidate()
      .flatMap((value) => coerce(value, wanted.schema))
      .filter((value) => !wanted.fileOnly || looksLikeFile(value));
    if (fitting.length > 0) return uniqueValues(fitting);
  }
  return [];
}

function uniqueValues(values: JsonValue[]): JsonValue[] {
  const seen = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...seen.values()];
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** What sort of thing a property name asks for. */
export function kindOf(name: string): ValueKind {
  const text = plain(name);
  for (const [kind, names] of Object.entries(ALIASES))
    if (names.includes(text)) return kind as ValueKind;
  if (/file(s|path|name)?$/.test(text)) return 'file';
  if (/(path|folder|directory|dir)s?$/.test(text)) return 'path';
  return /(url|uri)s?$/.test(text) ? 'url' : 'other';
}

function byName(name: string, inputs: JsonObject): JsonValue[] {
  const found = leaves(inputs).find(([key, value]) => plain(key) === plain(name) && value !== null);
  return found === undefined ? [] : [found[1]];
}

/**
 * The input of the same kind that suits the tool best: one whose name the tool's name has too (`log` for `log_cluster`, a
 * repository for `git_log`), else the likeliest spelling.
 */
function byKind(
  kind: Exclude<ValueKind, 'other'>,
  inputs: JsonObject,
  toolName: string,
): JsonValue[] {
  const near: readonly Exclude<ValueKind, 'other'>[] =
    kind === 'path' ? ['path', 'file'] : kind === 'file' ? ['file', 'path'] : [kind];
  const spellings = near.flatMap((each) => ALIASES[each]);
  const toolWords = new Set(contentWords(toolName.replace(/^git_.*/, 'repository')));
  const ranked = leaves(inputs)
    .filter(
      ([key, value]) => near.some((each) => each === kindOf(key)) && value !== null && value !== '',
    )
    .map(([key, value]) => {
      const spelling = spellings.indexOf(plain(key));
      return {
        value,
        suits: contentWords(key).some((word) => toolWords.has(word)),
        order: spelling === -1 ? spellings.length : spelling,
      };
    });
  const best = ranked.toSorted((a, b) => Number(b.suits) - Number(a.suits) || a.order - b.order)[0];
  return best === undefined ? [] : [best.value];
}

/** Top-level entries of the inputs, then those one level down. */
function leaves(inputs: JsonObject): [string, JsonValue][] {
  const top = Object.entries(inputs);
  return [
    ...top,
    ...top.flatMap(([, value]) => (isJsonObject(value) ? Object.entries(value as JsonObject) : [])),
  ];
}

/** `name=value`, `name: value` (value in quotes, backticks or without blanks) and `--name value`. */
function assigned(name: string, text: string): JsonValue[] {
  const spelled = name
    .split(/[_\-\s]+/)
    .map((part) => part.replace(/[^\w]/g, ''))
    .join('[_\\-\\s]?');
  const value = '(?:"([^"\\n]{1,500})"|\'([^\'\\n]{1,500})\'|`([^`\\n]{1,500})`|([^\\s,;]{1,500}))';
  const match = new RegExp(
    `(?:--${spelled}[ =]|\\b${spelled}\\s*=\\s*|\\b${spelled}:\\s*)${value}`,
    'i',
  ).exec(text);
  const found = match?.slice(1).find((group) => group !== undefined);
  return found === undefined
    ? []
    : [found.replace(/[.)]+$/, (end) => (match?.[4] === undefined || found === end ? end : ''))];
}

/** An enum value that the text has as a word, or a number that stands beside the property's name ("top 10", "10 results"). */
function mentioned({ name, schema }: Wanted, text: string): JsonValue[] {
  const choices = Array.isArray(schema['enum'])
    ? schema['enum'].filter((value) => typeof value === 'string')
    : [];
  const hits = choices.filter((choice) =>
    new RegExp(`(?<![\\w-])${choice.replace(/[^\w]+/g, '\\W')}(?![\\w-])`, 'i').test(text),
  );
  if (hits.length === 1) return hits;
  const types = typesOf(schema);
  if (!types.includes('integer') && !types.includes('number')) return [];
  const word =
    name
      .replace(/^(?:max|min)_?/i, '')
      .split(/[_-]/)[0]
      ?.replace(/[^\w]/g, '') ?? '';
  if (word.length < 3) return [];
  const number = new RegExp(
    `\\b${word}s?\\W{1,3}(?:of\\W)?(\\d+(?:\\.\\d+)?)\\b|\\b(\\d+(?:\\.\\d+)?)\\W${word}s?\\b`,
    'i',
  ).exec(text);
  const found = number?.[1] ?? number?.[2];
  return found === undefined ? [] : [Number(found)];
}

const URL_SHAPE = /\bhttps?:\/\/[^\s<>"'`)\]]+/g;

/** Paths that a text names: in quotes or backticks, or with a slash or a file ending; never parts of a URL. */
export function findPaths(text: string): string[] {
  const withoutUrls = text.replace(URL_SHAPE, ' ');
  const found: string[] = [];
  for (const match of withoutUrls.matchAll(
    /[`"']([^`"'\n]{1,300})[`"']|((?:\.{0,2}\/)[\w.\-/@]*|[\w.\-@]+(?:\/[\w.\-@]+)+|[\w\-@]+(?:\.[\w-]+)*\.[A-Za-z][A-Za-z0-9]{0,7})(?![\w/])/g,
  )) {
    const value = (match[1] ?? match[2] ?? '').replace(/[.,]+$/, '');
    if (
      value.includes(' ') ||
      !/[/.]/.test(value) ||
      /^\d+(?:\.\d+)*$/.test(value) ||
      /^(?:e\.g|i\.e|etc)$/i.test(value) ||
      value === '/'
    )
      continue;
    if (
      match[1] === undefined &&
      /^[A-Za-z]+(?:\/[A-Za-z]+)+$/.test(value) &&
      !/^(?:src|lib|app|apps|packages|docs|test|tests|\.)\//.test(value)
    )
      continue;
    found.push(value);
  }
  return [...new Set(found)];
}

function quoted(text: string): string[] {
  return [...text.matchAll(/"([^"\n]{1,300})"|`([^`\n]{1,300})`|“([^”\n]{1,300})”/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  );
}

function fromText(kind: ValueKind, { schema }: Wanted, text: string): JsonValue[] {
  switch (kind) {
    case 'url':
      return [...text.matchAll(URL_SHAPE)].map(([url]) => url.replace(/[.,;]+$/, ''));
    case 'path':
    case 'file':
      return findPaths(text);
    case 'pattern':
      return quoted(text).filter((value) => /[*?[\]{}|^$\\]/.test(value));
    case 'query': {
      const words = quoted(text);
      return words.length > 0 ? words : text.trim() === '' ? [] : [text.trim().slice(0, 500)];
    }
    case 'content':
      return [];
    default: {
      const words = quoted(text);
      return words.length === 1 && typesOf(schema).includes('string') ? words : [];
    }
  }
}

function onlyChoice(schema: JsonObject): JsonValue[] {
  if ('const' in schema) return [schema['const'] as JsonValue];
  return Array.isArray(schema['enum']) && schema['enum'].length === 1
    ? (schema['enum'] as JsonValue[])
    : [];
}

/** Values of the same name or kind in an earlier output; lists of records give that field of each record. */
function fromOutput(name: string, kind: ValueKind, output: JsonValue): JsonValue[] {
  if (!isJsonObject(output)) return [];
  const names =
    kind === 'other'
      ? [plain(name), `${plain(name)}s`]
      : [
          plain(name),
          ...(kind === 'file' || kind === 'path'
            ? [...ALIASES.file, ...ALIASES.path]
            : ALIASES[kind]),
        ];
  for (const wanted of names) {
    const found = Object.entries(output as JsonObject).find(([key]) => plain(key) === wanted)?.[1];
    if (found === undefined || found === null) continue;
    if (!Array.isArray(found)) return isJsonObject(found) ? [] : [found];
    const flat = found.flatMap((item) =>
      isJsonObject(item) ? fromOutput(name, kind, item as JsonValue).slice(0, 1) : [item],
    );
    if (flat.length > 0) return flat;
  }
  return [];
}
