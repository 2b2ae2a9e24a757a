import type { Agent, AgentInput } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { agentError } from '../agent-error.ts';
import { slugCandidates, slugFrom } from '../slugs.ts';
import type { EmitWorkspaceEvent } from '../workspace-events.ts';
import { assertMove } from './agent-lifecycle.ts';
import type { WantedStatus } from './agent-lifecycle.ts';
import {
  countCategories,
  definitionOf,
  deleteAgent,
  findAgent,
  insertAgent,
  keepVersion,
  listAgents,
  toAgent,
  updateAgent,
} from './agent-store.ts';
import type { AgentFilter, AgentRow } from './agent-store.ts';
import type { AgentDefinition } from './agent-tables.ts';
import { checkAgent } from './check-agent.ts';
import type { CheckDeps } from './check-agent.ts';
import { assertVersion } from './agent-etag.ts';

export interface AgentServiceDeps extends CheckDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Pick<Clock, 'now'>;
  /** Slugs of the recipes that name the agent by slug or id; asked before it is deleted. */
  agentUsage: (
    tx: Tx,
    workspaceId: WorkspaceId,
    agent: { id: string; slug: string },
  ) => Promise<string[]>;
  emitWorkspaceEvent?: EmitWorkspaceEvent;
}

/** Where a change happens and on whose behalf. */
export interface Scope {
  workspaceId: WorkspaceId;
  /** Name kept with the version. */
  by: string;
  /** Principal, for agents that only their creator sees; absent for the system. */
  byId?: string | undefined;
}

/** Use cases of agents. `ref` is always an id or a slug; an unknown one answers `agent.item.not_found`. */
export interface AgentService {
  list(
    workspaceId: WorkspaceId,
    filter: AgentFilter,
  ): Promise<{ items: Agent[]; nextCursor: string | null; total: number }>;
  types(workspaceId: WorkspaceId): Promise<{ category: string; count: number }[]>;
  get(workspaceId: WorkspaceId, ref: string): Promise<Agent>;
  /** As a draft. A slug that was not given is made from the name and is always free. */
  create(scope: Scope, input: AgentInput): Promise<Agent>;
  /** Replaces the definition as a new version; `ifMatch` must name the one last read. */
  update(
    scope: Scope,
    change: { ref: string; ifMatch: string | undefined; definition: AgentDefinition },
  ): Promise<Agent>;
  /** Setting the status an agent has already changes nothing. */
  setStatus(scope: Scope, ref: string, status: WantedStatus): Promise<Agent>;
  clone(scope: Scope, ref: string, name?: string): Promise<Agent>;
  remove(scope: Scope, ref: string): Promise<void>;
}

export function createAgentService(deps: AgentServiceDeps): AgentService {
  const { database } = deps;
  const emit: EmitWorkspaceEvent = deps.emitWorkspaceEvent ?? (() => Promise.resolve());
  function change<T>(scope: Scope, work: (writing: Writing) => Promise<T>): Promise<T> {
    return database.workspace(scope.workspaceId, (tx) => work({ tx, deps, emit, scope }));
  }
  return {
    list: (workspaceId, filter) =>
      database.workspaceReads(workspaceId, async (tx) => {
        const { rows, nextCursor, total } = await listAgents(tx, filter);
        return { items: rows.map(toAgent), nextCursor, total };
      }),
    types: (workspaceId) => database.workspaceReads(workspaceId, countCategories),
    get: (workspaceId, ref) =>
      database.workspaceReads(workspaceId, async (tx) => toAgent(await mustFind(tx, ref))),
    create: (scope, { slug, ...input }) =>
      change(scope, async (writing) => {
        const definition = await checkAgent(writing.tx, checksOf(writing), definitionOf(input));
        return create(writing, { definition, slug });
      }),
    update: (scope, wanted) => change(scope, (writing) => update(writing, wanted)),
    setStatus: (scope, ref, status) =>
      change(scope, (writing) => setStatus(writing, { ref, status })),
    clone: (scope, ref, name) =>
      change(scope, async (writing) => {
        const source = await mustFind(writing.tx, ref);
        const copy = name ?? `${source.name.slice(0, 115)} copy`;
        const definition = { ...definitionOf(source), name: copy };
        return create(writing, { definition, slug: undefined });
      }),
    remove: (scope, ref) => change(scope, (writing) => remove(writing, ref)),
  };
}

