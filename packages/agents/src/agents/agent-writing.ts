import type { Agent, AgentPatch } from '@automatos/contracts';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { agentError } from '../agent-error.ts';
import { slugCandidates, slugFrom } from '../slugs.ts';
import type { EmitWorkspaceEvent } from '../workspace-events.ts';
import { mustFind, presentOne } from './agent-access.ts';
import { assertVersion } from './agent-etag.ts';
import { assertMove } from './agent-lifecycle.ts';
import type { WantedStatus } from './agent-lifecycle.ts';
import { definitionOf, deleteAgent, insertAgent, keepVersion, updateAgent } from './agent-store.ts';
import type { AgentRow } from './agent-store.ts';
import type { AgentDefinition } from './agent-tables.ts';
import type { Scope } from './agent-viewer.ts';
import { checkAgent } from './check-agent.ts';
import type { CheckDeps } from './check-agent.ts';

/** What names an agent, by slug or id of the user. */
export interface AgentUse {
  recipes: string[];
  patterns: string[];
  tasks: string[];
}

export interface WritingDeps extends CheckDeps {
  database: Pick<Database, 'workspace' | 'workspaceReads'>;
  clock: Pick<Clock, 'now'>;
  /** What uses the agent; asked before it is deleted or hidden. */
  agentUsage: (
    tx: Tx,
    workspaceId: WorkspaceId,
    agent: { id: string; slug: string },
  ) => Promise<AgentUse>;
  emitWorkspaceEvent?: EmitWorkspaceEvent;
}

export interface Writing {
  tx: Tx;
  deps: WritingDeps;
  emit: EmitWorkspaceEvent;
  scope: Scope;
}

/** Does `work` in one transaction of the scope's workspace. */
export function change<T>(
  deps: WritingDeps,
  scope: Scope,
  work: (writing: Writing) => Promise<T>,
): Promise<T> {
  const emit: EmitWorkspaceEvent = deps.emitWorkspaceEvent ?? (() => Promise.resolve());
  return deps.database.workspace(scope.workspaceId, (tx) => work({ tx, deps, emit, scope }));
}

/** The definition as it may be saved; see {@link checkAgent}. Models are looked up as the workspace knows them. */
export function checked(
  { tx, deps, scope }: Pick<Writing, 'tx' | 'scope'> & { deps: CheckDeps },
  definition: AgentDefinition,
): Promise<AgentDefinition> {
  const { registry, providers } = deps;
  const checks = {
    registry,
    providers: { resolve: (ref) => providers.resolve(ref, scope.workspaceId) },
  } satisfies CheckDeps;
  return checkAgent(tx, checks, definitionOf(definition));
}

/** As a draft. A slug that was not given is made from the name and is always free. */
export async function create(
  writing: Writing,
  wanted: { definition: AgentDefinition; slug: string | undefined; note?: string },
): Promise<Agent> {
  const { tx, deps, emit, scope } = writing;
  const definition = await checked(writing, wanted.definition);
  const now = new Date(deps.clock.now());
  const candidates =
    wanted.slug === undefined ? slugCandidates(slugFrom(definition.name, 'agent')) : [wanted.slug];
  for (const slug of candidates) {
    const row: AgentRow = {
      id: newId(now.getTime()),
      workspaceId: scope.workspaceId,
      slug,
      status: 'draft',
      version: 1,
      seeded: false,
      createdById: scope.viewer?.id ?? null,
      createdAt: now,
      updatedAt: now,
      ...definition,
    };
    if (!(await insertAgent(tx, row, { by: scope.by, note: wanted.note ?? null }))) continue;
    const data = { slug, name: row.name };
    await emit(tx, scope.workspaceId, { type: 'agent.created', subject: row.id, data });
    return presentOne(tx, row);
  }
  throw agentError('agents.agent.slug_taken', {
    kind: 'conflict',
    message: `There is an agent with the slug "${wanted.slug ?? wanted.definition.name}" already. Choose another slug, or leave it out to have one made.`,
    errors: [{ pointer: '/slug', message: 'taken' }],
  });
}

