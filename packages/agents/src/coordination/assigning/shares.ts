import type { Agent, CoordinationBudget } from '@automatos/contracts';
import type { WorkUnit } from '../coordination-types.ts';

/** What a unit may take at most; null: no bound but the agent's own. */
export interface Share {
  tokens: number | null;
  costMicros: number | null;
}

/** Even a simple unit needs something to work with: weights lie between this and 1. */
const WEIGHT_MIN = 0.2;

const weightOf = ({ complexity }: Pick<WorkUnit, 'complexity'>): number =>
  WEIGHT_MIN + (1 - WEIGHT_MIN) * Math.min(1, Math.max(0, complexity));

/** Splits a budget by complexity. The shares together are never more than the budget. */
export function sharesOf(
  units: readonly Pick<WorkUnit, 'id' | 'complexity'>[],
  budget: CoordinationBudget,
): Map<string, Share> {
  const whole = units.reduce((sum, unit) => sum + weightOf(unit), 0);
  const part = (amount: number | null, unit: Pick<WorkUnit, 'complexity'>) =>
    amount === null ? null : Math.floor((amount * weightOf(unit)) / whole);
  return new Map(
    units.map((unit) => [
      unit.id,
      { tokens: part(budget.tokens, unit), costMicros: part(budget.cost_micros, unit) },
    ]),
  );
}

export const isSpent = ({ tokens, costMicros }: Share): boolean => tokens === 0 || costMicros === 0;

/** The agent with limits no wider than the share. */
export function withinShare(agent: Agent, { tokens, costMicros }: Share): Agent {
  const { limits } = agent;
  const cost = [limits.max_cost_micros, costMicros].filter((bound) => bound !== null);
  return {
    ...agent,
    limits: {
      ...limits,
      max_total_tokens: Math.min(limits.max_total_tokens, tokens ?? limits.max_total_tokens),
      max_cost_micros: cost.length === 0 ? null : Math.min(...cost),
    },
  };
}

/** What is left of a share. */
export function afterUse(
  share: Share,
  used: { input_tokens: number; output_tokens: number; cost_micros: number | null },
): Share {
  const left = (bound: number | null, amount: number) =>
    bound === null ? null : Math.max(0, bound - amount);
  return {
    tokens: left(share.tokens, used.input_tokens + used.output_tokens),
    costMicros: left(share.costMicros, used.cost_micros ?? 0),
  };
}

/** A part of a share for each of `count` turns side by side. */
export function splitShare(share: Share, count: number): Share {
  const part = (bound: number | null) => (bound === null ? null : Math.floor(bound / count));
  return { tokens: part(share.tokens), costMicros: part(share.costMicros) };
}
