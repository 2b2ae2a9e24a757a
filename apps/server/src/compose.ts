import { createAgentRoutes, createAgentRuntime, createAgentService, createPersonaRoutes, createPersonaService } from '@automatos/agents';
import { allRoutes, buildOpenApiDocument } from '@automatos/contracts';
import { migrate, openDatabase } from '@automatos/database';
import type { Database } from '@automatos/database';
import { createIdentity } from '@automatos/identity';
import { systemClock } from '@automatos/kernel';
import type { Logger, WorkspaceId } from '@automatos/kernel';
import { createProviders, findProvider } from '@automatos/providers';
import { createRecipeKind, createRecipeRoutes, createRecipeService, recipesUsingAgent } from '@automatos/recipes';
import { createEffectLedger, createRuns } from '@automatos/runs';
import { createTelemetry } from '@automatos/telemetry';
import { createToolExecutor, createToolRegistry, createWorkspaceRoots, withEffectLedger } from '@automatos/tools';
import type { Config } from './config.ts';
import { createHttpServer } from './http/http-server.ts';
import type { HttpEdge } from './http/http-server.ts';
import { createIdempotencyStore } from './http/idempotency-store.ts';
import { createPlatformRoutes } from './http/platform-routes.ts';
import { createMemoryRateLimiter } from './http/rate-limit.ts';
import { createRedisRateLimiter } from './http/redis-rate-limit.ts';
import { createRunRoutes } from './http/run-routes.ts';
import { createSystemRoutes } from './http/system-routes.ts';
import { createClosers } from './wiring/closers.ts';
import { environmentCredentials } from './wiring/credentials.ts';
import { operatorNotes } from './wiring/operator-notes.ts';
import { createSeeder } from './wiring/seeds.ts';
import { SNAPSHOT_DIR, VERSION } from './wiring/product.ts';
import { projectUsage } from './wiring/usage-projection.ts';
import { createRealtimeGateway } from './ws/gateway.ts';

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
}

/** Builds the product from its rooms; nothing listens yet. */
export async function compose({ config, logger, operatorKey, progress }: ComposeOptions): Promise<App> {
  const clock = systemClock;
  const closers = createClosers(logger);
  try {
    const telemetry = createTelemetry({ clock, logger, version: VERSION });
    closers.add('telemetry', () => telemetry.stop());
    const { metrics } = telemetry;

    progress('Opening the database');
    const place = config.database.kind === 'server' ? { url: config.database.url } : { dataDir: config.dataDir, fsync: config.database.fsync, snapshotDir: SNAPSHOT_DIR };
    const database = await openDatabase({ ...place, logger, metrics });
    closers.add('database', () => database.close());
    const { applied } = await migrate(database);
    if (applied.length > 0) progress(`Applied ${applied.length} migrations`);

    const seed = await createSeeder({ database, clock });
    await seed.everyWorkspace();

    const roots = () => [...config.workspaceRoots];
    const providers = createProviders({ credentials: environmentCredentials(config.providers.env), clock, metrics, logger, ...defaultModelOf(config) });
    closers.add('providers', () => providers.close());
    const registry = createToolRegistry();
    const ledger = createEffectLedger({ database, clock });
    const bareExecutor = createToolExecutor({ registry, roots, outboundAllow: [...config.outboundAllow], clock, metrics, logger });
    closers.add('tools', () => bareExecutor.close());
    const executor = withEffectLedger(bareExecutor, { ledger, registry });

    const runs = createRuns({ database, logger, clock, metrics, projections: [projectUsage], worker: config.roles.worker });
    const runtime = createAgentRuntime({ providers, executor, registry, clock, metrics, logger });
    runs.registerKind(createRecipeKind({ agents: runtime, executor, clock }));
    progress('Recovering what was under way');
    await runs.launch();
    closers.add('runs', () => runs.stop());

    const identity = createIdentity({
      database,
      clock,
      signUpOpen: config.identity.signUpOpen,
      operatorKeys: [operatorKey],
      defaultWorkspaceId: config.identity.workspaceId as WorkspaceId | undefined,
      onWorkspaceCreated: seed.workspace,
    });
    const agents = createAgentService({
      database,
      clock,
      registry,
      providers,
      agentUsage: (tx, _workspaceId, agent) => recipesUsingAgent(tx, agent),
      emitWorkspaceEvent: (tx, workspaceId, event) => runs.appendWorkspaceEvent(tx, workspaceId, { ...event, data: { ...event.data } }),
    });
    const recipes = createRecipeService({ database, registry, runs, roots: createWorkspaceRoots(roots()), clock });

    let stopping = false;
    const memoryLimiter = createMemoryRateLimiter({ clock });
    const rateLimiter = config.redisUrl === undefined ? memoryLimiter : createRedisRateLimiter({ url: config.redisUrl, fallback: memoryLimiter, logger });
    closers.add('rate limits', () => rateLimiter.close());
    const sampleMetrics = async () => {
      const sample = telemetry.sample();
      return { cpu_percent: sample.cpuPercent, memory_percent: sample.memoryPercent, event_loop_lag_ms: sample.eventLoopLagMs.p99, runs_active: runs.activeCount() };
    };
    const edge = await createHttpServer({
      routes: [
        ...identity.routes,
        ...createAgentRoutes({ agents }),
        ...createPersonaRoutes({ personas: createPersonaService({ database, clock }) }),
        ...createRecipeRoutes({ recipes }),
        ...createRunRoutes({ runs, reads: runs, roots: createWorkspaceRoots(roots()), clock, metrics }),
        ...createPlatformRoutes({ tools: registry, providers, database, clock }),
        ...createSystemRoutes({
          version: VERSION,
          clock,
          logger,
          telemetry,
          checks: [{ name: 'database', check: () => describeDatabase(database) }],
          runs,
          notes: (workspaceId) => operatorNotes({ config, providers, workspaceId }),
          isStopping: () => stopping,
        }),
      ],
      authenticator: identity.authenticator,
      rateLimiter,
      idempotency: createIdempotencyStore({ database }),
      openApiDocument: () => buildOpenApiDocument(allRoutes(), { title: 'Automatos', version: VERSION }),
      realtime: createRealtimeGateway({ authenticator: identity.authenticator, runs, sampleMetrics, settings: config.http, clock, logger, metrics }),
      settings: config.http,
      clock,
      logger,
      metrics,
      endpointStats: telemetry.endpointStats,
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

async function describeDatabase(database: Database): Promise<string> {
  const { rows } = await database.pool.query<{ version: string }>("SELECT current_setting('server_version') AS version");
  return `PostgreSQL ${rows[0]?.version ?? ''}${database.capabilities.multiProcess ? '' : ', embedded in this process'}`;
}

function defaultModelOf(config: Config): { defaultModel?: { provider: string; model: string } } {
  const { defaultProvider: provider, defaultModel: model } = config.providers;
  if (provider === undefined) return {};
  const chosen = model ?? findProvider(provider)?.defaultModel;
  return chosen === undefined || chosen === null ? {} : { defaultModel: { provider, model: chosen } };
}
