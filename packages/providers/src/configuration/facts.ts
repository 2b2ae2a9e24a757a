import type { ConfigurationFinding, RouterSettings } from '@automatos/contracts';
import type { ModelKind, ModelRef, ResolvedModel } from '../catalogue/catalogue-types.ts';
import type { PriceInUse } from '../usage/price-book.ts';

/** A provider as far as findings need it. */
export interface ProviderFact {
  id: string;
  name: string;
  /** Can be called as things stand. */
  configured: boolean;
  /** Environment variable that would configure it; null = none does. */
  variable: string | null;
}

export interface AgentFact {
  slug: string;
  /** Null = the default model. */
  model: ModelRef | null;
  fallbacks: readonly ModelRef[];
}

export interface BudgetFact {
  id: string;
  name: string;
  enabled: boolean;
  /** Slug; null = all calls. */
  agent: string | null;
  /** A ceiling stands in for unknown prices. */
  hasCeiling: boolean;
}

/** Everything that is set in a workspace, and what of it can be called. */
export interface ConfigurationFacts {
  settings: RouterSettings;
  /** Named by the operator for agents without a model; null = none was named. */
  namedDefault: ModelRef | null;
  /** Used for agents without a model; null = there is none. */
  defaultModel: ModelRef | null;
  providers: readonly ProviderFact[];
  agents: readonly AgentFact[];
  budgets: readonly BudgetFact[];
  /** Processes that make calls. */
  processes: number;
  hasRedis: boolean;
  /** Day as YYYY-MM-DD. */
  today: string;
  /** Throws for what the catalogue does not know. */
  resolve(ref: ModelRef, kind: ModelKind): ResolvedModel;
  priceOf(ref: ModelRef): PriceInUse;
}

export type Finding = ConfigurationFinding;

export function nameOf({ provider, model }: ModelRef): string {
  return `${provider}/${model}`;
}

/** Why a model cannot be called, or null. */
export function obstacle(
  facts: ConfigurationFacts,
  ref: ModelRef,
  kind: ModelKind = 'chat',
): { reason: 'unknown' | 'not_configured' | 'retired'; message: string; remedy: string } | null {
  let resolved: ResolvedModel;
  try {
    resolved = facts.resolve(ref, kind);
  } catch (error) {
    return {
      reason: 'unknown',
      message: `${nameOf(ref)} cannot be called: ${(error as Error).message}`,
      remedy: 'Name a model of the catalogue, or load a newer price package.',
    };
  }
  const { retiredOn } = resolved.model;
  if (retiredOn !== null && retiredOn <= facts.today)
    return {
      reason: 'retired',
      message: `${nameOf(ref)} was switched off by its vendor on ${retiredOn}.`,
      remedy: 'Name a model that is still offered.',
    };
  const provider = facts.providers.find((each) => each.id === resolved.provider.id);
  if (provider === undefined || provider.configured) return null;
  return {
    reason: 'not_configured',
    message: `${nameOf(ref)} is never called: ${provider.name} has no credential here.`,
    remedy: configureHint(provider),
  };
}

export function configureHint({ name, variable }: ProviderFact): string {
  return variable === null
    ? `Configure ${name}, or remove the entry.`
    : `Store its credential, or set ${variable} and restart, or remove the entry.`;
}
