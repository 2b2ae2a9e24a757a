import type { Credential, CredentialTest } from '@automatos/contracts';
import { decodeCursor, toPage } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock } from '@automatos/kernel';
import { z } from 'zod';
import { checkFields, hintsOf, invalidFields } from './check-fields.ts';
import type { FieldValue, Fields } from './check-fields.ts';
import {
  credentialError,
  credentialNotFound,
  inUse,
  nameTaken,
  stale,
} from './credential-error.ts';
import {
  deleteCredential,
  findCredential,
  inScope,
  insertCredential,
  listCredentials,
  nameIsTaken,
  noteCredential,
  updateCredential,
} from './credential-store.ts';
import type { CredentialScope } from './credential-store.ts';
import type { CredentialRow } from './credential-tables.ts';
import { findCredentialType } from './credential-types.ts';
import type { CredentialType } from './credential-types.ts';
import { checkVendor, vendorOf } from './vendor-of.ts';
import type { CredentialContent, SecretVault } from './secret-vault.ts';

/** Who asks, and for whom. */
export interface CredentialCaller {
  scope: CredentialScope;
  by: string;
}

export interface NewCredential {
  type: string;
  name: string;
  fields: Fields;
  publicFields: readonly string[];
}

/** What would stop working without a credential, in words; filled by the rooms that use them. */
export type FindCredentialUsers = (
  tx: Tx,
  credential: Pick<CredentialRow, 'id' | 'workspaceId' | 'type' | 'name'>,
) => Promise<string[]>;

export interface CredentialServiceDeps {
  database: Pick<Database, 'workspace' | 'system'>;
  vault: SecretVault;
  clock: Pick<Clock, 'now'>;
  /** Ids of model vendors that `llm_api_key` may name. */
  vendors: readonly string[];
  /** Throws `credentials.address.denied` for a place that must not be reached from here. */
  checkAddress: (url: string) => Promise<void>;
  users: FindCredentialUsers;
  /** Told after each change was committed, so that this process uses it at once. */
  onChange: (scope: CredentialScope) => void;
}

/** Use cases of credentials for people. No answer holds a secret. */
export interface CredentialService {
  list(
    scope: CredentialScope,
    page: { limit: number; cursor?: string | undefined; type?: string | undefined },
  ): Promise<{ items: Credential[]; nextCursor: string | null }>;
  create(caller: CredentialCaller, input: NewCredential): Promise<Credential>;
  get(scope: CredentialScope, id: string): Promise<Credential>;
  /** Fields that are absent stay, null takes one away. Throws `…version_mismatch` unless `ifMatch` names what is stored. */
  update(
    caller: CredentialCaller,
    id: string,
    change: { ifMatch: string | undefined; name?: string | undefined; fields: ChangedFields },
  ): Promise<Credential>;
  /** New secrets; of those that check signatures the ones before count on for 24 h. */
  rotate(caller: CredentialCaller, id: string, fields: Fields): Promise<Credential>;
  /** Throws `credentials.credential.in_use` with the users while there are any. */
  remove(caller: CredentialCaller, id: string): Promise<void>;
  /** Notes the outcome of a test. */
  noteTest(scope: CredentialScope, id: string, test: CredentialTest): Promise<void>;
}

export type ChangedFields = Record<string, FieldValue | null>;

/** Fields beside URLs that say where secrets go. */
const LEADING: ReadonlySet<string> = new Set(['host', 'port', 'tls', 'provider']);
const PREVIOUS_MS = 86_400_000;
const cursorSchema = z.strictObject({ name: z.string().max(200), id: z.uuid() });

export function createCredentialService(deps: CredentialServiceDeps): CredentialService {
  const { database } = deps;
  return {
    ...createChanges(deps),
    list: (scope, { limit, cursor, type }) =>
      inScope(database, scope, async (tx) => {
        const after =
          cursor === undefined
            ? undefined
            : decodeCursor(cursor, cursorSchema, 'credentials.list.cursor_invalid');
        const rows = await listCredentials(tx, scope, { limit, type, after });
        const page = toPage(rows, limit, ({ name, id }) => ({ name, id }));
        return { items: page.rows.map(toCredential), nextCursor: page.nextCursor };
      }),
    get: (scope, id) =>
      inScope(database, scope, async (tx) => toCredential(await mustFind(tx, scope, { id }))),
    async remove(caller, id) {
      const { scope } = caller;
      const row = await inScope(database, scope, async (tx) => {
        const found = await mustFind(tx, scope, { id, lock: true });
        const users = await deps.users(tx, found);
        if (users.length > 0) throw inUse(found, users);
        await deleteCredential(tx, found);
        return found;
      });
      deps.onChange(scope);
      await deps.vault.remove(row);
    },
    noteTest: (scope, id, test) =>
      inScope(database, scope, (tx) => noteCredential(tx, id, { lastTest: test })),
  };
}

