import { AGENTS_ERROR_CODES } from '@automatos/agents';
import { DATABASE_ERROR_CODES } from '@automatos/database';
import { IDENTITY_ERROR_CODES } from '@automatos/identity';
import { INTEGRATIONS_ERROR_CODES } from '@automatos/integrations';
import { KERNEL_ERROR_CODES } from '@automatos/kernel';
import { PROVIDERS_ERROR_CODES } from '@automatos/providers';
import { RECIPES_ERROR_CODES } from '@automatos/recipes';
import { RUNS_ERROR_CODES } from '@automatos/runs';
import { TASKS_ERROR_CODES } from '@automatos/tasks';
import { TOOLS_ERROR_CODES } from '@automatos/tools';
import { SERVER_ERROR_CODES } from '../error-codes.ts';

/** Every code that an answer of this server can carry, with its sentence. */
export const WIRE_ERROR_CODES: Readonly<Record<string, string>> = {
  ...KERNEL_ERROR_CODES,
  ...DATABASE_ERROR_CODES,
  ...RUNS_ERROR_CODES,
  ...IDENTITY_ERROR_CODES,
  ...PROVIDERS_ERROR_CODES,
  ...TOOLS_ERROR_CODES,
  ...AGENTS_ERROR_CODES,
  ...RECIPES_ERROR_CODES,
  ...TASKS_ERROR_CODES,
  ...INTEGRATIONS_ERROR_CODES,
  ...SERVER_ERROR_CODES,
};

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}' +
  'dt{margin-top:1rem;font-weight:600}dd{margin:0}:target{outline:2px solid;outline-offset:4px}';

/** The page that the `type` of every problem points at; each code is an anchor. */
export function renderErrorsPage(): string {
  const entries = Object.entries(WIRE_ERROR_CODES)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, doc]) => `<dt id="${code}"><code>${code}</code></dt>\n<dd>${escapeHtml(doc)}</dd>`,
    );
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Automatos error codes</title>',
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    '<h1>Error codes</h1>',
    '<p>The <code>detail</code> of a problem says what to do; its <code>code</code> stays the same between versions.</p>',
    '<dl>',
    ...entries,
    '</dl>',
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
