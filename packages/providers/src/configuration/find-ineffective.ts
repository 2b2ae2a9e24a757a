import type { ModelRef } from '../catalogue/catalogue-types.ts';
import { configureHint, nameOf, obstacle } from './facts.ts';
import type { BudgetFact, ConfigurationFacts, Finding } from './facts.ts';

type Rule = (facts: ConfigurationFacts) => Finding[];

/** Settings without the effect they seem to have, errors first. */
export function findIneffective(facts: ConfigurationFacts): Finding[] {
  const weight = { error: 0, warning: 1, info: 2 };
  return RULES.flatMap((rule) => rule(facts)).toSorted(
    (a, b) => weight[a.severity] - weight[b.severity],
  );
}

const chainEntries: Rule = (facts) => {
  const { chain, allow_offline: allowsOffline } = facts.settings;
  const seen = new Set<string>();
  return chain.flatMap((entry, index): Finding[] => {
    const setting = `router.chain[${index}]`;
    const name = nameOf(entry);
    if (seen.has(name))
      return [
        {
          code: 'chain_entry_repeated',
          severity: 'info',
          setting,
          message: `${name} stands in the chain before; the second place is never reached.`,
          remedy: 'Remove one of the two.',
        },
      ];
    seen.add(name);
    if (entry.provider === 'offline' && !allowsOffline)
      return [
        {
          code: 'chain_entry_offline_ignored',
          severity: 'warning',
          setting,
          message:
            'The offline provider stands in the chain, but calls may not end there: the entry is passed over.',
          remedy: 'Allow the offline provider (allow_offline), or remove the entry.',
        },
      ];
    const found = obstacle(facts, entry);
    if (found === null) return [];
    const { reason, ...words } = found;
    return [
      {
        code: `chain_entry_${reason}`,
        severity: reason === 'unknown' ? 'error' : 'warning',
        setting,
        ...words,
      },
    ];
  });
};

const strategy: Rule = ({ settings, agents }) => {
  const { strategy: chosen, chain } = settings;
  const findings: Finding[] = [];
  if (chosen !== 'weighted' && chain.some((entry) => entry.weight !== 1))
    findings.push({
      code: 'weights_without_weighted',
      severity: 'warning',
      setting: 'router.strategy',
      message: `Weights are set in the chain, but the strategy "${chosen}" does not look at them.`,
      remedy: 'Choose the strategy "weighted", or set all weights to 1.',
    });
  const hasChoice = chain.length > 0 || agents.some((agent) => agent.fallbacks.length > 0);
  if (chosen !== 'priority' && !hasChoice)
    findings.push({
      code: 'strategy_without_choice',
      severity: 'info',
      setting: 'router.strategy',
      message: `The strategy "${chosen}" has nothing to choose from: there is neither a chain nor an agent with fallbacks.`,
      remedy: 'Add models to the chain.',
    });
  return findings;
};

const cache: Rule = (facts) => {
  const { cache: set } = facts.settings;
  const findings: Finding[] = [];
  if (set.mode !== 'off' && facts.processes > 1 && !facts.hasRedis)
    findings.push({
      code: 'cache_not_shared',
      severity: 'warning',
      setting: 'router.cache',
      message: `${facts.processes} processes make calls and each keeps answers for itself: the same prompt is paid for in each of them.`,
      remedy: 'Set REDIS_URL in every process.',
    });
  if (set.semantic === null) return findings;
  if (set.mode === 'off')
    findings.push({
      code: 'semantic_cache_off',
      severity: 'warning',
      setting: 'router.cache.semantic',
      message: 'A semantic cache is set, but the cache is switched off.',
      remedy: 'Set the cache to "deterministic" or "always", or remove the semantic cache.',
    });
  const found = obstacle(facts, set.semantic.embedding, 'embedding');
  if (found !== null)
    findings.push({
      code: 'semantic_cache_without_embedder',
      severity: 'error',
      setting: 'router.cache.semantic.embedding',
      message: `The semantic cache finds nothing: ${found.message}`,
      remedy: found.remedy,
    });
  return findings;
};

const limits: Rule = (facts) =>
  facts.settings.limits.flatMap((limit, index): Finding[] => {
    const setting = `router.limits[${index}]`;
    if (
      limit.requests_per_minute === null &&
      limit.tokens_per_minute === null &&
      limit.concurrency === null
    )
      return [
        {
          code: 'limit_empty',
          severity: 'info',
          setting,
          message: `The limit of ${limit.provider} bounds nothing: all its figures are empty.`,
          remedy: 'Give a figure, or remove the limit.',
        },
      ];
    const provider = facts.providers.find((each) => each.id === limit.provider);
    if (provider?.configured === true) return [];
    return [
      {
        code: 'limit_without_provider',
        severity: 'warning',
        setting,
        message: `A limit is set for ${limit.provider}, which is never called here.`,
        remedy:
          provider === undefined
            ? 'Name a provider of the catalogue, or remove the limit.'
            : configureHint(provider),
      },
    ];
  });

