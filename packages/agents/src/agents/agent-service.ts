import type { Agent, AgentInput } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { agentError } from '../agent-error.ts';
import { slugCandidates, slugFrom } from '../slugs.ts';
import type { EmitWorkspaceEvent } from '../workspace-events.ts';
import { assertMove } from './agent-lifecycle.ts';
import type { WantedStatus } from './agent-lifecycle.ts';
import { countCategories, definitionOf, deleteAgent, findAgent, insertAgent, keepVersion, listAgents, toAgent, updateAgent } from './agent-store.ts';
import type { AgentFilter, AgentRow } from './agent-store.ts';
import type { AgentDefinition } from './agent-tables.ts';
import { checkAgent } from './check-agent.ts';
import type { CheckDeps } from './check-agent.ts';
import { assertVersion } from './agent-etag.ts';

export interface AgentServiceDeps extends CheckDeps {
  database: Pick<Database, 'workspace'>;
  clock: Pick<Clock, 'now'>;
  /** Slugs of the recipes that name the agent by slug or id; asked before it is deleted. */
  agentUsage: (tx: Tx, workspaceId: WorkspaceId, agent: { id: string; slug: string }) => Promise<string[]>;
  emitWorkspaceEvent?: EmitWorkspaceEvent;
}

/** Where a change happens and on whose behalf. */
export interface Scope {
  workspaceId: WorkspaceId;
  /** Name kept with the version. */
  by: string;
}

/** Use cases of agents. `ref` is always an id or a slug; an unknown one answers `agent.item.not_found`. */
export interface AgentService {
  list(workspaceId: WorkspaceId, filter: AgentFilter): Promise<{ items: Agent[]; nextCursor: string | null; total: number }>;
  types(workspaceId: WorkspaceId): Promise<{ category: string; count: number }[]>;
  get(workspaceId: WorkspaceId, ref: string): Promise<Agent>;
  /** As a draft. A slug that was not given is made from the name and is always free. */
  create(scope: Scope, input: AgentInput): Promise<Agent>;
  /** Replaces the definition as a new version; `ifMatch` must name the one last read. */
  update(scope: Scope, change: { ref: string; ifMatch: string | undefined; definition: AgentDefinition }): Promise<Agent>;
  /** Setting the status an agent has already changes nothing. */
  setStatus(scope: Scope, ref: string, status: WantedStatus): Promise<Agent>;
  clone(scope: Scope, ref: string, name?: string): Promise<Agent>;
  remove(scope: Scope, ref: string): Promise<void>;
}

export function createAgentService(deps: AgentServiceDeps): AgentService {
  const { database } = deps;
  const emit: EmitWorkspaceEvent = deps.emitWorkspaceEvent ?? (() => Promise.resolve());
  return {
    list: (workspaceId, filter) =>
      database.workspace(workspaceId, async (tx) => {
        const { rows, nextCursor, total } = await listAgents(tx, filter);
        return { items: rows.map(toAgent), nextCursor, total };
      }),
    types: (workspaceId) => database.workspace(workspaceId, countCategories),
    get: (workspaceId, ref) => database.workspace(workspaceId, async (tx) => toAgent(await mustFind(tx, ref))),
    create: (scope, input) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const definition = await checkAgent(tx, deps, definitionOf(input));
        return create(tx, { deps, emit, scope }, { definition, slug: input.slug });
      }),
    update: (scope, change) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const before = await mustFind(tx, change.ref, { lock: true });
        assertVersion(before, change.ifMatch);
        const definition = await checkAgent(tx, deps, change.definition);
        const row: AgentRow = { ...before, ...definitionOf(definition), version: before.version + 1, updatedAt: new Date(deps.clock.now()) };
        await updateAgent(tx, row);
        await keepVersion(tx, row, scope.by);
        await emit(tx, scope.workspaceId, { type: 'agent.updated', subject: row.id, data: { slug: row.slug, version: row.version } });
        return toAgent(row);
      }),
    setStatus: (scope, ref, status) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const before = await mustFind(tx, ref, { lock: true });
        if (before.status === status) return toAgent(before);
        assertMove(before, status);
        const row: AgentRow = { ...before, status, updatedAt: new Date(deps.clock.now()) };
        await updateAgent(tx, row);
        await emit(tx, scope.workspaceId, { type: 'agent.status_changed', subject: row.id, data: { slug: row.slug, from: before.status, to: status } });
        return toAgent(row);
      }),
    clone: (scope, ref, name) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const source = await mustFind(tx, ref);
        const definition = { ...definitionOf(source), name: name ?? `${source.name.slice(0, 115)} copy` };
        return create(tx, { deps, emit, scope }, { definition, slug: undefined });
      }),
    remove: (scope, ref) =>
      database.workspace(scope.workspaceId, async (tx) => {
        const row = await mustFind(tx, ref, { lock: true });
        const recipes = await deps.agentUsage(tx, scope.workspaceId, { id: row.id, slug: row.slug });
        if (recipes.length > 0) throw inUse(row.slug, recipes);
        await deleteAgent(tx, row.id);
        await emit(tx, scope.workspaceId, { type: 'agent.deleted', subject: row.id, data: { slug: row.slug } });
      }),
  };
}

async function mustFind(tx: Tx, ref: string, options: { lock?: boolean } = {}): Promise<AgentRow> {
  const row = await findAgent(tx, ref, options);
  if (row === undefined) throw notFound('agent', ref);
  return row;
}

interface Writing {
  deps: AgentServiceDeps;
  emit: EmitWorkspaceEvent;
  scope: Scope;
}

async function create(tx: Tx, { deps, emit, scope }: Writing, wanted: { definition: AgentDefinition; slug: string | undefined }): Promise<Agent> {
  const now = new Date(deps.clock.now());
  const candidates = wanted.slug === undefined ? slugCandidates(slugFrom(wanted.definition.name, 'agent')) : [wanted.slug];
  for (const slug of candidates) {
    const row: AgentRow = { id: newId(now.getTime()), workspaceId: scope.workspaceId, slug, status: 'draft', version: 1, seeded: false, createdAt: now, updatedAt: now, ...wanted.definition };
    if (!(await insertAgent(tx, row, scope.by))) continue;
    await emit(tx, scope.workspaceId, { type: 'agent.created', subject: row.id, data: { slug, name: row.name } });
    return toAgent(row);
  }
  throw agentError('agents.agent.slug_taken', {
    kind: 'conflict',
    message: `There is an agent with the slug "${wanted.slug ?? wanted.definition.name}" already. Choose another slug, or leave it out to have one made.`,
    errors: [{ pointer: '/slug', message: 'taken' }],
  });
}

function inUse(slug: string, recipes: string[]) {
  return agentError('agents.agent.in_use', {
    kind: 'conflict',
    message: `Agent "${slug}" is used by ${recipes.length === 1 ? 'recipe' : 'recipes'} ${recipes.map((recipe) => `"${recipe}"`).join(', ')}. Take it out there first, or retire it.`,
    details: { recipes },
  });
}
