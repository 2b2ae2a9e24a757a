import { createAgentRuntime, PERSONA_SEEDS, SPECIALISTS } from '@automatos/agents';
import { agentSchema } from '@automatos/contracts';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import { createMemoryRun } from '@automatos/testing';
import type { MemoryRun } from '@automatos/testing';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecipe } from '../definition/parse-recipe.ts';
import { toPlan } from '../execution/plan.ts';
import { createRecipeKind } from '../execution/recipe-kind.ts';
import { createSchemaCompiler } from '../validation/schema-compiler.ts';
import { validateDraft } from '../validation/validate-recipe.ts';
import type { WorkspaceFacts } from '../validation/workspace-facts.ts';
import { loadShippedRecipes, loadWaitingRecipes } from './seed-recipes.ts';
import type { ShippedRecipe } from './seed-recipes.ts';

const registry = createToolRegistry();
const schemas = createSchemaCompiler();
const at = '2026-01-01T00:00:00.000Z';
const agents = new Map(
  SPECIALISTS.map((specialist, index) => [
    specialist.slug,
    agentSchema.parse({
      id: `01990000-0000-7000-8000-${String(index).padStart(12, '0')}`,
      status: 'active',
      version: 1,
      seeded: true,
      created_at: at,
      updated_at: at,
      ...specialist,
    }),
  ]),
);
const facts: WorkspaceFacts = {
  agent(ref) {
    const agent = agents.get(ref);
    if (agent === undefined) return null;
    const tools = registry.forGrants(agent.tools).map((tool) => tool.name);
    return { slug: agent.slug, status: agent.status, tools };
  },
  agentNames: [...agents.keys()],
  tool: (name) => (registry.get(name) === undefined ? null : registry.describe(name)),
  toolNames: registry.list().map((tool) => tool.name),
  recipe: () => null,
  recipeNames: [],
};

let root = '';
let shipped: ShippedRecipe[] = [];
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'recipes-'));
  shipped = await loadShippedRecipes();
});
afterAll(async () => {
  for (const close of closers) await close();
  await rm(root, { recursive: true, force: true });
});

/** Runs a shipped recipe with the real tools and agents and no language model. */
async function cook(
  slug: string,
  inputs: JsonObject,
  decision?: 'approved' | 'rejected',
): Promise<{ outputs: JsonObject; report: string; run: MemoryRun }> {
  const executor = createToolExecutor({ registry, roots: () => [root], outboundAllow: [] });
  const providers = createProviders({
    credentials: () => Promise.resolve(null),
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
  });
  closers.push(
    () => executor.close(),
    () => providers.close(),
  );
  const base = { clock: systemClock, metrics: noMetrics, logger: silentLogger };
  const runtime = createAgentRuntime({ providers, executor, registry, ...base });
  const kind = createRecipeKind({
    executor,
    agents: runtime,
    judgeModel: () => Promise.resolve(null),
    clock: systemClock,
  });
  const definition = shipped.find((recipe) => recipe.definition.slug === slug)?.definition;
  if (definition === undefined) throw new Error(`no recipe ${slug}`);
  const frozen = [...agents].map(([ref, agent]) => {
    const prompt = PERSONA_SEEDS.find((persona) => persona.slug === agent.persona)?.prompt ?? null;
    return [ref, { agent, persona_prompt: prompt }];
  });
  const plan = toPlan({ definition, recipe_version: 1, agents: Object.fromEntries(frozen) });
  const run = createMemoryRun({
    plan,
    inputs,
    ...(decision === undefined ? {} : { decide: () => ({ decision }) }),
  });
  const outputs = await kind.execute(run.context);
  const report = String(run.journal.artifacts.get('report')?.content ?? '');
  if (process.env['SHOW_REPORTS'] !== undefined) await writeFile(`/tmp/${slug}.md`, report);
  return { outputs, report, run };
}

const file = async (name: string, text: string) => {
  await mkdir(path.dirname(path.join(root, name)), { recursive: true });
  await writeFile(path.join(root, name), text);
};