function createChanges(
  deps: CredentialServiceDeps,
): Pick<CredentialService, 'create' | 'update' | 'rotate'> {
  const { database, vault } = deps;
  const replace = (caller: CredentialCaller, change: Replacement) =>
    replaceContent(deps, caller, change);
  return {
    async create(caller, input) {
      const type = mustKnow(input.type);
      const content = checkFields(type, input.fields, input.publicFields);
      await checkPlaces(deps, type, content);
      const row = newRow(deps, { caller, type, content, name: input.name });
      row.revision = await vault.put(row, content);
      const isNew = await inScope(database, caller.scope, (tx) => insertCredential(tx, row)).catch(
        async (error: unknown) => {
          await vault.remove(row);
          throw error;
        },
      );
      if (!isNew) {
        await vault.remove(row);
        throw nameTaken(input.name);
      }
      deps.onChange(caller.scope);
      return toCredential(row);
    },
    async update(caller, id, change) {
      const row = await inScope(database, caller.scope, (tx) => mustFind(tx, caller.scope, { id }));
      assertVersion(row, change.ifMatch);
      const before = await vault.get(row);
      assertNotLedAway(mustKnow(row.type), before, change.fields);
      const content = merged(before, change.fields);
      return replace(caller, { row, content, name: change.name ?? row.name, action: 'updated' });
    },
    async rotate(caller, id, fields) {
      const row = await inScope(database, caller.scope, (tx) => mustFind(tx, caller.scope, { id }));
      const before = await vault.get(row);
      assertSecrets(mustKnow(row.type), before, fields);
      const content = merged(before, fields);
      return replace(caller, { row, content, name: row.name, action: 'rotated' });
    },
  };
}

function newRow(
  { clock, vault }: Pick<CredentialServiceDeps, 'clock' | 'vault'>,
  made: {
    caller: CredentialCaller;
    type: CredentialType;
    content: CredentialContent;
    name: string;
  },
): CredentialRow {
  const { caller, type, content, name } = made;
  const now = new Date(clock.now());
  return {
    id: newId<'credential'>(now.getTime()),
    workspaceId: caller.scope,
    type: type.id,
    name,
    provider: vendorOf(type, content),
    fields: content.open,
    hints: hintsOf(content.secret),
    version: 1,
    store: vault.kind,
    revision: '',
    previousRevision: null,
    previousUntil: null,
    lastUsedAt: null,
    lastTest: null,
    createdBy: caller.by,
    createdAt: now,
    updatedAt: now,
  };
}

interface Replacement {
  row: CredentialRow;
  content: { open: Fields; secret: Record<string, string>; all: Fields };
  name: string;
  action: 'updated' | 'rotated';
}

/** Writes another revision and lets the row name it, unless the row was changed since it was read. */
async function replaceContent(
  deps: CredentialServiceDeps,
  caller: CredentialCaller,
  { row, content: wanted, name, action }: Replacement,
): Promise<Credential> {
  const { database, vault } = deps;
  const type = mustKnow(row.type);
  const content = checkFields(type, wanted.all, Object.keys(wanted.open));
  await checkPlaces(deps, type, content);
  const now = new Date(deps.clock.now());
  const keepsOld = action === 'rotated' && type.fields.some((field) => field.verifies);
  const next: CredentialRow = {
    ...row,
    name,
    provider: vendorOf(type, content),
    fields: content.open,
    hints: hintsOf(content.secret),
    version: row.version + 1,
    store: vault.kind,
    lastTest: null,
    updatedAt: now,
    ...previousOf(row, { now, keepsOld, moves: row.store !== vault.kind }),
  };
  next.revision = await vault.put(next, content);
  const outcome = await inScope(database, caller.scope, async (tx) => {
    const stored = await findCredential(tx, caller.scope, { id: row.id, lock: true });
    if (stored === undefined || stored.version !== row.version) return stale(row, stored);
    if (await nameIsTaken(tx, caller.scope, { name, id: row.id })) return nameTaken(name);
    await updateCredential(tx, row, next);
    return null;
  }).catch((error: unknown) => error as Error);
  if (outcome !== null) {
    await vault.drop(next, [next.revision]);
    throw outcome;
  }
  deps.onChange(caller.scope);
  const named = [next.revision, next.previousRevision];
  const left = [row.revision, row.previousRevision].filter((name) => !named.includes(name));
  await vault.drop(
    row,
    left.filter((name) => name !== null),
  );
  return toCredential(next);
}

