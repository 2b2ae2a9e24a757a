import type { Database } from '@automatos/database';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { CREDENTIALS_CHANNEL, inScope, newestOfVendors } from './credential-store.ts';
import type { CredentialScope } from './credential-store.ts';
import type { CredentialRow } from './credential-tables.ts';
import type { SecretVault } from './secret-vault.ts';
import type { CredentialUseNote } from './use-credentials.ts';

/** What a model call needs of a credential. */
export interface VendorKey {
  apiKey?: string;
  baseUrl?: string;
  /** Sent with each call. */
  headers?: Record<string, string>;
}

export interface VendorKeysDeps {
  database: Pick<Database, 'workspace' | 'system' | 'listen'>;
  vault: SecretVault;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
  checkAddress: (url: string) => Promise<void>;
  noteUse: (use: CredentialUseNote) => Promise<void>;
}

interface Known {
  row: CredentialRow;
  /** Throws why it cannot be used. */
  key: () => VendorKey;
}

interface Loaded {
  at: number;
  /** Some could not be read, e.g. because Vault was away: looked at again sooner. */
  hasFailures: boolean;
  vendors: Promise<Map<string, Known>>;
}

/** Backstop for a notification that got lost while the database was away. */
const KEPT_MS = 30_000;
const FAILURE_KEPT_MS = 1_000;
const SCOPES_MAX = 5_000;

/** Keys of model vendors from memory, so that a call costs no query; a change is heard from all processes. */
export interface VendorKeys {
  /**
   * Key of a vendor: the newest of the workspace, else of the platform; null when neither has one. One that cannot be read or reached
   * throws and is never passed over in silence for another.
   */
  find(vendor: string, workspaceId: WorkspaceId): Promise<VendorKey | null>;
  /** Forgets what it knows of a scope; the next look-up reads again. */
  forget(scope: CredentialScope): void;
  /** Begins to hear of changes by other processes; resolves to the end of it. */
  listen(): Promise<() => Promise<void>>;
}

export function createVendorKeys(deps: VendorKeysDeps): VendorKeys {
  const known = new Map<string, Loaded>();

  function loaded(scope: CredentialScope): Promise<Map<string, Known>> {
    const key = scope ?? '';
    const found = known.get(key);
    const now = deps.clock.now();
    const keptMs = found?.hasFailures === true ? FAILURE_KEPT_MS : KEPT_MS;
    if (found !== undefined && now - found.at < keptMs) return found.vendors;
    if (known.size >= SCOPES_MAX) known.clear();
    const entry: Loaded = { at: now, hasFailures: false, vendors: load(deps, scope, failing) };
    function failing() {
      entry.hasFailures = true;
    }
    known.set(key, entry);
    entry.vendors.catch(() => {
      if (known.get(key) === entry) known.delete(key);
    });
    return entry.vendors;
  }

  function forget(scope: CredentialScope): void {
    known.delete(scope ?? '');
  }

  return {
    async find(vendor, workspaceId) {
      const own = (await loaded(workspaceId)).get(vendor);
      const found = own ?? (await loaded(null)).get(vendor);
      if (found === undefined) return null;
      const { row } = found;
      void deps.noteUse({ row, workspaceId, purpose: 'model call' });
      return found.key();
    },
    forget,
    listen: () =>
      deps.database.listen(CREDENTIALS_CHANNEL, (payload) =>
        forget(payload === '' ? null : (payload as WorkspaceId)),
      ),
  };
}

async function load(
  deps: VendorKeysDeps,
  scope: CredentialScope,
  onFailure: () => void,
): Promise<Map<string, Known>> {
  const rows = await inScope(deps.database, scope, (tx) => newestOfVendors(tx, scope));
  const entries = await Promise.all(
    rows.map(
      async (row) =>
        [row.provider ?? '', { row, key: await readKey(deps, row, onFailure) }] as const,
    ),
  );
  return new Map(entries);
}

/** One that cannot be read must not take the others of its workspace with it. */
async function readKey(
  deps: VendorKeysDeps,
  row: CredentialRow,
  onFailure: () => void,
): Promise<() => VendorKey> {
  try {
    const { open, secret } = await deps.vault.get(row);
    const baseUrl = open['base_url'];
    if (typeof baseUrl === 'string') await deps.checkAddress(baseUrl);
    const key: VendorKey = {
      ...(secret['api_key'] === undefined ? {} : { apiKey: secret['api_key'] }),
      ...(typeof baseUrl === 'string' ? { baseUrl } : {}),
      ...headersOf(open),
    };
    return () => key;
  } catch (error) {
    deps.logger.warn({ record: row.id, error: String(error) }, 'a credential cannot be used');
    onFailure();
    return () => {
      throw error;
    };
  }
}

function headersOf(open: Record<string, unknown>): Pick<VendorKey, 'headers'> {
  const organization = open['organization'];
  const given = open['headers'];
  const headers: Record<string, string> = {
    ...(typeof organization === 'string' ? { 'openai-organization': organization } : {}),
    ...(typeof given === 'object' && given !== null ? (given as Record<string, string>) : {}),
  };
  return Object.keys(headers).length === 0 ? {} : { headers };
}