describe('shipped recipes', () => {
  it('are named like their files; the other featured ones wait and say for what', async () => {
    expect(shipped.map(({ file: name }) => name)).toEqual([
      'api-contract-check.yaml',
      'data-profile-report.yaml',
      'dependency-audit.yaml',
      'documentation-refresh.yaml',
      'incident-log-triage.yaml',
      'pull-request-review.yaml',
      'release-notes.yaml',
      'repository-health-review.yaml',
      'research-brief.yaml',
      'test-gap-report.yaml',
    ]);
    const waiting = await loadWaitingRecipes();
    const slugs = [
      ...shipped.map(({ definition }) => definition.slug),
      ...waiting.map(({ slug }) => slug),
    ];
    expect(new Set(slugs).size).toBe(10);
    for (const { file: name, definition } of shipped) expect(name).toBe(`${definition.slug}.yaml`);
  });

  it.each([
    'api-contract-check',
    'data-profile-report',
    'dependency-audit',
    'documentation-refresh',
    'incident-log-triage',
    'pull-request-review',
    'release-notes',
    'repository-health-review',
    'research-brief',
    'test-gap-report',
  ])('%s has no problem with the seeded agents and the built-in tools', (slug) => {
    const recipe = shipped.find(({ definition }) => definition.slug === slug);
    const draft = readRecipe({ yaml: recipe?.yaml ?? '' });
    expect(validateDraft(draft, facts, schemas).problems).toEqual([]);
  });
});

