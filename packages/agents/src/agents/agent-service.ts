import type {
  Agent,
  AgentBulk,
  AgentBulkResult,
  AgentInput,
  AgentPatch,
  AgentPreset,
  AgentTool,
} from '@automatos/contracts';
import { toPlatformError } from '@automatos/kernel';
import { familyPresets } from '../seeds/families.ts';
import { mustFind, present, presentOne } from './agent-access.ts';
import type { WantedStatus } from './agent-lifecycle.ts';
import { listAgents } from './agent-list.ts';
import type { AgentFilter } from './agent-list.ts';
import { countCategories, definitionOf } from './agent-store.ts';
import type { AgentDefinition } from './agent-tables.ts';
import { describeGrants } from './agent-tools.ts';
import { change, create, patched, remove, setStatus, update } from './agent-writing.ts';
import type { Writing, WritingDeps } from './agent-writing.ts';
import type { Scope } from './agent-viewer.ts';

export type AgentServiceDeps = WritingDeps;

/** A change of what was read last. */
interface Change {
  ref: string;
  ifMatch: string | undefined;
}

/**
 * Use cases of the roster. `ref` is always an id or a slug; an unknown one, and one that the scope's viewer may not see, answers
 * `agent.item.not_found`.
 */
export interface AgentService {
  list(
    scope: Scope,
    filter: AgentFilter,
  ): Promise<{ items: Agent[]; nextCursor: string | null; total: number }>;
  types(scope: Scope): Promise<{ category: string; count: number }[]>;
  /** Families to start from, with the tools that this installation has. */
  presets(): AgentPreset[];
  get(scope: Scope, ref: string): Promise<Agent>;
  /** As a draft. A slug that was not given is made from the name and is always free. */
  create(scope: Scope, input: AgentInput): Promise<Agent>;
  /** Replaces the definition as a new version; `ifMatch` must name the one last read. */
  update(scope: Scope, change: Change & { definition: AgentDefinition }): Promise<Agent>;
  patch(scope: Scope, change: Change & { patch: AgentPatch }): Promise<Agent>;
  /** Setting the status an agent has already changes nothing. */
  setStatus(scope: Scope, ref: string, status: WantedStatus): Promise<Agent>;
  /** Each agent in a transaction of its own: what fails is told beside what was done. */
  bulk(scope: Scope, wanted: AgentBulk): Promise<AgentBulkResult[]>;
  clone(scope: Scope, ref: string, name?: string): Promise<Agent>;
  tools(scope: Scope, ref: string): Promise<AgentTool[]>;
  setTools(scope: Scope, change: Change & { tools: Agent['tools'] }): Promise<Agent>;
  remove(scope: Scope, ref: string): Promise<void>;
}

export function createAgentService(deps: AgentServiceDeps): AgentService {
  const { database, registry } = deps;
  return {
    ...readsOf(deps),
    create: (scope, { slug, ...definition }) =>
      change(deps, scope, (writing) => create(writing, { definition, slug })),
    update: (scope, { definition, ...wanted }) =>
      change(deps, scope, (writing) =>
        update(writing, { ...wanted, definition: () => definition }),
      ),
    patch: (scope, { patch, ...wanted }) =>
      change(deps, scope, (writing) =>
        update(writing, { ...wanted, definition: (before) => patched(before, patch) }),
      ),
    setTools: (scope, { tools, ...wanted }) =>
      change(deps, scope, (writing) =>
        update(writing, { ...wanted, definition: (before) => ({ ...before, tools }) }),
      ),
    setStatus: (scope, ref, status) =>
      change(deps, scope, (writing) => setStatus(writing, { ref, status })),
    bulk: async (scope, wanted) => {
      const results: AgentBulkResult[] = [];
      for (const agent of new Set(wanted.agents))
        results.push(await changeOne(deps, scope, { agent, wanted }));
      return results;
    },
    clone: (scope, ref, name) =>
      change(deps, scope, async (writing) => {
        const source = await mustFind(writing.tx, scope, ref);
        const copy = name ?? `${source.name.slice(0, 115)} copy`;
        const definition = { ...definitionOf(source), name: copy };
        return create(writing, { definition, slug: undefined });
      }),
    tools: (scope, ref) =>
      database.workspaceReads(scope.workspaceId, async (tx) =>
        describeGrants(registry, (await mustFind(tx, scope, ref)).tools),
      ),
    remove: (scope, ref) => change(deps, scope, (writing) => remove(writing, ref)),
  };
}

function readsOf({
  database,
  registry,
}: AgentServiceDeps): Pick<AgentService, 'list' | 'types' | 'presets' | 'get'> {
  return {
    list: (scope, filter) =>
      database.workspaceReads(scope.workspaceId, async (tx) => {
        const { rows, nextCursor, total } = await listAgents(tx, scope.viewer, filter);
        return { items: await present(tx, rows), nextCursor, total };
      }),
    types: (scope) =>
      database.workspaceReads(scope.workspaceId, (tx) => countCategories(tx, scope.viewer)),
    presets: () => familyPresets(new Set(registry.list().map(({ name }) => name))),
    get: (scope, ref) =>
      database.workspaceReads(scope.workspaceId, async (tx) =>
        presentOne(tx, await mustFind(tx, scope, ref)),
      ),
  };
}

const STATUS_OF = { activate: 'active', pause: 'paused', retire: 'retired' } as const;

async function changeOne(
  deps: AgentServiceDeps,
  scope: Scope,
  { agent: ref, wanted }: { agent: string; wanted: AgentBulk },
): Promise<AgentBulkResult> {
  try {
    const after = await change(deps, scope, (writing) => bulkChange(writing, ref, wanted));
    return { agent: ref, ok: true, status: after?.status ?? null, error: null };
  } catch (thrown) {
    const { code, kind, message, errors } = toPlatformError(thrown);
    const error = { code, kind, message, ...(errors === undefined ? {} : { errors }) };
    return { agent: ref, ok: false, status: null, error };
  }
}

/** Null when the agent is gone. */
async function bulkChange(writing: Writing, ref: string, wanted: AgentBulk): Promise<Agent | null> {
  const { action } = wanted;
  if (action === 'delete') {
    await remove(writing, ref);
    return null;
  }
  if (action !== 'tag' && action !== 'untag')
    return setStatus(writing, { ref, status: STATUS_OF[action] });
  const given = wanted.tags ?? [];
  const row = await mustFind(writing.tx, writing.scope, { ref, lock: true });
  const kept = row.tags.filter((tag) => !given.includes(tag));
  const tags = action === 'tag' ? [...kept, ...given] : kept;
  if (tags.toSorted().join('\n') === row.tags.toSorted().join('\n'))
    return presentOne(writing.tx, row);
  return update(writing, { ref, ifMatch: '*', definition: (before) => ({ ...before, tags }) });
}