async function mustFind(tx: Tx, ref: string, options: { lock?: boolean } = {}): Promise<AgentRow> {
  const row = await findAgent(tx, ref, options);
  if (row === undefined) throw notFound('agent', ref);
  return row;
}

interface Writing {
  tx: Tx;
  deps: AgentServiceDeps;
  emit: EmitWorkspaceEvent;
  scope: Scope;
}

async function create(
  { tx, deps, emit, scope }: Writing,
  wanted: { definition: AgentDefinition; slug: string | undefined },
): Promise<Agent> {
  const now = new Date(deps.clock.now());
  const candidates =
    wanted.slug === undefined
      ? slugCandidates(slugFrom(wanted.definition.name, 'agent'))
      : [wanted.slug];
  for (const slug of candidates) {
    const row: AgentRow = {
      id: newId(now.getTime()),
      workspaceId: scope.workspaceId,
      slug,
      status: 'draft',
      version: 1,
      seeded: false,
      createdById: scope.byId ?? null,
      createdAt: now,
      updatedAt: now,
      ...wanted.definition,
    };
    if (!(await insertAgent(tx, row, scope.by))) continue;
    const data = { slug, name: row.name };
    await emit(tx, scope.workspaceId, { type: 'agent.created', subject: row.id, data });
    return toAgent(row);
  }
  throw agentError('agents.agent.slug_taken', {
    kind: 'conflict',
    message: `There is an agent with the slug "${wanted.slug ?? wanted.definition.name}" already. Choose another slug, or leave it out to have one made.`,
    errors: [{ pointer: '/slug', message: 'taken' }],
  });
}

/** Models are looked up as the workspace knows them. */
function checksOf({ deps, scope }: Pick<Writing, 'deps' | 'scope'>): CheckDeps {
  const { registry, providers } = deps;
  return {
    registry,
    providers: { resolve: (ref) => providers.resolve(ref, scope.workspaceId) },
  };
}

async function update(
  { tx, deps, emit, scope }: Writing,
  wanted: { ref: string; ifMatch: string | undefined; definition: AgentDefinition },
): Promise<Agent> {
  const before = await mustFind(tx, wanted.ref, { lock: true });
  assertVersion(before, wanted.ifMatch);
  const definition = await checkAgent(
    tx,
    checksOf({ deps, scope }),
    definitionOf(wanted.definition),
  );
  const version = before.version + 1;
  const row: AgentRow = {
    ...before,
    ...definition,
    version,
    updatedAt: new Date(deps.clock.now()),
  };
  await updateAgent(tx, row);
  await keepVersion(tx, row, scope.by);
  const data = { slug: row.slug, version };
  await emit(tx, scope.workspaceId, { type: 'agent.updated', subject: row.id, data });
  return toAgent(row);
}

async function setStatus(
  { tx, deps, emit, scope }: Writing,
  { ref, status }: { ref: string; status: WantedStatus },
): Promise<Agent> {
  const before = await mustFind(tx, ref, { lock: true });
  if (before.status === status) return toAgent(before);
  assertMove(before, status);
  const row: AgentRow = { ...before, status, updatedAt: new Date(deps.clock.now()) };
  await updateAgent(tx, row);
  const data = { slug: row.slug, from: before.status, to: status };
  await emit(tx, scope.workspaceId, { type: 'agent.status_changed', subject: row.id, data });
  return toAgent(row);
}

async function remove({ tx, deps, emit, scope }: Writing, ref: string): Promise<void> {
  const { id, slug } = await mustFind(tx, ref, { lock: true });
  const recipes = await deps.agentUsage(tx, scope.workspaceId, { id, slug });
  if (recipes.length > 0) throw inUse(slug, recipes);
  await deleteAgent(tx, id);
  await emit(tx, scope.workspaceId, { type: 'agent.deleted', subject: id, data: { slug } });
}

function inUse(slug: string, recipes: string[]) {
  return agentError('agents.agent.in_use', {
    kind: 'conflict',
    message: `Agent "${slug}" is used by ${recipes.length === 1 ? 'recipe' : 'recipes'} ${recipes.map((recipe) => `"${recipe}"`).join(', ')}. Take it out there first, or retire it.`,
    details: { recipes },
  });
}
