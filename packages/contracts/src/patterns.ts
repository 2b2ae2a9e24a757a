import { z } from 'zod';
import { modelRefSchema } from './router-settings.ts';

export const PATTERN_KINDS = ['hierarchical', 'collaborative', 'emergent'] as const;
export const patternKindSchema = z.enum(PATTERN_KINDS);
export type PatternKind = z.infer<typeof patternKindSchema>;

const ratio = z.number().min(0).max(1);

/** What all units together may take at most; it is split among them by their complexity. Null: only the agents' own limits count. */
const coordinationBudgetSchema = z.strictObject({
  tokens: z.int().min(1).max(1_000_000_000).nullable().default(null),
  cost_micros: z.int().min(1).nullable().default(null),
});
export type CoordinationBudget = z.infer<typeof coordinationBudgetSchema>;

const common = {
  /** Turns of agents at once. */
  parallel_limit: z.int().min(1).max(20).default(4),
  budget: coordinationBudgetSchema.prefault({}),
};

export const hierarchicalSettingsSchema = z.strictObject({
  ...common,
  /** Agents that a failed unit is given to, the first one included. */
  candidates_max: z.int().min(1).max(10).default(3),
  /** A unit that no agent covers alone is split among at most so many. */
  parts_max: z.int().min(1).max(5).default(3),
  /** A result whose computed confidence is below goes to somebody stronger. */
  confidence_threshold: ratio.default(0.5),
  /** Asked first when a result is not sure enough; null: go to a stronger teammate at once. */
  stronger_model: modelRefSchema.nullable().default(null),
  /** Whether a person decides when no teammate is stronger. */
  ask_person: z.boolean().default(true),
  person_timeout_ms: z.int().min(1_000).max(2_592_000_000).default(86_400_000),
  /** What becomes of the result when nobody decided in time. */
  on_timeout: z.enum(['accept', 'fail']).default('fail'),
});
export type HierarchicalSettings = z.output<typeof hierarchicalSettingsSchema>;

export const RESOLUTIONS = ['majority', 'weighted', 'expert', 'iterative_refinement'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export const collaborativeSettingsSchema = z.strictObject({
  ...common,
  /** Agents that work on each unit, the best matching ones; null: all who match. */
  agents_per_unit: z.int().min(1).max(12).nullable().default(3),
  /** How often agents look at each other's results and work again while they agree less than `agreement_target`. */
  debate_rounds: z.int().min(0).max(5).default(1),
  agreement_target: ratio.default(0.75),
  resolution: z.enum(RESOLUTIONS).default('weighted'),
});
export type CollaborativeSettings = z.output<typeof collaborativeSettingsSchema>;

export const emergentSettingsSchema = z.strictObject({
  ...common,
  rounds_max: z.int().min(1).max(50).default(10),
  /** Needs that attract less are left; when none attracts more, the work ends. */
  attraction_threshold: ratio.default(0.2),
  /** What each round that a need waits adds to its attraction. */
  attraction_per_round: ratio.default(0.15),
  /** Awards of one agent in a round. */
  load_max: z.int().min(1).max(10).default(2),
  group_size_max: z.int().min(1).max(5).default(3),
  /** Rounds after which agents also take needs outside of their capabilities. */
  role_switch_after: z.int().min(0).max(50).default(1),
  /** Awards of one unit, the first one included. */
  attempts_max: z.int().min(1).max(10).default(2),
  /** What a bid is valued by. */
  weights: z
    .strictObject({
      quality: ratio.default(0.6),
      cost: ratio.default(0.2),
      load: ratio.default(0.2),
    })
    .prefault({}),
});
export type EmergentSettings = z.output<typeof emergentSettingsSchema>;

/** Settings of each kind of pattern. */
export const PATTERN_SETTINGS = {
  hierarchical: hierarchicalSettingsSchema,
  collaborative: collaborativeSettingsSchema,
  emergent: emergentSettingsSchema,
} as const;
