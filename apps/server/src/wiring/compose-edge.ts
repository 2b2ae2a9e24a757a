import { tmpdir } from 'node:os';
import { createPersonaRoutes, createPersonaService } from '@automatos/agents';
import { allRoutes, buildOpenApiDocument } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { createAuditRoutes } from '@automatos/identity';
import type { AuditLog, CredentialRoom, Identity } from '@automatos/identity';
import { createWebhookRoutes } from '@automatos/integrations';
import { createBudgetRoutes } from '@automatos/providers';
import { createRecipeRoutes, createRunForkRoutes, createTriggerRoutes } from '@automatos/recipes';
import type { Telemetry } from '@automatos/telemetry';
import { createSandbox } from '@automatos/tools';
import { cacheKeys } from '../http/cached-authenticator.ts';
import type { CachedAuthenticator } from '../http/cached-authenticator.ts';
import { createHttpServer } from '../http/http-server.ts';
import type { HttpEdge } from '../http/http-server.ts';
import { createIdempotencyStore } from '../http/idempotency-store.ts';
import { createPlatformRoutes } from '../http/platform-routes.ts';
import { createToolRoutes } from '../http/tool-routes.ts';
import { createPriceRoutes } from '../http/price-routes.ts';
import { createProviderRoutes } from '../http/provider-routes.ts';
import { createMemoryRateLimiter } from '../http/rate-limit.ts';
import type { RateLimiter } from '../http/rate-limit.ts';
import { createRedisRateLimiter } from '../http/redis-rate-limit.ts';
import { createRunRoutes } from '../http/run-routes.ts';
import { createSystemRoutes } from '../http/system-routes.ts';
import { createTrustTest } from '../http/client-address.ts';
import { createRealtimeGateway } from '../ws/gateway.ts';
import { createUpgradeScreen } from '../ws/upgrade-screen.ts';
import type { CompositionHooks } from './composition-hooks.ts';
import { composeAgents } from './compose-agents.ts';
import { composeFindings } from './compose-findings.ts';
import { composeIdentity } from './compose-identity.ts';
import { composeProtocolRoutes } from './compose-protocols.ts';
import type { Recipes } from './compose-recipes.ts';
import type { BaseDeps } from './base-deps.ts';
import type { Work } from './compose-work.ts';
import { operatorNotes } from './operator-notes.ts';
import { composePrivacy } from './compose-privacy.ts';
import { composePatternRoutes } from './compose-coordination.ts';
import { composeTaskRoutes } from './compose-tasks.ts';
import { composeThreats } from './compose-threats.ts';
import { composeV1 } from './compose-v1.ts';
import { VERSION } from './product.ts';
import type { createSeeder } from './seeds.ts';

export interface EdgeDeps extends BaseDeps {
  work: Work;
  recipes: Recipes;
  telemetry: Telemetry;
  audit: AuditLog;
  credentials: CredentialRoom;
  seeder: Awaited<ReturnType<typeof createSeeder>>;
  operatorKey: string;
  instanceSecret: Uint8Array;
  isStopping: () => boolean;
  hooks?: CompositionHooks | undefined;
}

/** Joins every room's routes with the edge that serves them. */
export async function composeEdge(deps: EdgeDeps): Promise<HttpEdge> {
  const { config, logger, clock, metrics, database, work, telemetry } = deps;
  const identity = await composeIdentity(deps);
  const authenticator =
    deps.hooks?.authenticator?.(identity.authenticator) ?? identity.authenticator;
  const cached = cacheKeys(authenticator, { clock });
  const threats = await composeThreats(deps);
  const privacy = await composePrivacy({
    ...deps,
    identity,
    threats,
    answers: work.cache,
    forgetCallers: cached.forget,
  });
  const sampleMetrics = () => {
    const { cpuPercent, memoryPercent, eventLoopLagMs } = telemetry.sample();
    return Promise.resolve({
      cpu_percent: cpuPercent,
      memory_percent: memoryPercent,
      event_loop_lag_ms: eventLoopLagMs.p99,
      runs_active: work.runs.activeCount(),
    });
  };
  const served: { edge?: HttpEdge } = {};
  const edge = await createHttpServer({
    routes: privacy.guard([
      ...routesOf(deps, { ...identity, routes: forgetting(identity.routes, cached) }),
      ...threats.routes,
      ...forgetting(privacy.routes, cached),
      ...composeProtocolRoutes(deps, () => served.edge as HttpEdge),
    ]),
    threats,
    authenticator: cached,
    isKeyOrigin: identity.keyOrigins.isKeyOrigin,
    rateLimiter: createRateLimiter(deps),
    idempotency: createIdempotencyStore({ database }),
    audit: deps.audit,
    openApiDocument: () =>
      buildOpenApiDocument(allRoutes(), { title: 'Automatos', version: VERSION }),
    realtime: createRealtimeGateway({
      authenticator,
      screen: createUpgradeScreen(threats, createTrustTest(config.http.trustProxy)),
      runs: work.runs,
      sampleMetrics,
      settings: config.http,
      clock,
      logger,
      metrics,
    }),
    settings: config.http,
    clock,
    logger,
    metrics,
    endpointStats: telemetry.endpointStats,
  });
  served.edge = edge;
  return edge;
}