/** Saves what `definition` makes of the stored one as a new version. */
export async function update(
  writing: Writing,
  wanted: {
    ref: string;
    ifMatch: string | undefined;
    definition: (before: AgentRow) => AgentDefinition | Promise<AgentDefinition>;
    note?: string;
  },
): Promise<Agent> {
  const { tx, scope } = writing;
  const before = await mustFind(tx, scope, { ref: wanted.ref, lock: true });
  assertVersion(before, wanted.ifMatch);
  return saveVersion(writing, before, {
    definition: await wanted.definition(before),
    note: wanted.note ?? null,
  });
}

/** A new version of a row that is held locked. */
export async function saveVersion(
  writing: Writing,
  before: AgentRow,
  next: { definition: AgentDefinition; note: string | null },
): Promise<Agent> {
  const { tx, deps, emit, scope } = writing;
  const definition = await checked(writing, next.definition);
  if (definition.visibility === 'creator' && before.visibility !== 'creator')
    await assertUnused(writing, before, 'Others could not find it any more there.');
  const version = before.version + 1;
  const row: AgentRow = {
    ...before,
    ...definition,
    // What nobody made belongs to who hides it.
    ...(definition.visibility === 'creator' && before.createdById === null
      ? { createdById: scope.viewer?.id ?? null }
      : {}),
    version,
    updatedAt: new Date(deps.clock.now()),
  };
  await updateAgent(tx, row);
  await keepVersion(tx, row, { by: scope.by, note: next.note });
  const data = { slug: row.slug, version };
  await emit(tx, scope.workspaceId, { type: 'agent.updated', subject: row.id, data });
  return presentOne(tx, row);
}

/** The stored definition with what the patch gives; `model` and `limits` field by field. */
export function patched(before: AgentDefinition, patch: AgentPatch): AgentDefinition {
  const given = Object.fromEntries(
    Object.entries(patch).filter(([, value]) => value !== undefined),
  );
  const { model, limits } = patch;
  return definitionOf({
    ...before,
    ...(given as Partial<AgentDefinition>),
    model: { ...before.model, ...(defined(model) as Partial<AgentDefinition['model']>) },
    limits: { ...before.limits, ...(defined(limits) as Partial<AgentDefinition['limits']>) },
  });
}

function defined(fields: object = {}): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Setting the status an agent has already changes nothing. */
export async function setStatus(
  { tx, deps, emit, scope }: Writing,
  { ref, status }: { ref: string; status: WantedStatus },
): Promise<Agent> {
  const before = await mustFind(tx, scope, { ref, lock: true });
  if (before.status === status) return presentOne(tx, before);
  assertMove(before, status);
  const row: AgentRow = { ...before, status, updatedAt: new Date(deps.clock.now()) };
  await updateAgent(tx, row);
  const data = { slug: row.slug, from: before.status, to: status };
  await emit(tx, scope.workspaceId, { type: 'agent.status_changed', subject: row.id, data });
  return presentOne(tx, row);
}

export async function remove(writing: Writing, ref: string): Promise<void> {
  const { tx, emit, scope } = writing;
  const row = await mustFind(tx, scope, { ref, lock: true });
  await assertUnused(writing, row, 'Or retire it.');
  await deleteAgent(tx, row.id);
  const data = { slug: row.slug };
  await emit(tx, scope.workspaceId, { type: 'agent.deleted', subject: row.id, data });
}

async function assertUnused(
  { tx, deps, scope }: Writing,
  { id, slug }: Pick<AgentRow, 'id' | 'slug'>,
  end: string,
): Promise<void> {
  const use = await deps.agentUsage(tx, scope.workspaceId, { id, slug });
  const { recipes, patterns, tasks } = use;
  if (recipes.length + patterns.length + tasks.length === 0) return;
  const by = [named('recipe', recipes), named('pattern', patterns), named('task', tasks)]
    .filter((text) => text !== '')
    .join(' and by ');
  throw agentError('agents.agent.in_use', {
    kind: 'conflict',
    message: `Agent "${slug}" is used by ${by}. Take it out there first. ${end}`,
    details: { recipes, patterns, tasks },
  });
}

/** Names shown of one kind; all of them are in the details. */
const NAMES_MAX = 20;

function named(kind: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const shown = names.slice(0, NAMES_MAX).map((name) => `"${name}"`);
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  return `${kind}${names.length === 1 ? '' : 's'} ${shown.join(', ')}${more}`;
}