const bounds: Rule = ({ settings: { breaker, timeouts } }) => {
  const findings: Finding[] = [];
  if (breaker.cooldown_max_ms < breaker.cooldown_ms)
    findings.push({
      code: 'cooldown_max_below_cooldown',
      severity: 'warning',
      setting: 'router.breaker.cooldown_max_ms',
      message: `The longest cool-down (${breaker.cooldown_max_ms} ms) is shorter than the first one (${breaker.cooldown_ms} ms).`,
      remedy: 'Raise cooldown_max_ms to cooldown_ms at least.',
    });
  for (const name of ['connect_ms', 'first_token_ms', 'between_tokens_ms'] as const)
    if (timeouts[name] > timeouts.total_ms)
      findings.push({
        code: 'timeout_above_total',
        severity: 'info',
        setting: `router.timeouts.${name}`,
        message: `${name} (${timeouts[name]} ms) is longer than the whole call may take (${timeouts.total_ms} ms).`,
        remedy: 'Lower it, or raise total_ms.',
      });
  return findings;
};

const offline: Rule = ({ settings, providers }) => {
  const hasVendor = providers.some((each) => each.configured && each.id !== 'offline');
  if (!settings.allow_offline || hasVendor) return [];
  return [
    {
      code: 'offline_allowed_without_vendor',
      severity: 'info',
      setting: 'router.allow_offline',
      message:
        'Calls may end at the offline provider, but no vendor is configured: it answers all of them anyway.',
      remedy: 'Configure a vendor.',
    },
  ];
};

const defaults: Rule = (facts) => {
  if (facts.namedDefault === null) return [];
  const found = obstacle(facts, facts.namedDefault);
  return found === null
    ? []
    : [
        {
          code: `default_model_${found.reason}`,
          severity: 'error',
          setting: 'LLM_DEFAULT_PROVIDER',
          message: `Agents without a model of their own cannot be answered: ${found.message}`,
          remedy: found.remedy,
        },
      ];
};

const agentModels: Rule = (facts) =>
  facts.agents.flatMap(({ slug, model, fallbacks }) => {
    const places: { ref: ModelRef; setting: string; isModel: boolean }[] = [
      ...(model === null ? [] : [{ ref: model, setting: `agent:${slug}.model`, isModel: true }]),
      ...fallbacks.map((ref, index) => ({
        ref,
        setting: `agent:${slug}.model.fallbacks[${index}]`,
        isModel: false,
      })),
    ];
    return places.flatMap(({ ref, setting, isModel }): Finding[] => {
      const found = obstacle(facts, ref);
      if (found === null) return [];
      const code = `${isModel ? 'agent_model' : 'agent_fallback'}_${found.reason}`;
      const severity = isModel && found.reason === 'unknown' ? 'error' : 'warning';
      return [{ code, severity, setting, message: found.message, remedy: found.remedy }];
    });
  });

const budgets: Rule = (facts) =>
  facts.budgets
    .filter((budget) => budget.enabled)
    .flatMap((budget): Finding[] => {
      const setting = `budget:${budget.id}`;
      if (budget.agent !== null && !facts.agents.some((agent) => agent.slug === budget.agent))
        return [
          {
            code: 'budget_without_agent',
            severity: 'warning',
            setting,
            message: `The budget "${budget.name}" is for the agent "${budget.agent}", which does not exist.`,
            remedy: 'Choose an agent, or remove the budget.',
          },
        ];
      const unpriced = budget.hasCeiling ? [] : callable(facts, budget).filter(isUnpriced(facts));
      if (unpriced.length === 0) return [];
      const names = [...new Set(unpriced.map(nameOf))].join(', ');
      return [
        {
          code: 'budget_without_prices',
          severity: 'error',
          setting,
          message: `The budget "${budget.name}" refuses calls of ${names}: their price is unknown, so nobody can tell whether they stay within it.`,
          remedy: 'Set their prices, or give the budget a ceiling for unknown prices.',
        },
      ];
    });

/** Models that calls under the budget may reach. */
function callable(facts: ConfigurationFacts, { agent }: BudgetFact): ModelRef[] {
  const covered = facts.agents.filter((each) => agent === null || each.slug === agent);
  const usesDefault = agent === null || covered.some((each) => each.model === null);
  const refs = [
    ...(usesDefault && facts.defaultModel !== null ? [facts.defaultModel] : []),
    ...covered.flatMap((each) => [...(each.model === null ? [] : [each.model]), ...each.fallbacks]),
    ...facts.settings.chain,
  ];
  return refs.filter((ref) => obstacle(facts, ref) === null);
}

function isUnpriced(facts: ConfigurationFacts) {
  return (ref: ModelRef) => {
    const { price } = facts.priceOf(ref);
    return price.inputMicros === null || price.outputMicros === null;
  };
}

const RULES: readonly Rule[] = [
  defaults,
  agentModels,
  chainEntries,
  strategy,
  cache,
  limits,
  bounds,
  offline,
  budgets,
];
