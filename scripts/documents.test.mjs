/** The product's own link check, run over the product's own documents. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { SPECIALISTS } from '@automatos/agents';
import { FILTERS, checkScheduleSpec, validateRecipe } from '@automatos/recipes';
import * as sdk from '@automatos/sdk';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import { afterAll, expect, test } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const registry = createToolRegistry();
const executor = createToolExecutor({
  registry,
  roots: () => [root],
  outboundAllow: [],
  clock: systemClock,
  metrics: noMetrics,
  logger: silentLogger,
});
afterAll(() => executor.close());

test('no document links to a file or heading that is not there', async () => {
  const outcome = await executor.execute({
    tool: 'link_check',
    input: { path: root, exclude: ['**/fixtures/**'] },
    callId: 'documents',
    idempotencyKey: 'documents',
    workspaceId: '00000000-0000-0000-0000-000000000000',
    runId: '00000000-0000-0000-0000-000000000001',
    stepId: 'documents',
    grants: 'all',
    signal: new AbortController().signal,
  });
  expect(outcome.status).toBe('success');
  expect(outcome.output.documents).toBeGreaterThan(20);
  const broken = outcome.findings.map(
    ({ location, message }) => `${location.path}:${location.line} ${message}`,
  );
  expect(broken).toEqual([]);
});

const page = (path) => readFileSync(join(root, path), 'utf8');
const blocks = (path, language) =>
  [...page(path).matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))].map(
    ([, text]) => text,
  );

test('the examples of docs/recipes.md and docs/triggers.md can be saved', () => {
  const agents = new Map(
    SPECIALISTS.map(({ slug, tools }) => [slug, tools.map(({ tool }) => tool)]),
  );
  const facts = {
    agent: (ref) =>
      agents.has(ref) ? { slug: ref, status: 'active', tools: agents.get(ref) } : null,
    agentNames: [...agents.keys()],
    tool: (name) => registry.describe(name) ?? null,
    toolNames: registry.list().map(({ name }) => name),
    recipe: (slug) =>
      slug === 'repository-health-review'
        ? { slug, version: 1, inputs: {}, outputKeys: [], uses: [] }
        : null,
    recipeNames: [],
    checkSchedule: checkScheduleSpec,
  };
  const examples = ['docs/recipes.md', 'docs/triggers.md'].flatMap((path) => blocks(path, 'yaml'));
  const slugs = examples.map((yaml) => validateRecipe({ yaml }, facts).slug);
  expect(slugs).toEqual(['folder-report', 'release-check', 'totals', 'nightly-scan']);
});

test('docs/recipes.md names every filter', () => {
  const text = page('docs/recipes.md');
  const missing = Object.keys(FILTERS).filter((name) => !new RegExp(`\`${name}[\`:]`).test(text));
  expect(missing).toEqual([]);
});

test('what the TypeScript example of docs/api.md imports is there', () => {
  const [example] = blocks('docs/api.md', 'ts');
  const names = /import \{([^}]+)\}/
    .exec(example)[1]
    .split(',')
    .map((name) => name.trim());
  expect(names.length).toBeGreaterThan(3);
  expect(names.filter((name) => !(name in sdk))).toEqual([]);
});
