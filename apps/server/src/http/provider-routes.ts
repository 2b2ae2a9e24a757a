import { bindRoutes, providerRoutes, type BoundRoute, type Call } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import { PlatformError, newId, type Clock, type WorkspaceId } from '@automatos/kernel';
import {
  paidOfMismatch,
  recordUsage,
  usageRowOf,
  type AnswerCache,
  type ModelCall,
  type ModelResult,
  type PaidCall,
  type Providers,
  type RouterSettingsRoom,
} from '@automatos/providers';

export interface ProviderRoutesDeps {
  providers: Pick<Providers, 'call' | 'test' | 'defaultRef' | 'checkRouterSettings' | 'router'>;
  answers: Pick<AnswerCache, 'stats'>;
  database: Pick<Database, 'workspace'>;
  clock: Clock;
}

const MINUTE_MS = 60_000;

/** How vendors do, router settings, and calls that show that something works. */
export function createProviderRoutes(deps: ProviderRoutesDeps): BoundRoute[] {
  const { providers, answers } = deps;
  const { health } = providers.router;
  const { providerHealth, closeCircuit, testProvider, tryModel } = providerRoutes;
  const { getRouterSettings, putRouterSettings } = providerRoutes;
  return bindRoutes(
    { providerHealth, closeCircuit, testProvider, getRouterSettings, putRouterSettings, tryModel },
    {
      async providerHealth({ workspaceId, query }) {
        const [models, circuits, quotas] = await Promise.all([
          health.models(workspaceId, query.window_minutes * MINUTE_MS),
          health.circuits(workspaceId),
          health.quotas(workspaceId),
        ]);
        const { savedMicros, ...counts } = answers.stats(workspaceId);
        return {
          body: { models, circuits, quotas, cache: { ...counts, saved_micros: savedMicros } },
        };
      },
      async closeCircuit({ workspaceId, params }) {
        return { body: await health.closeCircuit(workspaceId, params.circuit_id) };
      },
      async testProvider({ workspaceId, params, signal }) {
        const shown = await providers.test({ providerId: params.provider, workspaceId, signal });
        if (shown.result !== null) await recordTrial(deps, workspaceId, shown.result);
        const { ok, durationMs, detail, code, models } = shown;
        return { body: { ok, duration_ms: durationMs, detail, code, models } };
      },
      async getRouterSettings({ workspaceId }) {
        return versioned(await settingsRoom(deps).read(workspaceId));
      },
      async putRouterSettings({ workspaceId, body, headers }) {
        providers.checkRouterSettings(workspaceId, body);
        return versioned(await settingsRoom(deps).replace(workspaceId, body, headers['if-match']));
      },
      async tryModel(call) {
        return { body: tried(await tryOnce(deps, call)) };
      },
    },
  );
}

function versioned(row: Awaited<ReturnType<RouterSettingsRoom['read']>>) {
  return { body: row, etag: String(row.version) };
}

function settingsRoom({ providers }: ProviderRoutesDeps): RouterSettingsRoom {
  const room = providers.router.settings;
  if (room === null) throw new TypeError('the server runs its router without a database');
  return room;
}

async function tryOnce(
  deps: ProviderRoutesDeps,
  { workspaceId, body, signal }: Call<typeof providerRoutes.tryModel>,
): Promise<ModelResult> {
  const { provider, model } = body;
  if ((provider === null) !== (model === null)) throw halfNamed(provider === null);
  const ref =
    provider === null || model === null
      ? await deps.providers.defaultRef(workspaceId)
      : { provider, model };
  const system = body.system === '' ? [] : [{ role: 'system' as const, content: body.system }];
  const call: ModelCall = {
    workspaceId,
    ref,
    messages: [...system, { role: 'user', content: body.prompt }],
    maxOutputTokens: body.max_output_tokens,
    ...(body.temperature === null ? {} : { temperature: body.temperature }),
    ...(body.response_schema === null ? {} : { responseSchema: body.response_schema }),
    owner: { source: 'trial' },
    signal,
  };
  try {
    const result = await deps.providers.call(call);
    await recordTrial(deps, workspaceId, { ...result, cache: result.route.cache });
    return result;
  } catch (error) {
    // An answer that misses its schema was paid for all the same.
    await recordTrial(deps, workspaceId, paidOfMismatch(error));
    throw error;
  }
}

/** A trial costs as any call does, so it counts as any call does. */
async function recordTrial(
  deps: ProviderRoutesDeps,
  workspaceId: WorkspaceId,
  paid: PaidCall | null,
): Promise<void> {
  if (paid === null) return;
  const at = new Date(deps.clock.now());
  const owner = { workspaceId, callKey: `trial/${newId()}`, source: 'trial' as const, at };
  await deps.database.workspace(workspaceId, (tx) => recordUsage(tx, [usageRowOf(paid, owner)]));
}

function halfNamed(noProvider: boolean): PlatformError {
  const [lacks, pointer] = noProvider ? ['provider', '/provider'] : ['model', '/model'];
  return new PlatformError({
    code: 'request.input.invalid',
    kind: 'invalid-input',
    message: `Name provider and model, or neither of them for the default one: the ${lacks} is missing.`,
    errors: [{ pointer: pointer ?? '', message: 'missing' }],
  });
}

function tried(result: ModelResult) {
  const { usage } = result;
  return {
    text: result.text,
    provider: result.provider,
    model: result.model,
    offline: result.offline,
    finish_reason: result.finishReason,
    usage: {
      model_calls: 1,
      tool_calls: 0,
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cached_input_tokens: usage.cachedInputTokens,
      reasoning_tokens: usage.reasoningTokens,
      cost_micros: result.costMicros,
      estimated: result.usageEstimated,
    },
    duration_ms: result.durationMs,
    first_token_ms: result.firstTokenMs,
    route: result.route,
  };
}
