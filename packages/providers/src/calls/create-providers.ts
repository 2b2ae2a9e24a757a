import type { RouterSettings } from '@automatos/contracts';
import type { Database } from '@automatos/database';
import type { Clock, Logger, Metrics, WorkspaceId } from '@automatos/kernel';
import { findProvider, resolveRef } from '../catalogue/catalogue.ts';
import type { ModelRef, ProviderRow, ResolvedModel } from '../catalogue/catalogue-types.ts';
import { MODEL_ROWS } from '../catalogue/model-rows.ts';
import { PROVIDER_ROWS } from '../catalogue/provider-rows.ts';
import { createSchemaValidator } from '../structured/validate-schema.ts';
import { NO_CACHE } from '../cache/cache-port.ts';
import type { AnswerCache } from '../cache/cache-port.ts';
import { composeRouter } from '../router/compose-router.ts';
import type { ComposeRouterDeps, CreatedRouter } from '../router/compose-router.ts';
import type { Attempted, BudgetGate, Candidate } from '../router/ports.ts';
import type { PriceBook, PricedModel } from '../usage/price-book.ts';
import { SHIPPED_LIST, bookOf, createPriceView } from '../usage/price-view.ts';
import { missingCredential } from './credential.ts';
import type { ProviderCredential } from './credential.ts';
import { attemptModel, callModel } from './call-model.ts';
import type { Unrouted } from './call-model.ts';
import { createDefaults } from './default-model.ts';
import { createEmbedding } from './embed-texts.ts';
import type { EmbedCall, EmbedResult, RerankCall, RerankResult } from './embed-texts.ts';
import type { ModelCall, ModelResult } from './model-call.ts';
import { checkRouterSettings } from '../router/settings/check-settings.ts';
import { testProvider } from './test-provider.ts';
import type { ProviderTest } from './test-provider.ts';
import type { Outbound } from './connection-pools.ts';
import { createTransport } from './transport.ts';

export interface ProvidersDeps {
  /** Key and URL of a provider for a workspace; null = nothing configured. */
  credentials: (providerId: string, workspaceId: WorkspaceId) => Promise<ProviderCredential | null>;
  clock: Clock;
  metrics: Metrics;
  logger: Logger;
  /** Replaces the network, e.g. by an egress guard. It must honour `signal`. */
  fetch?: typeof globalThis.fetch;
  /** Where calls may connect to; default: everywhere. */
  outbound?: Outbound;
  /** Id of the request that a call is made for, for vendors' logs; undefined outside of one. */
  requestId?: () => string | undefined;
  /** The platform's default model; without it the first configured provider's default is taken, and `offline` when none is configured. */
  defaultModel?: ModelRef;
  /** Default: no budget bounds a call. */
  budgets?: BudgetGate;
  /** Default: no answer is kept. */
  cache?: AnswerCache;
  /** Default: the shipped models at their list prices. */
  prices?: PriceBook;
  /** Keeps router settings, circuits, limits and figures; without it they live in this process until it ends. */
  database?: Database;
  /** Router settings of workspaces without their own, and the end of every chain. */
  platform?: RouterSettings;
  /** Uniform numbers from 0 up to 1 for the adaptive strategy; tests inject a seeded generator. */
  random?: () => number;
}

/** A provider as a workspace sees it. */
export interface ProviderView extends ProviderRow {
  usable: boolean;
  configured: boolean;
  isDefault: boolean;
  modelsCount: number;
  /** What to set before it can be used; null when nothing is missing. */
  missing: 'api_key' | 'base_url' | null;
}

export interface ModelView extends PricedModel {
  usable: boolean;
}

