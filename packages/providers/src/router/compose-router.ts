import { DEFAULT_ROUTER_SETTINGS, platformSettings } from './settings/settings-source.ts';
import type { EffectiveSettings, SettingsSource } from './settings/settings-source.ts';
import type { RouterSettings } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { ProviderCredential } from '../calls/credential.ts';
import type { ModelRef, ResolvedModel } from '../catalogue/catalogue-types.ts';
import { readVendorLimits } from '../codecs/read-vendor-limits.ts';
import type { CallKind } from '../usage/usage-tables.ts';
import { createCircuits } from './breaker/circuits.ts';
import { createDatabaseCircuits } from './breaker/database-circuits.ts';
import { createRouter } from './create-router.ts';
import type { Router } from './create-router.ts';
import { createCredentialKeys } from './credential-key.ts';
import { createLimiter } from './limits/create-limiter.ts';
import { createDatabaseShares } from './limits/database-shares.ts';
import { NO_BUDGETS } from './ports.ts';
import type { BudgetGate } from './ports.ts';
import { createProviderHealth } from './provider-health.ts';
import type { ProviderHealth } from './provider-health.ts';
import { createRouterSettings } from './settings/router-settings.ts';
import type { RouterSettingsRoom } from './settings/router-settings.ts';
import { shareOf } from './share-of.ts';
import { createCallStatistics } from './stats/call-statistics.ts';
import type { CallStatistics } from './stats/call-statistics.ts';
import { createFailedUsage } from './stats/failed-usage.ts';
import { percentileOf } from './stats/figures.ts';
import { createGlances } from './stats/performance.ts';
import type { Glances } from './stats/performance.ts';
import { createOrdering } from './strategies/order-candidates.ts';
import { createRandom } from './strategies/sample-beta.ts';

export interface ComposeRouterDeps {
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
  resolve: (workspaceId: WorkspaceId, ref: ModelRef, kind: CallKind) => ResolvedModel;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  /** Keeps settings, circuits, limits and figures; without it they live in this process until it ends. */
  database?: Database;
  /** Settings of workspaces without their own, and the end of every chain. */
  platform?: RouterSettings;
  priceVersionOf: (workspaceId: WorkspaceId, ref: ModelRef) => string;
  /** Default: no budgets. */
  budgets?: BudgetGate;
  /** Uniform numbers from 0 up to 1 for the adaptive strategy; default: seeded anew in each process. */
  random?: () => number;
}

/** The router with what its room shows of it. */
export interface CreatedRouter extends Router {
  settingsOf(workspaceId: WorkspaceId): EffectiveSettings | Promise<EffectiveSettings>;
  /** Null without a database: then the platform's settings hold for everyone. */
  settings: RouterSettingsRoom | null;
  health: ProviderHealth;
  /** Names address and credential of a model without telling them; null = it has none. */
  endpointOf(workspaceId: WorkspaceId, ref: ModelRef): Promise<string | null>;
  /** Reads what earlier processes knew and begins to hear the others; calls before it work, without that knowledge. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What came before is looked at this far back. */
const WARM_MS = 3_600_000;

/** Joins pipeline, breaker, strategies, limits and figures. */
export function composeRouter(deps: ComposeRouterDeps): CreatedRouter {
  const { clock, metrics, logger, database = null, platform = DEFAULT_ROUTER_SETTINGS } = deps;
  const { store, room, shares, failedUsage } = keptIn(database, deps);
  const keys = createCredentialKeys();
  const glances = createGlances(clock);
  const statistics = createCallStatistics({ clock, logger, database });
  const circuits = createCircuits({ clock, metrics, logger, store });
  const settings: SettingsSource = room ?? platformSettings(platform);
  const limiter = createLimiter({ clock, metrics, shares, readLimits: readVendorLimits });
  const random = deps.random ?? createRandom(Math.floor(shareOf(newId()) * 2 ** 32));
  const order = createOrdering({ glances, random });
  const log = {
    started: glances.started,
    ended(call: Parameters<CallStatistics['add']>[0]) {
      glances.ended(call.ref, call);
      statistics.add(call);
      failedUsage?.add(call);
    },
  };
  const { budgets = NO_BUDGETS } = deps;
  const router = createRouter({ ...deps, settings, circuits, limiter, budgets, keys, order, log });
  return {
    ...router,
    settingsOf: (workspaceId) => settings.of(workspaceId),
    settings: room,
    health: createProviderHealth({
      ...deps,
      settings,
      circuits,
      limiter,
      keys,
      statistics,
      glances,
    }),
    async endpointOf(workspaceId, ref) {
      const credential = await deps.credentials(ref.provider, workspaceId);
      return credential === null ? null : keys.fingerprintOf(credential);
    },
    async start() {
      await room?.start();
      await circuits.start();
      await warm(glances, statistics, clock);
      await statistics.start();
    },
    async stop() {
      await failedUsage?.close();
      await statistics.stop();
      await circuits.stop();
      await room?.stop();
    },
  };
}

/** What the router keeps and shares through the database; without one nothing. */
function keptIn(database: Database | null, deps: ComposeRouterDeps) {
  if (database === null) return { store: null, room: null, shares: null, failedUsage: null };
  const { clock, logger, platform = DEFAULT_ROUTER_SETTINGS } = deps;
  return {
    store: createDatabaseCircuits(database),
    room: createRouterSettings({ database, clock, logger, platform }),
    shares: database.capabilities.multiProcess ? createDatabaseShares(database) : null,
    failedUsage: createFailedUsage({ ...deps, database }),
  };
}

/** Lets strategies begin with what the last hour showed, instead of trying everything anew. */
async function warm(glances: Glances, statistics: CallStatistics, clock: Clock): Promise<void> {
  for (const { provider, model, figures } of await statistics.since(clock.now() - WARM_MS)) {
    const failures = figures.judged - figures.answered;
    // A few calls' worth of weight: old knowledge must give way to new soon.
    const weight = Math.min(1, 10 / Math.max(1, figures.judged));
    glances.warm(
      { provider, model },
      {
        latencyMs: percentileOf(figures.latency, 0.5),
        successes: figures.answered * weight,
        failures: failures * weight,
      },
    );
  }
}
