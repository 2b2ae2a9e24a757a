import { routerSettingsSchema } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { createShippedPriceBook } from '../usage/price-view.ts';
import type { ConfigurationFacts } from './facts.ts';
import { findIneffective } from './find-ineffective.ts';

const book = createShippedPriceBook();
const WS = 'w' as WorkspaceId;
const MINI = { provider: 'openai', model: 'gpt-5.4-mini' };
const UNPRICED = { provider: 'openai', model: 'gpt-4.1' };
const HAIKU = { provider: 'anthropic', model: 'claude-haiku-4-5' };
const EMBEDDING = { provider: 'openai', model: 'text-embedding-3-small' };

type Settings = Record<string, unknown>;
interface Change extends Partial<Omit<ConfigurationFacts, 'settings'>> {
  router?: Settings;
}

/** A workspace with OpenAI and nothing set that has no effect. */
function facts({ router = {}, ...change }: Change = {}): ConfigurationFacts {
  return {
    settings: routerSettingsSchema.parse(router),
    namedDefault: null,
    defaultModel: MINI,
    providers: [
      { id: 'openai', name: 'OpenAI', configured: true, variable: 'OPENAI_API_KEY' },
      { id: 'anthropic', name: 'Anthropic', configured: false, variable: 'ANTHROPIC_API_KEY' },
      { id: 'google', name: 'Google AI', configured: true, variable: 'GEMINI_API_KEY' },
      { id: 'offline', name: 'Offline', configured: true, variable: null },
    ],
    agents: [{ slug: 'writer', model: null, fallbacks: [] }],
    budgets: [],
    processes: 1,
    hasRedis: false,
    today: '2026-11-21',
    resolve: (ref, kind) => book.resolve(WS, ref, kind),
    priceOf: (ref) => book.priceOf(WS, ref),
    ...change,
  };
}
const configured = facts().providers.map((each) => ({ ...each, configured: true }));
const budget = { id: 'b1', name: 'Day', enabled: true, agent: null, hasCeiling: false };
const withAgent = (model: typeof MINI | null, fallbacks: (typeof MINI)[] = []) => ({
  agents: [{ slug: 'writer', model, fallbacks }],
});
const semantic = (embedding: typeof MINI) => ({ similarity: 0.97, embedding });

it('has nothing to say of a workspace whose settings all count', () => {
  expect(findIneffective(facts())).toEqual([]);
});

