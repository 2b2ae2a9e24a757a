import type { Tx } from '@automatos/database';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { checkSettings } from '../coordination/create-coordinator.ts';
import { insertPattern } from './pattern-store.ts';
import type { PatternDefinition } from './pattern-tables.ts';

/** Patterns that come with the product. */
export const PATTERN_SEEDS: readonly (PatternDefinition & { slug: string })[] = [
  {
    slug: 'lead-and-specialists',
    kind: 'hierarchical',
    name: 'Lead and specialists',
    description:
      'Each unit goes to the agent that suits it best; failures go to the next one, and results that are not sure enough to a stronger teammate, then to a person.',
    settings: {},
  },
  {
    slug: 'fast-lane',
    kind: 'hierarchical',
    name: 'Fast lane',
    description:
      'Units are shared out widely and done at once. Nobody is asked: results that are not sure are marked as such. For work that is looked at afterwards anyway.',
    settings: {
      parallel_limit: 10,
      candidates_max: 2,
      confidence_threshold: 0.3,
      ask_person: false,
    },
  },
  {
    slug: 'careful-release',
    kind: 'hierarchical',
    name: 'Careful release',
    description:
      'For work with consequences: few units at once, a high threshold of confidence, and a person decides on everything that no check confirms.',
    settings: { parallel_limit: 2, confidence_threshold: 0.8, on_timeout: 'fail' },
  },
  {
    slug: 'review-panel',
    kind: 'collaborative',
    name: 'Review panel',
    description:
      'Three agents examine the same material independently; a finding counts when the majority of those who looked for it report it. What only some report is shown beside.',
    settings: { agents_per_unit: 3, debate_rounds: 0, resolution: 'majority' },
  },
  {
    slug: 'expert-debate',
    kind: 'collaborative',
    name: 'Expert debate',
    description:
      'All agents that can judge a question answer it, read each other and answer again, up to twice. Votes weigh as much as past success on like work.',
    settings: {
      agents_per_unit: 5,
      debate_rounds: 2,
      resolution: 'weighted',
      agreement_target: 0.8,
    },
  },
  {
    slug: 'second-opinion',
    kind: 'collaborative',
    name: 'Second opinion',
    description:
      'Two agents do the same; the stronger one decides where they differ, and every difference is reported.',
    settings: { agents_per_unit: 2, debate_rounds: 0, resolution: 'expert' },
  },
  {
    slug: 'draft-and-refine',
    kind: 'collaborative',
    name: 'Draft and refine',
    description:
      'Those who are not behind the leading result work on it again with it in view, round by round, until nearly all agree.',
    settings: {
      agents_per_unit: 3,
      debate_rounds: 3,
      resolution: 'iterative_refinement',
      agreement_target: 0.9,
    },
  },
  {
    slug: 'swarm-triage',
    kind: 'emergent',
    name: 'Swarm triage',
    description:
      'Many small needs, no plan: agents bid for what suits them, form groups for what none covers alone, and leave their field for what stays open.',
    settings: { load_max: 3, rounds_max: 12 },
  },
];

/** Adds the patterns that the workspace does not have yet and returns how many; what people changed stays as it is. */
export async function seedPatterns(
  tx: Tx,
  workspaceId: WorkspaceId,
  nowMs: number,
): Promise<number> {
  let added = 0;
  const at = new Date(nowMs);
  for (const { slug, ...definition } of PATTERN_SEEDS) {
    const row = {
      id: newId(nowMs),
      workspaceId,
      slug,
      version: 1,
      seeded: true,
      createdAt: at,
      updatedAt: at,
      ...definition,
      settings: checkSettings(definition.kind, definition.settings),
    };
    if (await insertPattern(tx, row, 'system')) added += 1;
  }
  return added;
}
