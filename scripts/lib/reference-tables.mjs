/** Tables inside hand-written pages, made of what the product declares; they stand between two marks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ERROR_KINDS } from '@automatos/kernel';
import { eventDataSchemas } from '@automatos/contracts';
import { PROVIDER_ROWS, REPLACED_MODELS } from '@automatos/providers';
import { readErrorCodes, renderErrorReference } from './error-reference.mjs';

/** Every generated page by its path, with the text that it should have. */
export async function renderReferences(root) {
  const pages = { 'docs/errors.md': renderErrorReference(ERROR_KINDS, await readErrorCodes(root)) };
  const fill = (page, mark, table) => {
    pages[page] = between(pages[page] ?? readFileSync(join(root, page), 'utf8'), mark, table);
  };
  const load = (name) => import(pathToFileURL(join(root, 'apps/server/src', name)).href);
  const { SETTINGS } = await load('config-settings.ts');
  const { PROVIDER_SETTINGS } = await load('config-provider-settings.ts');
  fill('docs/operating.md', 'settings', settingsTable(SETTINGS));
  fill('docs/operating.md', 'provider settings', settingsTable(PROVIDER_SETTINGS));
  fill('docs/api.md', 'events', eventsTable(eventDataSchemas));
  fill('docs/providers.md', 'providers', providersTable(PROVIDER_ROWS));
  fill('docs/providers.md', 'replaced models', replacedTable(REPLACED_MODELS));
  return pages;
}

const CAPABILITIES = ['streaming', 'tools', 'json', 'vision', 'embeddings', 'rerank'];
/** How far a row was proven; nothing was called at a vendor. */
const EVIDENCE = {
  'contract-fake': 'tried over the wire',
  documented: 'documented',
  live: 'runs here',
};

function providersTable(rows) {
  return [
    `| provider | id | wire | status | ${CAPABILITIES.join(' | ')} | key and address | verified |`,
    `| --- | --- | --- | --- | ${CAPABILITIES.map(() => '---').join(' | ')} | --- | --- |`,
    ...rows.map((row) => {
      const claims = CAPABILITIES.map((each) =>
        row.capabilities.includes(each) ? EVIDENCE[row.evidence] : documentedOr(row, each),
      );
      const names = [...row.env.apiKey, ...row.env.baseUrl].map((name) => `\`${name}\``);
      return `| ${row.name} | \`${row.id}\` | ${row.wire} | ${row.status} | ${claims.join(' | ')} | ${names.join(', ') || '–'} | ${row.verifiedOn} |`;
    }),
  ];
}

function documentedOr(row, capability) {
  return row.documented.includes(capability) ? 'documented' : '–';
}

function replacedTable(rows) {
  return [
    '| provider | old ids | in their place | since | what happens |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(({ provider, ids, use, since, how }) => {
      const pattern = ids.source.replaceAll('|', '\\|');
      const effect = how === 'mapped' ? 'the call goes there' : 'refused, naming the successor';
      return `| \`${provider}\` | \`${pattern}\` | \`${use}\` | ${since ?? 'not dated'} | ${effect} |`;
    }),
  ];
}

function between(text, mark, table) {
  const [start, end] = [
    `<!-- ${mark}: made by scripts/write-references.mjs -->\n\n`,
    `\n\n<!-- end of ${mark} -->`,
  ];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`The marks of "${mark}" are missing.`);
  return text.slice(0, from + start.length) + table.join('\n') + text.slice(to);
}

function settingsTable(settings) {
  return [
    '| key | what | default |',
    '| --- | --- | --- |',
    ...Object.entries(settings).map(
      ([key, { doc, fallback }]) => `| \`${key}\` | ${doc} | ${fallback} |`,
    ),
  ];
}

/** Fields of each event's `data`; a question mark follows those that may be absent. */
function eventsTable(schemas) {
  return [
    '| type | fields of `data` |',
    '| --- | --- |',
    ...Object.entries(schemas).map(([type, schema]) => {
      const fields = Object.entries(schema.shape).map(
        ([name, field]) => `\`${name}\`${field.isOptional() ? '?' : ''}`,
      );
      return `| \`${type}\` | ${fields.join(', ')} |`;
    }),
  ];
}
