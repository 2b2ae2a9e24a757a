import type { Circuit, ModelHealth, VendorLimit } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { ProviderCredential } from '../calls/credential.ts';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import type { CircuitView, Circuits } from './breaker/circuits.ts';
import type { CredentialKeys } from './credential-key.ts';
import type { CreatedLimiter } from './limits/create-limiter.ts';
import type { SettingsSource } from './settings/settings-source.ts';
import type { CallStatistics } from './stats/call-statistics.ts';
import type { Glances } from './stats/performance.ts';

/** What is left of a limit, as the API shows it. */
export interface QuotaView {
  provider: string;
  model: string | null;
  kind: 'requests' | 'tokens' | 'concurrency';
  source: 'own' | 'vendor';
  limit: number | null;
  remaining: number | null;
  resets_at: string | null;
  waiting: number;
}

/** How the vendors do, as a workspace may see it: its own calls, and circuits and limits of its own credentials. */
export interface ProviderHealth {
  models(workspaceId: WorkspaceId, windowMs: number): Promise<ModelHealth[]>;
  /** Those that are not closed. */
  circuits(workspaceId: WorkspaceId): Promise<Circuit[]>;
  quotas(workspaceId: WorkspaceId): Promise<QuotaView[]>;
  /** Closes a circuit by hand, in all processes. Throws `not-found` for one that is not of the workspace's credentials. */
  closeCircuit(workspaceId: WorkspaceId, circuitId: string): Promise<Circuit>;
}

export interface ProviderHealthDeps {
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
  settings: SettingsSource;
  circuits: Circuits;
  limiter: CreatedLimiter;
  keys: CredentialKeys;
  statistics: CallStatistics;
  glances: Glances;
  clock: Clock;
}

/** Models whose limits are shown: those called within this time. */
const QUOTA_WINDOW_MS = 3_600_000;

export function createProviderHealth(deps: ProviderHealthDeps): ProviderHealth {
  const { circuits, limiter, keys, statistics, glances } = deps;
  const models = (workspaceId: WorkspaceId, windowMs: number) =>
    statistics.health(workspaceId, windowMs, (ref) => glances.look(ref).inFlight);

  /** One that cannot be read fails calls; here it counts as none. */
  const known = (provider: string, workspaceId: WorkspaceId) =>
    deps.credentials(provider, workspaceId).catch(() => null);

  async function isOwn(workspaceId: WorkspaceId, view: CircuitView): Promise<boolean> {
    const { scope } = await deps.settings.of(workspaceId);
    const { provider, model } = view;
    const credential = await known(provider, workspaceId);
    return keys.keyOf({ provider, model, scope }, credential).id === view.id;
  }

  return {
    models,
    async circuits(workspaceId) {
      const own = await Promise.all(
        circuits.list().map(async (view) => ((await isOwn(workspaceId, view)) ? [view] : [])),
      );
      return own.flat().map(toCircuit);
    },
    async quotas(workspaceId) {
      const { settings } = await deps.settings.of(workspaceId);
      const called = await models(workspaceId, QUOTA_WINDOW_MS);
      const targets = await Promise.all(
        refsOf(called, settings.limits).map(async ({ provider, model }) => ({
          workspaceId,
          provider,
          model,
          credential: keys.fingerprintOf(await known(provider, workspaceId)),
        })),
      );
      return limiter.quotas(targets, settings.limits).map(({ resetsAt, ...row }) => ({
        ...row,
        resets_at: resetsAt === null ? null : new Date(resetsAt).toISOString(),
      }));
    },
    async closeCircuit(workspaceId, circuitId) {
      const view = circuits.view(circuitId);
      if (view === null || !(await isOwn(workspaceId, view))) throw unknownCircuit(circuitId);
      const closed = await circuits.close(circuitId);
      return toCircuit(closed ?? view);
    },
  };
}

/** Each model once: those called, and those that a limit names. */
function refsOf(called: readonly ModelRef[], limits: readonly VendorLimit[]): ModelRef[] {
  const named = limits.flatMap(({ provider, model }) =>
    model === null ? [] : [{ provider, model }],
  );
  const all = [...called, ...named].map(({ provider, model }) => ({ provider, model }));
  return [...new Map(all.map((ref) => [`${ref.provider}\n${ref.model}`, ref])).values()];
}

function unknownCircuit(id: string): PlatformError {
  return new PlatformError({
    code: 'providers.circuit.not_found',
    kind: 'not-found',
    message: `No circuit "${id}" of this workspace's credentials is known.`,
  });
}

function toCircuit(view: CircuitView): Circuit {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    id: view.id,
    provider: view.provider,
    model: view.model,
    credential: view.credential,
    state: view.state,
    reason: view.reason,
    opened_at: time(view.openedAt),
    retry_at: time(view.retryAt),
    failures: view.failures,
  };
}
