import { isPlatformError, notFound } from '@automatos/kernel';
import type { Clock, WorkspaceId } from '@automatos/kernel';
import { findProvider } from '../catalogue/catalogue.ts';
import type { ProviderRow } from '../catalogue/catalogue-types.ts';
import { MODEL_ROWS } from '../catalogue/model-rows.ts';
import { credentialMissing, missingCredential } from './credential.ts';
import type { ProviderCredential } from './credential.ts';
import type { ModelCall, ModelResult } from './model-call.ts';

/** What came of trying a provider's key and address. */
export interface ProviderTest {
  ok: boolean;
  durationMs: number;
  /** One sentence for people. */
  detail: string;
  /** Code of the failure; null when it worked. */
  code: string | null;
  /** Models that the vendor lists; empty when it was asked for an answer instead. */
  models: string[];
  /** The answer that was paid for; null when only the list was asked. */
  result: ModelResult | null;
}

export interface TestProviderDeps {
  clock: Clock;
  call: (call: ModelCall) => Promise<ModelResult>;
  discover: (providerId: string, workspaceId: WorkspaceId) => Promise<string[]>;
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
}

/** The least that all wires accept as a bound. */
const TOKENS = 16;

/** Shows whether key and address are right: by the list of models where the vendor's wire has one that is free, else by a call of few tokens. Throws `not-found` for an unknown provider only. */
export async function testProvider(
  deps: TestProviderDeps,
  site: { providerId: string; workspaceId: WorkspaceId; signal: AbortSignal },
): Promise<ProviderTest> {
  const row = findProvider(site.providerId);
  if (row === undefined) throw notFound('provider', site.providerId);
  const startedAt = deps.clock.now();
  const durationMs = () => deps.clock.now() - startedAt;
  try {
    const missing = missingCredential(row, await deps.credentials(row.id, site.workspaceId));
    if (missing !== null) throw credentialMissing(row, missing);
    const shown =
      row.wire === 'openai-chat' ? await list(deps, row, site) : await answer(deps, row, site);
    return { ok: true, durationMs: durationMs(), code: null, ...shown };
  } catch (error) {
    if (!isPlatformError(error) || error.kind === 'cancelled') throw error;
    const { message: detail, code } = error;
    return { ok: false, durationMs: durationMs(), detail, code, models: [], result: null };
  }
}

type Site = { workspaceId: WorkspaceId; signal: AbortSignal };

async function list(deps: TestProviderDeps, row: ProviderRow, { workspaceId }: Site) {
  const models = await deps.discover(row.id, workspaceId);
  return { detail: `${row.name} lists ${models.length} models.`, models, result: null };
}

async function answer(deps: TestProviderDeps, row: ProviderRow, { workspaceId, signal }: Site) {
  const model =
    row.defaultModel ??
    MODEL_ROWS.find(({ provider, kind }) => provider === row.id && kind === 'chat')?.id ??
    '';
  const result = await deps.call({
    workspaceId,
    ref: { provider: row.id, model },
    messages: [{ role: 'user', content: row.codec === 'offline' ? OFFLINE_QUESTION : 'Say OK.' }],
    maxOutputTokens: TOKENS,
    useChain: false,
    cache: false,
    owner: { source: 'trial' },
    signal,
  });
  return { detail: `${row.name} answered with "${result.model}".`, models: [], result };
}

const OFFLINE_QUESTION =
  'What is the answer?\n\nContext:\n[1] test\nThe answer is that the offline provider works.';
