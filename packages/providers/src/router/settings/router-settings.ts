import { routerSettingsSchema } from '@automatos/contracts';
import type { RouterSettings } from '@automatos/contracts';
import { notify } from '@automatos/database';
import type { Database, Tx } from '@automatos/database';
import { PlatformError } from '@automatos/kernel';
import type { Clock, Logger, WorkspaceId } from '@automatos/kernel';
import { eq } from 'drizzle-orm';
import { routerSettings } from '../router-tables.ts';
import { DEFAULT_ROUTER_SETTINGS, effectiveOf } from './settings-source.ts';
import type { EffectiveSettings, SettingsSource } from './settings-source.ts';

/** Tells all processes that a workspace's settings changed; the payload is its id. */
const SETTINGS_CHANNEL = 'automatos_router_settings';
/** A lost notification costs at most this long. */
const REREAD_MS = 30_000;
const KEPT_MAX = 2_000;

/** Settings as a workspace sees them: its own, or the platform's with version 0. */
export interface VersionedSettings {
  settings: RouterSettings;
  version: number;
}

/** Router settings of workspaces, kept in the database and answered from memory. */
export interface RouterSettingsRoom extends SettingsSource {
  read(workspaceId: WorkspaceId): Promise<VersionedSettings>;
  /** Replaces them; throws `providers.router.version_mismatch` unless `ifMatch` names the version last read, or `*`. */
  replace(
    workspaceId: WorkspaceId,
    settings: RouterSettings,
    ifMatch: string | undefined,
  ): Promise<VersionedSettings>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface Kept {
  effective: EffectiveSettings;
  readAt: number;
}

/** Creates the settings room over `platform`'s settings. */
export function createRouterSettings(deps: {
  database: Database;
  clock: Clock;
  logger: Logger;
  platform?: RouterSettings;
}): RouterSettingsRoom {
  const { database, clock, logger, platform = DEFAULT_ROUTER_SETTINGS } = deps;
  const kept = new Map<string, Kept>();
  const loading = new Map<string, Promise<EffectiveSettings>>();
  let stopListening: (() => Promise<void>) | null = null;

  async function load(workspaceId: WorkspaceId): Promise<EffectiveSettings> {
    const own = await database.workspace(workspaceId, readRow);
    const effective = effectiveOf({ platform, own, workspaceId });
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(workspaceId, { effective, readAt: clock.now() });
    return effective;
  }
  /** One read for all who ask at the same time. */
  function loaded(workspaceId: WorkspaceId): Promise<EffectiveSettings> {
    const under = loading.get(workspaceId);
    if (under !== undefined) return under;
    const read = load(workspaceId).finally(() => loading.delete(workspaceId));
    loading.set(workspaceId, read);
    return read;
  }

  return {
    of(workspaceId) {
      const known = kept.get(workspaceId);
      if (known === undefined) return loaded(workspaceId);
      if (clock.now() - known.readAt >= REREAD_MS) {
        known.readAt = clock.now();
        loaded(workspaceId).catch((error: unknown) =>
          logger.warn({ error: String(error) }, 'router settings could not be read again'),
        );
      }
      return known.effective;
    },
    async read(workspaceId) {
      const row = await database.workspace(workspaceId, readRow);
      return row ?? { settings: platform, version: 0 };
    },
    async replace(workspaceId, settings, ifMatch) {
      const saved = await database.workspace(workspaceId, (tx) =>
        write(tx, { workspaceId, settings, ifMatch, at: new Date(clock.now()) }),
      );
      kept.delete(workspaceId);
      await loaded(workspaceId);
      return saved;
    },
    async start() {
      if (database.capabilities.multiProcess)
        stopListening = await database.listen(SETTINGS_CHANNEL, (id) => kept.delete(id));
    },
    async stop() {
      await stopListening?.();
      stopListening = null;
    },
  };
}

async function readRow(tx: Tx): Promise<VersionedSettings | null> {
  const [row] = await tx.select().from(routerSettings).limit(1);
  if (row === undefined) return null;
  // Rows of earlier versions may lack what was added since.
  return { settings: routerSettingsSchema.parse(row.settings), version: row.version };
}

interface NewSettings {
  workspaceId: WorkspaceId;
  settings: RouterSettings;
  ifMatch: string | undefined;
  at: Date;
}

async function write(
  tx: Tx,
  { workspaceId, settings, ifMatch, at }: NewSettings,
): Promise<VersionedSettings> {
  const mine = eq(routerSettings.workspaceId, workspaceId);
  const [row] = await tx
    .select({ version: routerSettings.version })
    .from(routerSettings)
    .where(mine)
    .for('update');
  const before = row?.version ?? 0;
  if (!matches(ifMatch, before)) throw stale(before);
  const version = before + 1;
  const values = { workspaceId, settings, version, updatedAt: at };
  const written =
    row === undefined
      ? await tx.insert(routerSettings).values(values).onConflictDoNothing().returning()
      : await tx.update(routerSettings).set(values).where(mine).returning();
  if (written.length === 0) throw stale(1);
  await notify(tx, SETTINGS_CHANNEL, workspaceId);
  return { settings, version };
}

function matches(ifMatch: string | undefined, version: number): boolean {
  return (ifMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''))
    .some((tag) => tag === '*' || tag === String(version));
}

function stale(version: number): PlatformError {
  return new PlatformError({
    code: 'providers.router.version_mismatch',
    kind: 'conflict',
    message: `The router settings were changed meanwhile: they are at version ${version}. Read them again and repeat the change.`,
    details: { version },
  });
}
