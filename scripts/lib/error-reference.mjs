/** Error codes as the rooms declare them and as their sources use them, and the page made of them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const TABLES = ['packages/*/src/error-codes.ts', 'apps/*/src/error-codes.ts'];
const SOURCES = ['packages/*/src/**/*.{ts,tsx}', 'apps/*/src/**/*.{ts,tsx}'];
/** Tests and what only tests use; the tables themselves are no use of a code. */
const NOT_PRODUCT =
  /\.test(?:-d)?\.tsx?$|\.fixture\.ts$|\/testing\/|^packages\/testing\/|\/generated\/|\/error-codes\.ts$/;
/** `<area>.<noun>.<reason>` as a whole literal; only places of settings and names of wire objects have this form too. */
const LITERAL = /(?<!\b(?:setting|object): )(['"`])([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){2})\1/g;
/** Helpers that build the code from a noun. */
const NOT_FOUND = /\bnotFound\(\s*'([a-z_]+)'/g;
/** A code in another form would be missed by the pattern above. */
const CODE_FIELD = /\bcode:\s*'([a-z][^'\s]*\.[^'\s]*)'/g;

/** Every documented code as `{code, doc, room}`; throws when two rooms document the same one. */
export async function readErrorCodes(root) {
  const rows = new Map();
  for (const file of globSync(TABLES, { cwd: root }).toSorted()) {
    const room = file.split('/')[1];
    const module = await import(pathToFileURL(join(root, file)).href);
    const tables = Object.entries(module).filter(([name]) => name.endsWith('_ERROR_CODES'));
    if (tables.length !== 1) throw new Error(`${file} must export exactly one *_ERROR_CODES.`);
    for (const [code, doc] of Object.entries(tables[0][1])) {
      const before = rows.get(code);
      if (before !== undefined)
        throw new Error(`${code} is documented by ${before.room} and by ${room}.`);
      rows.set(code, { code, doc, room });
    }
  }
  return [...rows.values()];
}

/** Every code that the sources of the product name, with the files that do. */
export function findUsedCodes(root) {
  const used = new Map();
  const note = (code, file) => used.set(code, [...(used.get(code) ?? []), file]);
  const files = globSync(SOURCES, { cwd: root }).filter((file) => !NOT_PRODUCT.test(file));
  for (const file of files) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [, , code] of text.matchAll(LITERAL)) note(code, file);
    for (const [, noun] of text.matchAll(NOT_FOUND)) note(`${noun}.item.not_found`, file);
    for (const [, code] of text.matchAll(CODE_FIELD)) note(code, file);
  }
  return { files: files.length, used };
}

/** Text of `docs/errors.md`: `kinds` is the table of the kernel, `rows` what {@link readErrorCodes} gave. */
export function renderErrorReference(kinds, rows) {
  const rooms = Map.groupBy(rows, ({ room }) => room);
  const sections = [...rooms].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [
    '# Error codes',
    '',
    '<!-- Made by scripts/write-references.mjs from the error-codes.ts of every room; a test fails when it is not current. -->',
    '',
    'Every failure carries a code `<area>.<noun>.<reason>`. It stays the same between versions: branch on it, not on the text.',
    'The text beside it (`detail` of an answer, `message` of a run, a step or an event) names the place and the way out.',
    'A running server shows the same list at `/docs/errors`; the `type` of each problem points there.',
    '',
    '## Kinds',
    '',
    'A code has one of these kinds. The kind decides the HTTP status and whether the same call may succeed later.',
    '',
    '| kind | status | may pass |',
    '| --- | --- | --- |',
    ...Object.entries(kinds).map(
      ([kind, { status, retryable }]) => `| ${kind} | ${status} | ${retryable ? 'yes' : 'no'} |`,
    ),
    '',
    'Finer statuses: a `conflict` for an outdated `If-Match` answers 412; `http.method.not_allowed` 405, `http.body.too_large` 413,',
    '`http.media_type.unsupported` 415, `http.precondition.required` 428. Single errors may say otherwise about passing: see `retryable` in events.',
    ...sections.flatMap(([room, own]) => ['', `## ${room}`, '', ...renderTable(own)]),
    '',
  ].join('\n');
}

function renderTable(rows) {
  const sorted = rows.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  return [
    '| code | meaning |',
    '| --- | --- |',
    ...sorted.map(
      ({ code, doc }) => `| <a id="${code}"></a>\`${code}\` | ${doc.replaceAll('|', '\\|')} |`,
    ),
  ];
}
