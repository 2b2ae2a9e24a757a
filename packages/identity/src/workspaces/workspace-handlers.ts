import { z } from 'zod';
import type { Call, Handlers, Principal, workspaceRoutes } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import { DEFAULT_WORKSPACE_ID, PlatformError, newId, notFound } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { annotateAudit } from '../audit/index.ts';
import { addMember, findWorkspace } from '../identity-store.ts';
import { isTaken, ownersOnly, slugTaken } from './workspace-errors.ts';
import type { WorkspaceDeps } from './workspace-ports.ts';
import {
  countOwned,
  deleteWorkspace,
  insertWorkspace,
  listEveryWorkspace,
  listOwnWorkspaces,
  lockWorkspace,
  updateWorkspace,
} from './workspace-store.ts';
import type { WorkspacePage, WorkspaceRow } from './workspace-store.ts';

type Names = 'list' | 'create' | 'get' | 'update' | 'delete';
type Create = Call<typeof workspaceRoutes.create>;

/** So many a person may own: each is filled with agents and recipes, and anybody signed in may make some. */
const OWNED_MAX = 100;
const SLUG_TRIES = 5;

export function createWorkspaceHandlers(
  deps: WorkspaceDeps,
): Pick<Handlers<typeof workspaceRoutes>, Names> {
  const { database } = deps;
  return {
    async list({ principal, workspaceId, query }) {
      const page = { limit: query.limit, after: readIdCursor(query.cursor) };
      const rows = await listFor(deps, { principal: principal as Principal, workspaceId, page });
      const { rows: shown, nextCursor } = toPage(rows, query.limit, ({ id }) => id);
      return { body: { items: shown.map(presentWorkspace), next_cursor: nextCursor } };
    },
    async create(call) {
      const made = await create(deps, call);
      return { body: presentWorkspace(made), status: 201 };
    },
    async get({ principal, workspaceId }) {
      const found = await database.workspace(workspaceId, (tx) => findWorkspace(tx, workspaceId));
      if (found === null) throw notFound('workspace', workspaceId);
      const { createdAt, ...rest } = found;
      const { role } = principal as Principal;
      return { body: presentWorkspace({ ...rest, role, created_at: createdAt }) };
    },
    async update({ principal, workspaceId, body }) {
      const changed = await database
        .workspace(workspaceId, (tx) => updateWorkspace(tx, workspaceId, body))
        .catch((error: unknown) => {
          throw isTaken(error) ? slugTaken(body.slug ?? '') : error;
        });
      if (changed === null) throw notFound('workspace', workspaceId);
      return { body: presentWorkspace({ ...changed, role: (principal as Principal).role }) };
    },
    async delete(call) {
      await remove(deps, call);
      return { status: 204 };
    },
  };
}

async function listFor(
  { database }: WorkspaceDeps,
  asked: { principal: Principal; workspaceId: WorkspaceId; page: WorkspacePage },
): Promise<WorkspaceRow[]> {
  const { principal, workspaceId, page } = asked;
  if (principal.kind === 'operator') return database.system((tx) => listEveryWorkspace(tx, page));
  if (principal.kind === 'user')
    return database.system((tx) => listOwnWorkspaces(tx, principal.id, page));
  const own = await database.workspace(workspaceId, (tx) => findWorkspace(tx, workspaceId));
  return own === null || page.after !== undefined
    ? []
    : [{ ...own, role: principal.role, created_at: own.createdAt }];
}

async function create(deps: WorkspaceDeps, { principal, body }: Create): Promise<WorkspaceRow> {
  const { kind, id: userId } = principal as Principal;
  if (kind === 'api_key') throw noKey();
  const now = deps.clock.now();
  const id = newId<'workspace'>(now);
  const createdAt = new Date(now).toISOString();
  const slug = await deps.database.system(async (tx) => {
    if (kind === 'user' && (await countOwned(tx, userId)) >= OWNED_MAX) throw tooMany();
    for (const wanted of slugsFor(body, id)) {
      if (!(await insertWorkspace(tx, { id, slug: wanted, name: body.name, createdAt }))) continue;
      if (kind === 'user') await addMember(tx, { workspaceId: id, userId, role: 'owner' });
      await deps.audit.appendRequest(tx, id, { type: 'workspace', id, name: body.name });
      return wanted;
    }
    throw slugTaken(body.slug ?? body.name);
  });
  try {
    await deps.onWorkspaceCreated(id);
  } catch (error) {
    // An empty one that nobody was told of would only be in the way of a second try.
    await deps.database.system((tx) => deleteWorkspace(tx, id));
    throw error;
  }
  return { id, slug, name: body.name, role: 'owner', created_at: createdAt };
}

