import { bindRoutes, providerRoutes, type BoundRoute, type Call } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import {
  PlatformError,
  isPlatformError,
  newId,
  type Clock,
  type WorkspaceId,
} from '@automatos/kernel';
import {
  recordUsage,
  type AnswerCache,
  type ModelCall,
  type ModelResult,
  type ModelUsage,
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
    await recordTrial(deps, workspaceId, result);
    return result;
  } catch (error) {
    await recordMismatch(deps, workspaceId, error);
    throw error;
  }
}

/** A trial costs as any call does, so it counts as any call does. */
async function recordTrial(
  deps: ProviderRoutesDeps,
  workspaceId: WorkspaceId,
  result: Paid,
): Promise<void> {
  const row = {
    workspaceId,
    callKey: `trial/${newId()}`,
    provider: result.provider,
    model: result.model,
    ...result.usage,
    costMicros: result.costMicros,
    priceVersion: result.priceVersion,
    estimated: result.usageEstimated,
    offline: result.offline,
    source: 'trial' as const,
    cache: result.route?.cache ?? ('off' as const),
    status: 'success' as const,
    durationMs: Math.max(0, Math.round(result.durationMs)),
    at: new Date(deps.clock.now()),
  };
  await deps.database.workspace(workspaceId, (tx) => recordUsage(tx, [row]));
}

type Paid = Pick<
  ModelResult,
  | 'provider'
  | 'model'
  | 'usage'
  | 'costMicros'
  | 'priceVersion'
  | 'usageEstimated'
  | 'offline'
  | 'durationMs'
> & { route?: Pick<ModelResult['route'], 'cache'> };

/** What rides along in the error of an answer that misses its schema. */
interface PaidMismatch {
  provider: string;
  model: string;
  offline: boolean;
  price_version: string;
  usage: ModelUsage;
  usage_estimated: boolean;
  cost_micros: number | null;
  duration_ms: number;
}

/** An answer that misses its schema was paid for all the same. */
async function recordMismatch(
  deps: ProviderRoutesDeps,
  workspaceId: WorkspaceId,
  error: unknown,
): Promise<void> {
  if (!isPlatformError(error) || error.code !== 'providers.answer.schema_mismatch') return;
  const paid = error.details?.['result'] as PaidMismatch | undefined;
  if (paid === undefined) return;
  await recordTrial(deps, workspaceId, {
    provider: paid.provider,
    model: paid.model,
    usage: paid.usage,
    costMicros: paid.cost_micros,
    priceVersion: paid.price_version,
    usageEstimated: paid.usage_estimated,
    offline: paid.offline,
    durationMs: paid.duration_ms,
  });
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
