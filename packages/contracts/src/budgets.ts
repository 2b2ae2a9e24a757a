import { z } from 'zod';
import { idSchema, slugSchema, timeSchema } from './common.ts';

/** Over what a budget sums: one call, one run, a UTC day, a UTC month, or for good. */
export const BUDGET_WINDOWS = ['call', 'run', 'day', 'month', 'total'] as const;
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** A price that stands in for an unknown one, in micro-dollars per million tokens: the most it could be. */
export const priceCeilingSchema = z.strictObject({
  input_micros: z.int().min(0).max(10_000_000_000),
  output_micros: z.int().min(0).max(10_000_000_000),
});

export const workspaceBudgetInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(120),
  window: z.enum(BUDGET_WINDOWS),
  /** Null: all calls of the workspace; a slug: the calls of that agent. */
  agent: slugSchema.nullable().default(null),
  limit_micros: z.int().min(1).max(1_000_000_000_000),
  /** Null: a call whose price is unknown is refused while this budget stands. */
  unknown_price_ceiling: priceCeilingSchema.nullable().default(null),
  enabled: z.boolean().default(true),
});
export type WorkspaceBudgetInput = z.infer<typeof workspaceBudgetInputSchema>;

export const workspaceBudgetSchema = z.object({
  id: idSchema,
  ...workspaceBudgetInputSchema.shape,
  version: z.int(),
  /** Of the window that is open now; of the run or call that used most with the windows `run` and `call`. */
  spent_micros: z.int(),
  /** Set aside for calls under way. */
  reserved_micros: z.int(),
  /** Calls refused by it in the window that is open now. */
  refused: z.int(),
  window_started_at: timeSchema.nullable(),
  resets_at: timeSchema.nullable(),
  created_at: timeSchema,
  updated_at: timeSchema,
});
export type WorkspaceBudget = z.infer<typeof workspaceBudgetSchema>;
