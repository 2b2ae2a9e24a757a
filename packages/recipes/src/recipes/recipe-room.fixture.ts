import { seedAgents } from '@automatos/agents';
import { recipeRoutes, runRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, RecipeDefinition, Run, RunStep } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { noMetrics, notFound, silentLogger, systemClock } from '@automatos/kernel';
import type { JsonObject, PlatformError, WorkspaceId } from '@automatos/kernel';
import { createProviders } from '@automatos/providers';
import type { StartRun } from '@automatos/runs';
import { createToolRegistry, createWorkspaceRoots } from '@automatos/tools';
import { createRecipeRunControl, createRunForkRoutes } from './recipe-forks.ts';
import { createRecipeRoutes } from './recipe-routes.ts';
import type { RecipeLearning } from './recipe-learning.ts';
import { createRecipeService } from './recipe-service.ts';
import type { RecipeService } from './recipe-service.ts';
import { recipes } from './recipe-tables.ts';
import type { Recipe } from './recipe-views.ts';
import { loadShippedRecipes } from './seed-recipes.ts';

export const ANN = { kind: 'user' as const, id: 'u1', name: 'Ann' };
const WAITING = [
  { slug: 'later', name: 'Later', description: '', tags: [], waits_for: 'the sandbox' },
];
/** The routes hand over to learning; what it answers is its own affair. */
const learning: RecipeLearning = {
  report: async (_workspaceId, ref) => {
    throw notFound('learning report', ref);
  },
  apply: async (_scope, _ref, id) => {
    throw notFound('suggestion', id);
  },
  dismiss: async (_scope, _ref, id) => {
    throw notFound('suggestion', id);
  },
};

const routeSpecs = { ...recipeRoutes, retry: runRoutes.retry, fork: runRoutes.fork };
export type RouteName = keyof typeof routeSpecs;
export type Part = Partial<Pick<Call, 'headers'>> & {
  params?: object;
  query?: object;
  body?: unknown;
};

/** An earlier run, for retry and fork. */
export interface StoredRun {
  run: Run;
  steps: RunStep[];
  plan: JsonObject;
}

/** The recipes room on a real database, with a runs room that only writes down what it is told. */
export interface RecipeRoom {
  test: TestDatabase;
  service: RecipeService;
  started: { workspaceId: WorkspaceId; request: StartRun }[];
  emitted: { type: string; data: object }[];
  synced: { slug: string; definition: RecipeDefinition | null }[];
  runs: Map<string, StoredRun>;
  /** Calls a route as the edge does: what a route declares is parsed first, and its answer must fit the contract. */
  call(name: RouteName, part?: Part, workspaceId?: WorkspaceId): ReturnType<BoundRoute['handle']>;
  create(yaml: string): Promise<Recipe>;
  /** Deletes what the last test left. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function createRecipeRoom(): Promise<RecipeRoom> {
  const test = await createTestDatabase();
  const kept: Pick<RecipeRoom, 'started' | 'emitted' | 'synced' | 'runs'> = {
    started: [],
    emitted: [],
    synced: [],
    runs: new Map(),
  };
  const registry = createToolRegistry();
  const roots = createWorkspaceRoots([import.meta.dirname]);
  const runs = createRunsRecord(kept);
  const { database } = test;
  const service = createRecipeService({
    database,
    registry,
    runs,
    roots,
    clock: systemClock,
    emit: async (_tx, _workspaceId, event) => {
      kept.emitted.push(event);
    },
    syncFromDefinition: async (_tx, { recipe, definition }) => {
      kept.synced.push({ slug: recipe.slug, definition });
    },
    featured: { shipped: await loadShippedRecipes(), waiting: WAITING },
  });
  const providers = createProviders({
    credentials: () => Promise.resolve(null),
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
  });
  const control = createRecipeRunControl({ database, runs, registry, roots, providers });
  const routes = [
    ...createRecipeRoutes({ recipes: service, learning }),
    ...createRunForkRoutes({ control }),
  ];
  await database.workspace(test.workspaceId, (tx) => seedAgents(tx, test.workspaceId, Date.now()));
  const call: RecipeRoom['call'] = (name, part = {}, workspaceId = test.workspaceId) =>
    callRoute(routes, { name, part, workspaceId });
  return {
    ...kept,
    test,
    service,
    call,
    create: async (yaml) => (await call('create', { body: { yaml } })).body as Recipe,
    async clear() {
      for (const list of [kept.started, kept.emitted, kept.synced]) list.length = 0;
      kept.runs.clear();
      await database.system((tx) => tx.delete(recipes));
    },
    async close() {
      await providers.close();
      await test.close();
    },
  };
}

async function callRoute(
  routes: readonly BoundRoute[],
  { name, part, workspaceId }: { name: RouteName; part: Part; workspaceId: WorkspaceId },
) {
  const spec = routeSpecs[name];
  const route = routes.find((candidate) => candidate.spec.operationId === spec.operationId);
  const parse = (schema: { parse(value: unknown): unknown } | undefined, value: unknown) =>
    schema?.parse(value);
  if (route === undefined) throw new Error(`no route ${name}`);
  const reply = await route.handle({
    params: parse('params' in spec ? spec.params : undefined, part.params ?? {}),
    query: parse('query' in spec ? spec.query : undefined, part.query ?? {}),
    body: parse('body' in spec ? spec.body : undefined, part.body),
    headers: part.headers ?? {},
    workspaceId,
    principal: { ...ANN, role: 'member', permissions: new Set() },
    requestId: 'r1',
    signal: new AbortController().signal,
    remoteAddress: '127.0.0.1',
  } as unknown as Call);
  const startsRun = ['execute', 'retry', 'fork'].includes(name);
  if ('response' in spec && !startsRun) spec.response.parse(reply.body);
  return reply;
}

function createRunsRecord(kept: Pick<RecipeRoom, 'started' | 'runs'>) {
  const start = async (workspaceId: WorkspaceId, request: StartRun) => {
    kept.started.push({ workspaceId, request });
    return { id: 'run' } as unknown as Run;
  };
  const stored = (runId: string) => {
    const found = kept.runs.get(runId);
    if (found === undefined) throw notFound('run', runId);
    return found;
  };
  return {
    start,
    startIn: async (_tx: unknown, workspaceId: WorkspaceId, request: StartRun) => ({
      run: await start(workspaceId, request),
      announce: () => undefined,
    }),
    get: async (_workspaceId: WorkspaceId, runId: string) => stored(runId).run,
    steps: async (_workspaceId: WorkspaceId, runId: string) => stored(runId).steps,
    plan: async (_workspaceId: WorkspaceId, runId: string) => {
      const { plan, run } = stored(runId);
      return { plan, inputs: run.inputs };
    },
  };
}

/** What `work` was refused with. */
export async function failureOf(work: Promise<unknown>): Promise<PlatformError> {
  try {
    await work;
  } catch (error) {
    return error as PlatformError;
  }
  throw new Error('it did not fail');
}

/** A recipe with one agent step and one tool step. */
export const sampleYaml = (slug: string, text = 'hi', name = 'Test') => `# a comment
slug: ${slug}
name: ${name}
tags: [demo]
inputs:
  type: object
  properties: { path: { type: string }, mode: { enum: [fast, slow], default: fast } }
  required: [path]
steps:
  - { step_id: look, agent: security, prompt_template: "${text} {{inputs.path}}" }
  - { step_id: scan, type: tool, tool: secret_scan, input: { path: "{{inputs.path}}" } }
`;