/** What of the revisions before goes on counting. */
function previousOf(
  row: CredentialRow,
  change: { now: Date; keepsOld: boolean; moves: boolean },
): Pick<CredentialRow, 'previousRevision' | 'previousUntil'> {
  if (change.moves) return { previousRevision: null, previousUntil: null };
  if (!change.keepsOld)
    return { previousRevision: row.previousRevision, previousUntil: row.previousUntil };
  const previousUntil = new Date(change.now.getTime() + PREVIOUS_MS);
  return { previousRevision: row.revision, previousUntil };
}

/** Whoever may write must not read: to send the secrets to another place they have to be entered again. */
function assertNotLedAway(
  type: CredentialType,
  before: CredentialContent,
  change: ChangedFields,
): void {
  const leads = type.fields.filter(
    ({ name, secret, format }) => !secret && (format === 'url' || LEADING.has(name)),
  );
  const moved = leads.filter(
    ({ name }) => change[name] !== undefined && change[name] !== (before.open[name] ?? null),
  );
  const kept = Object.keys(before.secret).filter((name) => change[name] === undefined);
  if (moved.length === 0 || kept.length === 0) return;
  const again = `needs ${kept.join(', ')} again: stored secrets are not sent to another place`;
  throw invalidFields(
    type,
    moved.map(({ name }) => ({ pointer: `/fields/${name}`, message: again })),
  );
}

/** Of fields with any name those stay public that were; added ones are secrets. */
function merged(before: CredentialContent, change: ChangedFields): Replacement['content'] {
  const all: Fields = { ...before.open, ...before.secret };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete all[name];
    else all[name] = value;
  }
  return { ...before, all };
}

/** A rotation changes secrets and nothing else, so that nobody moves a key to another address by the way. */
function assertSecrets(type: CredentialType, before: CredentialContent, fields: Fields): void {
  const isSecret = (name: string) =>
    type.open
      ? before.secret[name] !== undefined
      : type.fields.some((field) => field.name === name && field.secret);
  const errors = Object.keys(fields)
    .filter((name) => !isSecret(name))
    .map((name) => ({ pointer: `/fields/${name}`, message: 'is no secret of this credential' }));
  if (Object.keys(fields).length === 0)
    errors.push({ pointer: '/fields', message: 'give the new secrets' });
  if (errors.length === 0) return;
  throw credentialError('credentials.fields.invalid', {
    kind: 'invalid-input',
    message: 'A rotation takes new secrets only; other fields are changed by an update.',
    errors,
  });
}

async function checkPlaces(
  deps: CredentialServiceDeps,
  type: CredentialType,
  content: CredentialContent,
): Promise<void> {
  checkVendor(type, content, deps.vendors);
  const base = content.open['base_url'];
  if (type.vendor !== undefined && typeof base === 'string') await deps.checkAddress(base);
}

function mustKnow(id: string): CredentialType {
  const type = findCredentialType(id);
  if (type !== undefined) return type;
  throw credentialError('credentials.type.unknown', {
    kind: 'invalid-input',
    message: `There is no credential type "${id}"; GET /api/credentials/types lists all.`,
    errors: [{ pointer: '/type', message: 'unknown' }],
  });
}

async function mustFind(
  tx: Tx,
  scope: CredentialScope,
  key: { id: string; lock?: boolean },
): Promise<CredentialRow> {
  const row = await findCredential(tx, scope, key);
  if (row !== undefined) return row;
  throw credentialNotFound(`No credential "${key.id}" in this workspace.`);
}

function assertVersion(row: CredentialRow, ifMatch: string | undefined): void {
  const given = (ifMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  if (!given.some((tag) => tag === '*' || tag === String(row.version))) throw stale(row, row);
}

/** A credential as people see it. */
export function toCredential(row: CredentialRow): Credential {
  const { hints } = row;
  const secrets = Object.fromEntries(
    Object.entries(hints).map(([name, lastFour]) => [name, { last_four: lastFour }]),
  );
  return {
    id: row.id,
    scope: row.workspaceId === null ? 'platform' : 'workspace',
    type: row.type,
    name: row.name,
    provider: row.provider,
    fields: row.fields as Credential['fields'],
    secrets,
    version: row.version,
    previous_until: row.previousUntil?.toISOString() ?? null,
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    last_test: row.lastTest,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
