import { migrate, openDatabase } from '@automatos/database';
import type { Database } from '@automatos/database';
import { createAuditLog, makeTenantWorkspace } from '@automatos/identity';
import { systemClock } from '@automatos/kernel';
import type { Logger, WorkspaceId } from '@automatos/kernel';
import { createTelemetry } from '@automatos/telemetry';
import type { Config } from './config.ts';
import type { HttpEdge } from './http/http-server.ts';
import { createClosers } from './wiring/closers.ts';
import type { Closers } from './wiring/closers.ts';
import type { CompositionHooks } from './wiring/composition-hooks.ts';
import { composeCredentials } from './wiring/compose-credentials.ts';
import { composeEdge } from './wiring/compose-edge.ts';
import { composeRecipes } from './wiring/compose-recipes.ts';
import { composeWork } from './wiring/compose-work.ts';
import { readInstanceSecret } from './wiring/instance-secret.ts';
import { SNAPSHOT_DIR, VERSION } from './wiring/product.ts';
import { createSeeder } from './wiring/seeds.ts';

export interface App {
  edge: HttpEdge;
  /** Stops in reverse order of the start; runs under way go on at the next start. */
  stop(): Promise<void>;
}

export interface ComposeOptions {
  config: Config;
  logger: Logger;
  /** Bootstrap key of the operator, from the environment or the data folder. */
  operatorKey: string;
  /** Told what is being done, for people who wait. */
  progress: (message: string) => void;
  /** Only tests pass some; nothing that can be configured becomes one. */
  hooks?: CompositionHooks;
}

/** Builds the product from its rooms; nothing listens yet. */
export async function compose(options: ComposeOptions): Promise<App> {
  const { config, logger, progress } = options;
  const closers = createClosers(logger);
  try {
    const telemetry = createTelemetry({ clock: systemClock, logger, version: VERSION });
    closers.add('telemetry', () => telemetry.stop());
    telemetry.metrics.set('amas_config_ineffective_settings', {}, config.notes.length);
    const base = { config, logger, clock: systemClock, metrics: telemetry.metrics, closers };
    const opened = await openAndMigrate(config, {
      logger,
      metrics: telemetry.metrics,
      progress,
      closers,
    });
    const database = options.hooks?.database?.(opened) ?? opened;
    const audit = createAuditLog({ database, clock: systemClock, logger });
    closers.add('audit log', () => audit.close());
    audit.start();
    const seeder = await createSeeder({ database, clock: systemClock });
    await makeTenantWorkspace(database, config.identity.defaultTenantId as WorkspaceId);
    await seeder.everyWorkspace();
    progress('Recovering what was under way');
    const instanceSecret = await readInstanceSecret(
      { dataDir: config.dataDir, configured: config.secret },
      database,
    );
    const credentials = await composeCredentials({ ...base, database, audit });
    const work = await composeWork({ ...base, database, audit, credentials });
    const recipes = await composeRecipes({ ...base, database, work, seeder, instanceSecret });
    let stopping = false;
    const edge = await composeEdge({
      ...base,
      database,
      work,
      recipes,
      telemetry,
      audit,
      credentials,
      seeder,
      instanceSecret,
      operatorKey: options.operatorKey,
      isStopping: () => stopping,
      hooks: options.hooks,
    });
    return {
      edge,
      async stop() {
        stopping = true;
        await edge.close();
        await closers.closeAll();
      },
    };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function openAndMigrate(
  config: Config,
  {
    closers,
    progress,
    ...deps
  }: {
    logger: Logger;
    metrics: ReturnType<typeof createTelemetry>['metrics'];
    progress: (message: string) => void;
    closers: Closers;
  },
): Promise<Database> {
  progress('Opening the database');
  const place =
    config.database.kind === 'server'
      ? { url: config.database.url }
      : { dataDir: config.dataDir, fsync: config.database.fsync, snapshotDir: SNAPSHOT_DIR };
  const database = await openDatabase({ ...place, ...deps });
  closers.add('database', () => database.close());
  const { applied } = await migrate(database);
  if (applied.length > 0) progress(`Applied ${applied.length} migrations`);
  return database;
}
