import { newId } from '@automatos/kernel';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import type { ProviderCredential } from '../calls/credential.ts';
import type { ModelRef, ResolvedModel } from '../catalogue/catalogue-types.ts';
import type { CallKind } from '../usage/usage-tables.ts';
import { createCircuits } from './breaker/circuits.ts';
import type { Circuits } from './breaker/circuits.ts';
import { createRouter } from './create-router.ts';
import type { Router } from './create-router.ts';
import { createCredentialKeys } from './credential-key.ts';
import { NO_LIMITS } from './limits/limiter-port.ts';
import type { Limiter } from './limits/limiter-port.ts';
import { NO_BUDGETS } from './ports.ts';
import type { BudgetGate } from './ports.ts';
import { platformSettings } from './settings/settings-source.ts';
import type { EffectiveSettings, SettingsSource } from './settings/settings-source.ts';
import { shareOf } from './share-of.ts';
import { createGlances } from './stats/performance.ts';
import { createOrdering } from './strategies/order-candidates.ts';
import { createRandom } from './strategies/sample-beta.ts';

export interface ComposeRouterDeps {
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
  resolve: (workspaceId: WorkspaceId, ref: ModelRef, kind: CallKind) => ResolvedModel;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  /** Default: no budgets. */
  budgets?: BudgetGate;
  /** Default: the platform's defaults for everyone. */
  settings?: SettingsSource;
  /** Uniform numbers from 0 up to 1 for the adaptive strategy; default: seeded anew in each process. */
  random?: () => number;
}

/** The router with what its room shows of it. */
export interface CreatedRouter extends Router {
  settingsOf(workspaceId: WorkspaceId): EffectiveSettings | Promise<EffectiveSettings>;
  /** Names address and credential of a model without telling them; null = it has none. */
  endpointOf(workspaceId: WorkspaceId, ref: ModelRef): Promise<string | null>;
  circuits: Circuits;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Joins pipeline, breaker, strategies and limits. */
export function composeRouter(deps: ComposeRouterDeps): CreatedRouter {
  const { clock, metrics, logger } = deps;
  const keys = createCredentialKeys();
  const glances = createGlances(clock);
  const random = deps.random ?? createRandom(Math.floor(shareOf(newId()) * 2 ** 32));
  const circuits = createCircuits({ clock, metrics, logger, store: null });
  const settings = deps.settings ?? platformSettings();
  const limiter: Limiter = NO_LIMITS;
  const router = createRouter({
    ...deps,
    settings,
    circuits,
    limiter,
    budgets: deps.budgets ?? NO_BUDGETS,
    keys,
    order: createOrdering({ glances, random }),
    log: {
      started: glances.started,
      ended: ({ ref, durationMs, answered }) => glances.ended(ref, { durationMs, answered }),
    },
  });
  return {
    ...router,
    settingsOf: (workspaceId) => settings.of(workspaceId),
    async endpointOf(workspaceId, ref) {
      const credential = await deps.credentials(ref.provider, workspaceId);
      return credential === null ? null : keys.fingerprintOf(credential);
    },
    circuits,
    start: () => circuits.start(),
    stop: () => circuits.stop(),
  };
}
