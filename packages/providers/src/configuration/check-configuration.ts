import type { Clock, WorkspaceId } from '@automatos/kernel';
import type { ProviderView, Providers } from '../calls/create-providers.ts';
import type { ModelRef } from '../catalogue/catalogue-types.ts';
import type { PriceBook } from '../usage/price-book.ts';
import type { AgentFact, BudgetFact, Finding, ProviderFact } from './facts.ts';
import { findIneffective } from './find-ineffective.ts';

export interface CheckConfigurationDeps {
  providers: Pick<Providers, 'list' | 'defaultRef'> & {
    router: Pick<Providers['router'], 'settingsOf'>;
  };
  prices: PriceBook;
  /** Named by the operator. */
  namedDefault: ModelRef | null;
  agents: (workspaceId: WorkspaceId) => Promise<AgentFact[]>;
  budgets: (workspaceId: WorkspaceId) => Promise<BudgetFact[]>;
  /** Living processes that make calls. */
  processes: () => Promise<number>;
  hasRedis: boolean;
  clock: Clock;
}

/** Creates what says which settings of a workspace have no effect, as of now. */
export function createConfigurationCheck(
  deps: CheckConfigurationDeps,
): (workspaceId: WorkspaceId) => Promise<Finding[]> {
  const { providers, prices } = deps;
  return async (workspaceId) => {
    const [{ settings }, listed, agents, budgets, processes] = await Promise.all([
      providers.router.settingsOf(workspaceId),
      providers.list(workspaceId),
      deps.agents(workspaceId),
      deps.budgets(workspaceId),
      deps.processes(),
    ]);
    const needsPrices = budgets.some((budget) => budget.enabled && !budget.hasCeiling);
    return findIneffective({
      settings,
      namedDefault: deps.namedDefault,
      // It may ask a local server for its models: only where a budget hangs on it. One that is down is no matter of configuration.
      defaultModel: needsPrices ? await providers.defaultRef(workspaceId).catch(() => null) : null,
      providers: listed.map(factOf),
      agents,
      budgets,
      processes,
      hasRedis: deps.hasRedis,
      today: new Date(deps.clock.now()).toISOString().slice(0, 10),
      resolve: (ref, kind) => prices.resolve(workspaceId, ref, kind),
      priceOf: (ref) => prices.priceOf(workspaceId, ref),
    });
  };
}

function factOf({ id, name, configured, missing, env }: ProviderView): ProviderFact {
  const names = missing === 'base_url' ? env.baseUrl : [...env.apiKey, ...env.baseUrl];
  return { id, name, configured, variable: names[0] ?? null };
}