/** The slug that was asked for, or some made from the name. */
function slugsFor(body: Create['body'], id: string): string[] {
  if (body.slug !== undefined) return [body.slug];
  const base =
    body.name
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/\p{M}+/gu, '')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
      .replaceAll(/^-+|-+$/g, '') || 'workspace';
  const numbered = Array.from({ length: SLUG_TRIES - 1 }, (_, n) => `${base}-${n + 2}`);
  return [base, ...numbered, `${base}-${id.slice(-12)}`];
}

async function remove(
  deps: WorkspaceDeps,
  { principal, workspaceId, query }: Call<typeof workspaceRoutes.delete>,
): Promise<void> {
  const { kind, id: userId, role } = principal as Principal;
  if (role !== 'owner') throw ownersOnly('can delete it');
  // The default one always stays, so there always is one.
  if (workspaceId === DEFAULT_WORKSPACE_ID || deps.keptWorkspaces.has(workspaceId)) throw kept();
  const forgetOutside = await deps.database.workspace(workspaceId, async (tx) => {
    const found = await lockWorkspace(tx, workspaceId, 'delete');
    if (found === null) throw notFound('workspace', workspaceId);
    if (found.slug !== query.confirm) throw unconfirmed(found.slug);
    annotateAudit({ details: { slug: found.slug, by: `${kind} ${userId}` } });
    const open = await deps.contents.openRuns(tx);
    if (open > 0) throw stillRuns(open);
    const forget = await deps.contents.outside(tx, workspaceId);
    await deleteWorkspace(tx, workspaceId);
    const target = { type: 'workspace', id: workspaceId, name: found.name };
    await deps.audit.appendRequest(tx, workspaceId, target);
    return forget;
  });
  await forgetOutside();
}

export function presentWorkspace({ id, slug, name, role, created_at }: WorkspaceRow) {
  return { id, slug, name, role, created_at: new Date(created_at).toISOString() };
}

/** Id in a cursor of a list that is sorted by ids. */
export function readIdCursor(cursor: string | undefined): string | undefined {
  return cursor === undefined
    ? undefined
    : decodeCursor(cursor, z.uuid(), 'identity.list.cursor_invalid');
}

function noKey(): PlatformError {
  return new PlatformError({
    code: 'auth.person.required',
    kind: 'forbidden',
    message: 'Only a signed-in person or the operator can make a workspace, not an API key.',
  });
}

function tooMany(): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.too_many',
    kind: 'limit-reached',
    message: `You own ${OWNED_MAX} workspaces, which is as many as one person may own; delete one first.`,
  });
}

function kept(): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.kept',
    kind: 'conflict',
    message:
      'This workspace cannot be deleted: it is the default one of the installation, or one that its settings name (WORKSPACE_ID, DEFAULT_TENANT_ID).',
  });
}

function unconfirmed(slug: string): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.unconfirmed',
    kind: 'invalid-input',
    message: `Deleting takes everything in the workspace away for good; confirm it by repeating its short name "${slug}".`,
    errors: [{ pointer: '/confirm', message: 'is not the short name of the workspace' }],
  });
}

function stillRuns(open: number): PlatformError {
  return new PlatformError({
    code: 'identity.workspace.busy',
    kind: 'conflict',
    message: `${open === 1 ? 'One run' : `${open} runs`} of the workspace ${open === 1 ? 'has' : 'have'} not ended; cancel ${open === 1 ? 'it' : 'them'} or wait, then delete the workspace.`,
    details: { open_runs: open },
  });
}