export interface Providers {
  /**
   * Answers one call through the router: each candidate is tried at most once, in the order of the workspace's settings. Resolves only
   * for a complete answer; anything else is a typed error whose `retryable` is final. Aborting `signal` rejects at once with
   * `providers.call.cancelled` and closes the request.
   */
  call(call: ModelCall): Promise<ModelResult>;
  /** Vectors of texts, through the router as a call is. */
  embed(call: EmbedCall): Promise<EmbedResult>;
  /** Documents in the order of their relevance, through the router as a call is. */
  rerank(call: RerankCall): Promise<RerankResult>;
  /** The way that all calls take, for what is sent by others, e.g. bytes passed through. */
  router: CreatedRouter;
  /** One attempt at a candidate of `router.route`, for senders that pass bytes through and meet a candidate of another wire. */
  attempt(
    call: ModelCall,
    site: { candidate: Candidate; inputTokens: number },
  ): Promise<Attempted<Unrouted>>;
  /** Names the price that a call of now is charged with; stored with its usage. */
  priceVersionOf(workspaceId: WorkspaceId, ref: ModelRef): string;
  /** All providers with their state for this workspace, in catalogue order. */
  list(workspaceId: WorkspaceId): Promise<ProviderView[]>;
  /** Models with the prices in use; without a workspace those that are shipped. */
  models(workspaceId?: WorkspaceId): ModelView[];
  /**
   * Catalogue rows of a reference, without any network; a workspace also knows the models of the price packages that it loaded.
   * Throws `invalid-input` naming `/provider` or `/model`.
   */
  resolve(ref: ModelRef, workspaceId?: WorkspaceId): ResolvedModel;
  /** The model used when none is named. Never falls to `offline` when a provider is configured, even if that one is down. */
  defaultRef(workspaceId: WorkspaceId): Promise<ModelRef>;
  /** Tries a provider's key and address; a failure is its result. */
  test(site: {
    providerId: string;
    workspaceId: WorkspaceId;
    signal: AbortSignal;
  }): Promise<ProviderTest>;
  /** Throws `providers.router.chain_invalid` with pointers to what does not exist. */
  checkRouterSettings(workspaceId: WorkspaceId, settings: RouterSettings): void;
  /** Model ids that a configured openai-chat server lists now. */
  discover(providerId: string, workspaceId: WorkspaceId): Promise<string[]>;
  close(): Promise<void>;
}

/** Creates the providers room: catalogue, calls, defaults. */
export function createProviders(deps: ProvidersDeps): Providers {
  const transport = createTransport(deps);
  const validator = createSchemaValidator();
  const shipped = createPriceView([SHIPPED_LIST]);
  const { prices: book = bookOf(() => shipped), cache = NO_CACHE } = deps;
  const resolve: ComposeRouterDeps['resolve'] = (workspaceId, ref, kind) =>
    book.resolve(workspaceId, ref, kind);
  const priceVersionOf = (workspaceId: WorkspaceId, ref: ModelRef) =>
    book.priceOf(workspaceId, ref).version;
  const router = composeRouter({ ...deps, resolve, priceVersionOf });
  const callDeps = { ...deps, router, cache, priceVersionOf, transport, validator };

  const { configuredProvider, defaultRef, discover } = createDefaults(deps, transport);
  const call = (asked: ModelCall) => callModel(callDeps, asked);

  return {
    call,
    test: (site) => testProvider({ ...deps, call, discover }, site),
    checkRouterSettings: (workspaceId, settings) =>
      checkRouterSettings(settings, (ref, kind) => book.resolve(workspaceId, ref, kind)),
    ...createEmbedding(callDeps),
    router,
    attempt: (call, site) => attemptModel(callDeps, { call, ...site }),
    priceVersionOf,
    list: createList(deps, configuredProvider),
    models: (workspaceId) =>
      (workspaceId === undefined ? shipped.rows : book.models(workspaceId)).map((row) => ({
        ...row,
        usable: row.kind === 'chat' && findProvider(row.provider)?.codec !== null,
      })),
    resolve: (ref, workspaceId) =>
      workspaceId === undefined ? resolveRef(ref) : book.resolve(workspaceId, ref),
    defaultRef,
    discover,
    async close() {
      await router.stop();
      await transport.close();
    },
  };
}

/** A credential that cannot be read fails calls, and not the pages that tell of it: there it counts as missing. */
function createList(
  deps: Pick<ProvidersDeps, 'credentials' | 'defaultModel' | 'logger'>,
  configuredProvider: (workspaceId: WorkspaceId) => Promise<ProviderRow | null>,
): Providers['list'] {
  const unreadable = (error: unknown) => {
    deps.logger.debug({ reason: String(error) }, 'a provider is listed without its credential');
    return null;
  };
  return async (workspaceId) => {
    const configured = await configuredProvider(workspaceId).catch(unreadable);
    const chosen = deps.defaultModel?.provider ?? configured?.id ?? 'offline';
    const views = PROVIDER_ROWS.map(async (row) => {
      if (row.codec === 'offline') return viewOf(row, null, chosen);
      return viewOf(row, await deps.credentials(row.id, workspaceId).catch(unreadable), chosen);
    });
    return Promise.all(views);
  };
}

function viewOf(
  row: ProviderRow,
  credential: ProviderCredential | null,
  chosen: string,
): ProviderView {
  const missing = row.codec === null ? null : missingCredential(row, credential);
  const local = row.id === 'ollama' && credential === null;
  return {
    ...row,
    baseUrl: credential?.baseUrl ?? row.baseUrl,
    usable: row.codec !== null,
    configured: row.codec === 'offline' || (row.codec !== null && missing === null && !local),
    isDefault: row.id === chosen,
    modelsCount: MODEL_ROWS.filter((model) => model.provider === row.id).length,
    missing,
  };
}
