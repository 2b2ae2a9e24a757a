import { createAgentRuntime, PERSONA_SEEDS, SPECIALISTS } from '@automatos/agents';
import { agentSchema } from '@automatos/contracts';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import { createMemoryRun } from '@automatos/testing';
import type { MemoryRun } from '@automatos/testing';
import { createToolExecutor, createToolRegistry } from '@automatos/tools';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecipe } from '../definition/parse-recipe.ts';
import { toPlan } from '../execution/plan.ts';
import { createRecipeKind } from '../execution/recipe-kind.ts';
import { createSchemaCompiler } from '../validation/schema-compiler.ts';
import { validateDraft } from '../validation/validate-recipe.ts';
import type { WorkspaceFacts } from '../validation/workspace-facts.ts';
import { loadShippedRecipes } from './seed-recipes.ts';
import type { ShippedRecipe } from './seed-recipes.ts';

const registry = createToolRegistry();
const schemas = createSchemaCompiler();
const at = '2026-01-01T00:00:00.000Z';
const agents = new Map(
  SPECIALISTS.map((specialist, index) => [
    specialist.slug,
    agentSchema.parse({
      id: `01990000-0000-7000-8000-00000000000${index}`,
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
  const run = createMemoryRun({ plan, inputs });
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
  it('are three, named like their files', () => {
    expect(shipped.map(({ file: name }) => name)).toEqual([
      'data-profile-report.yaml',
      'incident-log-triage.yaml',
      'repository-health-review.yaml',
    ]);
    for (const { file: name, definition } of shipped) expect(name).toBe(`${definition.slug}.yaml`);
  });

  it.each(['data-profile-report', 'incident-log-triage', 'repository-health-review'])(
    '%s has no problem with the seeded agents and the built-in tools',
    (slug) => {
      const recipe = shipped.find(({ definition }) => definition.slug === slug);
      const draft = readRecipe({ yaml: recipe?.yaml ?? '' });
      expect(validateDraft(draft, facts, schemas).problems).toEqual([]);
    },
  );
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
      'sast_scan',
      'secret_scan',
      'todo_scan',
    ]);
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
