import { PlatformError } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { findProvider } from '../catalogue/catalogue.ts';
import type { ModelRef, ProviderRow } from '../catalogue/catalogue-types.ts';
import { MODEL_ROWS } from '../catalogue/model-rows.ts';
import { PROVIDER_ROWS } from '../catalogue/provider-rows.ts';
import { missingCredential } from './credential.ts';
import type { ProviderCredential } from './credential.ts';
import { discoverModels } from './discover-models.ts';
import type { Transport } from './transport.ts';

interface DefaultsDeps {
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
  clock: Clock;
  defaultModel?: ModelRef;
}

const OFFLINE: ModelRef = { provider: 'offline', model: 'offline-1' };

/** Creates the look-ups behind "which model, when none is named". */
export function createDefaults(deps: DefaultsDeps, transport: Transport) {
  /** The first provider of the catalogue that this workspace can call over a network; null = none is configured. */
  async function configuredProvider(workspaceId: WorkspaceId): Promise<ProviderRow | null> {
    for (const row of PROVIDER_ROWS) {
      if (row.codec === null || row.codec === 'offline') continue;
      const credential = await deps.credentials(row.id, workspaceId);
      if (credential !== null && missingCredential(row, credential) === null) return row;
    }
    return null;
  }

  async function discover(providerId: string, workspaceId: WorkspaceId): Promise<string[]> {
    const row = findProvider(providerId);
    if (row?.wire !== 'openai-chat')
      return MODEL_ROWS.filter(
        (model) => model.provider === providerId && model.kind === 'chat',
      ).map((model) => model.id);
    const credential = await deps.credentials(providerId, workspaceId);
    return discoverModels(
      { fetch: transport.fetchWith(2000), clock: deps.clock },
      row,
      credential ?? {},
    );
  }

  async function defaultRef(workspaceId: WorkspaceId): Promise<ModelRef> {
    if (deps.defaultModel !== undefined) return deps.defaultModel;
    const row = await configuredProvider(workspaceId);
    if (row === null) return OFFLINE;
    const model = row.defaultModel ?? (await discover(row.id, workspaceId))[0];
    if (model !== undefined) return { provider: row.id, model };
    throw new PlatformError({
      code: 'providers.model.none_found',
      kind: 'invalid-input',
      message: `${row.name} is configured but lists no model. Install one there, or name a default model in the settings.`,
    });
  }

  return { configuredProvider, discover, defaultRef };
}