/** `[code, where, what is set, what remedies it]`. */
const CASES: [string, string, Change, Change][] = [
  [
    'chain_entry_not_configured',
    'router.chain[0]',
    { router: { chain: [HAIKU] } },
    { router: { chain: [HAIKU] }, providers: configured },
  ],
  [
    'chain_entry_unknown',
    'router.chain[0]',
    { router: { chain: [{ provider: 'openai', model: 'gpt-0' }] } },
    { router: { chain: [MINI] } },
  ],
  [
    'chain_entry_retired',
    'router.chain[0]',
    {
      router: { chain: [MINI] },
      resolve: (ref) => {
        const { provider, model } = book.resolve(WS, ref);
        return { provider, model: { ...model, retiredOn: '2026-11-21' } };
      },
    },
    {
      router: { chain: [MINI] },
      resolve: (ref) => {
        const { provider, model } = book.resolve(WS, ref);
        return { provider, model: { ...model, retiredOn: '2026-11-22' } };
      },
    },
  ],
  [
    'chain_entry_repeated',
    'router.chain[1]',
    { router: { chain: [MINI, MINI] } },
    { router: { chain: [MINI] } },
  ],
  [
    'chain_entry_offline_ignored',
    'router.chain[0]',
    { router: { chain: [{ provider: 'offline', model: 'offline-1' }] } },
    { router: { chain: [{ provider: 'offline', model: 'offline-1' }], allow_offline: true } },
  ],
  [
    'weights_without_weighted',
    'router.strategy',
    { router: { chain: [{ ...MINI, weight: 3 }] } },
    { router: { chain: [{ ...MINI, weight: 3 }], strategy: 'weighted' } },
  ],
  [
    'strategy_without_choice',
    'router.strategy',
    { router: { strategy: 'least_cost' } },
    { router: { strategy: 'least_cost' }, ...withAgent(null, [MINI]) },
  ],
  ['cache_not_shared', 'router.cache', { processes: 2 }, { processes: 2, hasRedis: true }],
  ['cache_not_shared', 'router.cache', { processes: 2 }, { processes: 1 }],
  [
    'semantic_cache_off',
    'router.cache.semantic',
    { router: { cache: { mode: 'off', semantic: semantic(EMBEDDING) } } },
    { router: { cache: { semantic: semantic(EMBEDDING) } } },
  ],
  [
    'semantic_cache_without_embedder',
    'router.cache.semantic.embedding',
    { router: { cache: { semantic: semantic(MINI) } } },
    { router: { cache: { semantic: semantic(EMBEDDING) } } },
  ],
  [
    'limit_without_provider',
    'router.limits[0]',
    { router: { limits: [{ provider: 'anthropic', concurrency: 1 }] } },
    { router: { limits: [{ provider: 'anthropic', concurrency: 1 }] }, providers: configured },
  ],
  [
    'limit_without_provider',
    'router.limits[0]',
    { router: { limits: [{ provider: 'nobody', concurrency: 1 }] } },
    { router: { limits: [{ provider: 'openai', concurrency: 1 }] } },
  ],
  [
    'limit_empty',
    'router.limits[0]',
    { router: { limits: [{ provider: 'openai' }] } },
    { router: { limits: [{ provider: 'openai', requests_per_minute: 5 }] } },
  ],
  [
    'cooldown_max_below_cooldown',
    'router.breaker.cooldown_max_ms',
    { router: { breaker: { cooldown_ms: 1000, cooldown_max_ms: 500 } } },
    { router: { breaker: { cooldown_ms: 1000, cooldown_max_ms: 1000 } } },
  ],
  [
    'timeout_above_total',
    'router.timeouts.first_token_ms',
    { router: { timeouts: { first_token_ms: 400_000 } } },
    { router: { timeouts: { first_token_ms: 400_000, total_ms: 400_000 } } },
  ],
  [
    'offline_allowed_without_vendor',
    'router.allow_offline',
    {
      router: { allow_offline: true },
      providers: [{ id: 'offline', name: 'Offline', configured: true, variable: null }],
    },
    { router: { allow_offline: true } },
  ],
  [
    'default_model_not_configured',
    'LLM_DEFAULT_PROVIDER',
    { namedDefault: HAIKU },
    { namedDefault: HAIKU, providers: configured },
  ],
  [
    'default_model_unknown',
    'LLM_DEFAULT_PROVIDER',
    { namedDefault: { provider: 'openai', model: 'gpt-0' } },
    { namedDefault: MINI },
  ],
  [
    'agent_model_not_configured',
    'agent:writer.model',
    withAgent(HAIKU),
    { ...withAgent(HAIKU), providers: configured },
  ],
  [
    'agent_model_unknown',
    'agent:writer.model',
    withAgent({ provider: 'openai', model: 'gpt-0' }),
    withAgent(MINI),
  ],
  [
    'agent_fallback_not_configured',
    'agent:writer.model.fallbacks[0]',
    withAgent(MINI, [HAIKU]),
    { ...withAgent(MINI, [HAIKU]), providers: configured },
  ],
  [
    'budget_without_prices',
    'budget:b1',
    { budgets: [budget], defaultModel: UNPRICED },
    { budgets: [budget] },
  ],
  [
    'budget_without_prices',
    'budget:b1',
    { budgets: [budget], router: { chain: [UNPRICED] } },
    { budgets: [{ ...budget, hasCeiling: true }], router: { chain: [UNPRICED] } },
  ],
  [
    'budget_without_prices',
    'budget:b1',
    { budgets: [budget], ...withAgent(UNPRICED) },
    { budgets: [{ ...budget, enabled: false }], ...withAgent(UNPRICED) },
  ],
  [
    'budget_without_agent',
    'budget:b1',
    { budgets: [{ ...budget, agent: 'ghost' }] },
    { budgets: [{ ...budget, agent: 'writer' }] },
  ],
];

describe.each(CASES)('%s at %s', (code, ...[setting, wrong, right]) => {
  it('is found, with a remedy', () => {
    const found = findIneffective(facts(wrong)).filter((each) => each.code === code);
    expect(found).toMatchObject([{ code, setting }]);
    expect(found[0]?.message.length).toBeGreaterThan(20);
    expect(found[0]?.remedy.length).toBeGreaterThan(5);
  });

  it('is gone once remedied', () => {
    expect(findIneffective(facts(right)).map((each) => each.code)).not.toContain(code);
  });
});

describe('a budget without prices', () => {
  it('counts only models that calls under it can reach', () => {
    const other = { ...budget, agent: 'writer' };
    const agents = [
      { slug: 'writer', model: MINI, fallbacks: [] },
      { slug: 'other', model: UNPRICED, fallbacks: [] },
    ];
    expect(findIneffective(facts({ budgets: [other], agents }))).toEqual([]);
    const unreachable = { provider: 'anthropic', model: 'claude-unknown' };
    expect(
      findIneffective(facts({ budgets: [budget], router: { chain: [unreachable] } })).map(
        (each) => each.code,
      ),
    ).toEqual(['chain_entry_unknown']);
  });
});

it('puts errors first', () => {
  const severities = findIneffective(
    facts({ router: { chain: [HAIKU, HAIKU, { provider: 'x', model: 'y' }] } }),
  ).map((each) => each.severity);
  expect(severities).toEqual(['error', 'warning', 'info']);
});