function routesOf(deps: EdgeDeps, identity: Identity): BoundRoute[] {
  const { config, logger, clock, metrics, database, telemetry } = deps;
  const { providers, registry, runs, prices, cache } = deps.work;
  const { roots, recipes, control, learning, schedules, triggers, receive, webhooks } =
    deps.recipes;
  const agents = composeAgents({ database, clock, work: deps.work });
  const findings = composeFindings({
    config,
    clock,
    database,
    work: deps.work,
    agents: agents.agents,
  });
  const sandbox = createSandbox({ platform: process.platform, scratchDir: tmpdir() });
  return [
    ...identity.routes,
    ...createAuditRoutes({ database, clock, audit: deps.audit }),
    ...deps.credentials.routes,
    ...agents.routes,
    ...createPersonaRoutes({ personas: createPersonaService({ database, clock }) }),
    ...createRecipeRoutes({ recipes, learning }),
    ...createRunForkRoutes({ control }),
    ...composePatternRoutes({ database, clock }),
    ...composeTaskRoutes({ database, clock, runs, roots }),
    ...createTriggerRoutes({ schedules, triggers, receive }),
    ...createWebhookRoutes({ webhooks }),
    ...createRunRoutes({
      runs,
      reads: runs,
      roots,
      clock,
      metrics,
      emailOf: (userId) => emailOf(database, userId),
    }),
    ...createBudgetRoutes({ budgets: deps.work.budgets.service }),
    ...createPlatformRoutes({ tools: registry, providers, database, clock }),
    ...createToolRoutes({
      tools: registry,
      settings: deps.work.toolSettings,
      hints: deps.work.toolHints,
    }),
    ...createProviderRoutes({ providers, answers: deps.work.cache, database, clock }),
    ...composeV1({ ...deps, recipes }),
    ...createPriceRoutes({ prices, cache, database, clock, findings }),
    ...createSystemRoutes({
      version: VERSION,
      clock,
      logger,
      telemetry,
      checks: [{ name: 'database', check: () => describeDatabase(database) }],
      runs,
      notes: async (workspaceId) => [
        ...(await operatorNotes({ config, providers, workspaceId, findings, sandbox })),
        ...(await deps.credentials.findings()),
      ],
      isStopping: deps.isStopping,
    }),
  ];
}

/** What changes who may do what acts at once in this process, not when the next look is due. */
function forgetting(routes: readonly BoundRoute[], cached: CachedAuthenticator): BoundRoute[] {
  return routes.map((bound) =>
    bound.spec.method === 'GET'
      ? bound
      : { ...bound, handle: (call) => bound.handle(call).finally(() => cached.forget()) },
  );
}

function createRateLimiter({ config, clock, logger, closers }: EdgeDeps): RateLimiter {
  const memory = createMemoryRateLimiter({ clock });
  const limiter =
    config.redisUrl === undefined
      ? memory
      : createRedisRateLimiter({ url: config.redisUrl, fallback: memory, logger });
  closers.add('rate limits', () => limiter.close());
  return limiter;
}

async function emailOf(database: Database, userId: string): Promise<string | undefined> {
  const { rows } = await database.pool.query<{ email: string }>(
    'SELECT email FROM users WHERE id = $1',
    [userId],
  );
  return rows[0]?.email;
}

async function describeDatabase(database: Database): Promise<string> {
  const { rows } = await database.pool.query<{ version: string }>(
    "SELECT current_setting('server_version') AS version",
  );
  return `PostgreSQL ${rows[0]?.version ?? ''}${database.capabilities.multiProcess ? '' : ', embedded in this process'}`;
}