describe('without a language model, on real files', () => {
  it('the health review reports planted faults with file, line and tool', async () => {
    await file(
      'repo/src/app.ts',
      // Put together here, so that a scan of this repository finds nothing.
      `const key = "${['AKIA', 'IOSFODNN7EXAMPLF'].join('')}";\nexport function run(code: string) {\n  return eval(code);\n}\n`,
    );
    await file('repo/README.md', '# Demo\n\nSee [the guide](docs/missing.md).\n');
    await file(
      'repo/package.json',
      JSON.stringify({ name: 'demo', dependencies: { lodash: '4.17.0' } }),
    );
    execFileSync('git', ['init', '-q'], { cwd: path.join(root, 'repo') });
    const { outputs, report, run } = await cook('repository-health-review', { path: 'repo' });
    expect(report).toMatch(/\| `src\/app\.ts:3` \| \w+ \| `[^`]+` \| [^|]+ \| `sast_scan` \|/);
    expect(report).toMatch(/\| `README\.md:3` \| \w+ \| `[^`]+` \| [^|]+ \| `link_check` \|/);
    expect(report).toContain('No language model was configured.');
    expect(report).toContain('| git_hotspots |');
    expect(Number(outputs['findings_listed'])).toBeGreaterThan(2);
    const tools = run.events().filter((event) => event.type === 'tool.completed');
    expect(tools.map((event) => (event.data as { tool: string }).tool).toSorted()).toEqual([
      'code_metrics',
      'dependency_audit',
      'doc_coverage',
      'duplicates',
      'git_hotspots',
      'import_cycles',
      'licence_check',
      'link_check',
      'lockfile_integrity',
      'sast_scan',
      'secret_scan',
      'todo_scan',
    ]);
  });

  it('the research brief has citations that resolve, and says what stays open', async () => {
    await file('brief/kestrel.md', '# Kestrel\n\nThe median latency of Kestrel is 12 ms.\n');
    await file('brief/petrel.md', '# Petrel\n\nThe median latency of Petrel is 30 ms.\n');
    const { outputs, report } = await cook('research-brief', {
      question: 'Compare Kestrel and Petrel by latency and price.',
      sources: ['brief'],
    });
    expect(outputs).toMatchObject({ claims: 2, citations: 2, citations_resolved: 2 });
    expect(report).toContain('“The median latency of Kestrel is 12 ms.” [kestrel.md:3]');
    expect(report).toContain('What is the price of Petrel?');
    expect(report).toContain('Keyword search');
  });

  it('the dependency audit names the planted packages and says what to do first', async () => {
    await file(
      'deps/package.json',
      JSON.stringify({
        name: 'demo',
        version: '1.0.0',
        dependencies: { lodash: '4.17.0', minimist: '0.0.8' },
      }),
    );
    await file(
      'deps/package-lock.json',
      JSON.stringify({
        name: 'demo',
        lockfileVersion: 3,
        packages: {
          '': { name: 'demo', dependencies: { lodash: '4.17.0', minimist: '0.0.8' } },
          'node_modules/lodash': { version: '4.17.0', license: 'MIT' },
          'node_modules/minimist': { version: '0.0.8', license: 'GPL-3.0' },
        },
      }),
    );
    const { outputs, report } = await cook('dependency-audit', { path: 'deps' });
    expect(Number(outputs['vulnerable'])).toBeGreaterThanOrEqual(2);
    expect(report).toMatch(/\| lodash/);
    expect(report).toMatch(/\| minimist/);
    expect(report).toContain('GPL-3.0');
    expect(report).toMatch(/\| lodash \| 4\.17\.0 \| 4\.17\.21 \| patch \|/);
    expect(report).not.toContain('No dependency was reported');
  });

  it('a folder without dependencies gets a report that says so', async () => {
    await file('bare/readme.txt', 'nothing here\n');
    const { outputs, report, run } = await cook('dependency-audit', { path: 'bare' });
    expect(outputs['vulnerable']).toBe(0);
    expect(report).toContain('No dependency was reported');
    expect(
      run.events().some(({ type, stepId }) => type === 'step.skipped' && stepId === 'advice'),
    ).toBe(true);
  });

  it('the review of a pull request comments on its changed lines only', async () => {
    const repository = path.join(root, 'changed');
    await file('changed/a.ts', 'export function a() {\n  debugger;\n  return 1;\n}\n');
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
        cwd: repository,
        stdio: 'pipe',
      });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'first');
    git('checkout', '-q', '-b', 'side');
    await file(
      'changed/b.ts',
      'export function b(code: string) {\n  const x = 1;\n  return eval(code + x);\n}\n',
    );
    git('add', '.');
    git('commit', '-qm', 'second');
    const inputs = { path: 'changed', base: 'main', head: 'side' };
    const { report, outputs } = await cook('pull-request-review', inputs);
    expect(report).toMatch(/\| `b\.ts:3` \| \w+ \| `js\.eval`/);
    expect(report).toMatch(/\| `b\.ts:1` \| \w+ \| `review\.untested_change`/);
    expect(report).not.toContain('a.ts');
    expect(report).toContain('Nothing was posted');
    expect(outputs).toMatchObject({ comments: 2, files: 1 });
  });

  it('the documentation refresh writes what a person agreed to, and nothing else', async () => {
    await file('kit/package.json', JSON.stringify({ name: 'kit', main: './index.js' }));
    await file('kit/index.js', '/** Adds two numbers. */\nexport const add = (a, b) => a + b;\n');
    await file('kit/README.md', "# kit\n\n```js\nimport { plus } from 'kit';\n```\n");
    const reference = path.join(root, 'kit/docs/api.md');
    const inputs = { path: 'kit', reference: 'docs/api.md' };
    const refused = await cook('documentation-refresh', inputs, 'rejected');
    expect(refused.outputs['decision']).toBe('rejected');
    expect(refused.report).toContain('kit exports no plus');
    await expect(readFile(reference, 'utf8')).rejects.toThrow('ENOENT');
    const agreed = await cook('documentation-refresh', inputs, 'approved');
    expect(agreed.outputs['decision']).toBe('approved');
    expect(await readFile(reference, 'utf8')).toContain('Adds two numbers.');
    expect(await readFile(path.join(root, 'kit/README.md'), 'utf8')).toContain('## Exports');
  });

  it('the test gap report offers tests that passed', async () => {
    await file('gaps/package.json', JSON.stringify({ name: 'gaps', type: 'module' }));
    await file(
      'gaps/age.js',
      '/** @param {number} age */\nexport function isAdult(age) {\n  return age >= 18;\n}\n',
    );
    const { outputs, report } = await cook('test-gap-report', {
      path: 'gaps',
      test_command: 'npm test',
      limit: 5,
    });
    expect(outputs).toMatchObject({ gaps: 1, tests: 1 });
    expect(report).toMatch(/\| age\.generated\.test\.js \|/);
  });

  it('release notes hold every planted commit under its kind, the breaking one first', async () => {
    const repository = path.join(root, 'product');
    await mkdir(repository, { recursive: true });
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', ...args], {
        cwd: repository,
        stdio: 'pipe',
      });
    git('init', '-q');
    const commit = async (subject: string) => {
      await file(`product/${subject.length}.txt`, subject);
      git('add', '.');
      git('commit', '-qm', subject);
    };
    await commit('chore: first');
    git('tag', 'v1.0.0');
    for (const subject of [
      'feat(api)!: drop the old search',
      'fix: empty lists',
      'Add dark mode',
      'wip',
    ])
      await commit(subject);
    const { outputs, report } = await cook('release-notes', {
      path: 'product',
      from: 'v1.0.0',
      to: 'HEAD',
    });
    expect(outputs).toMatchObject({ commits: 4, breaking: 1 });
    const section = (name: string) => report.split(`## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(section('Breaking changes')).toContain('drop the old search');
    expect(section('Features')).toContain('- Add dark mode');
    expect(section('Fixes')).toContain('- empty lists');
    expect(section('Every commit')).toContain('wip');
    expect(report).not.toContain('chore: first');
  });

  it('release notes of a version that is not there fail and name it', async () => {
    await expect(
      cook('release-notes', { path: 'product', from: 'v9.9.9', to: 'HEAD' }),
    ).rejects.toThrow(/v9\.9\.9/);
  });

  it('the data profile names outliers, gaps and correlations and shows a chart', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, n) => `${n},${n * 2},${n === 30 ? 9000 : 10 + (n % 3)},${n % 4 === 0 ? '' : 'x'}`,
    );
    await file('data/sales.csv', `id,double,price,note\n${rows.join('\n')}\n`);
    const { outputs, report } = await cook('data-profile-report', { path: 'data/sales.csv' });
    expect(outputs['rows']).toBe(60);
    expect(report).toContain('| price | integer |');
    expect(report).toContain('sales.csv:32');
    expect(report).toMatch(/\| id \| double \| 60 \| 1 \| 1 \|/);
    expect(report).toContain('](data:image/svg+xml;base64,');
    expect(report).toContain('No language model was configured.');
  });

  it('a file without numbers still gets a report that says what could not be done', async () => {
    await file('data/names.csv', 'name,town\nAnn,Rome\nBob,\nCyd,Oslo\n');
    const { report } = await cook('data-profile-report', { path: 'data/names.csv' });
    expect(report).toContain('# Data profile');
    expect(report).toContain('| name | ');
  });

  it('the contract check lints, compares and tries the mock', async () => {
    const spec = (fields: string) =>
      `openapi: 3.0.3\ninfo: { title: Demo, version: '1' }\npaths:\n  /pets/{id}:\n    get:\n      operationId: getPet\n      responses:\n        '200': { description: a pet, content: { application/json: { schema: { type: object, properties: ${fields} } } } }\n`;
    await file('api/old.yaml', spec('{ name: { type: string }, age: { type: integer } }'));
    await file('api/new.yaml', spec('{ name: { type: string } }'));
    const inputs = { spec: 'api/new.yaml', previous: 'api/old.yaml' };
    const { report, outputs } = await cook('api-contract-check', inputs);
    expect(report).toContain('new.yaml:5');
    expect(report).toMatch(/api\.breaking_response_field_removed \| The field "age"/);
    expect(report).toContain('| GET /pets/{id} | 200 | fits |');
    expect(report).toContain('No server was tried');
    expect(Number(outputs['findings_total'])).toBe(3);
  });

  it('the log triage finds the error group and the time of the change', async () => {
    const lines: string[] = [];
    for (let minute = 0; minute < 60; minute++) {
      const time = `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`;
      for (let n = 0; n < 10; n++)
        lines.push(`${time} INFO request ${minute * 10 + n} served in ${n} ms`);
      if (minute >= 40)
        for (let n = 0; n < 8; n++)
          lines.push(`${time} ERROR connection to db-${n} refused after ${minute} tries`);
    }
    await file('logs/app.log', `${lines.join('\n')}\n`);
    const { report, outputs } = await cook('incident-log-triage', { logs: 'logs' });
    expect(report).toMatch(/app\.log:\d+/);
    expect(report).toMatch(/\| 2026-03-01T10:4\d:00[^|]* \| up \|/);
    expect(report).toContain('](data:image/svg+xml;base64,');
    expect(Number(outputs['findings_total'])).toBeGreaterThan(0);
  });
});
