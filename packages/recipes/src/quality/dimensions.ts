import type { OutputType } from '@automatos/contracts';

export const CONTENT_DIMENSIONS = [
  'completeness',
  'coherence',
  'accuracy',
  'professionalism',
  'clarity',
] as const;
export type ContentDimension = (typeof CONTENT_DIMENSIONS)[number];

export const OPERATIONAL_DIMENSIONS = [
  'completeness',
  'accuracy',
  'efficiency',
  'reliability',
  'cost',
] as const;
export type OperationalDimension = (typeof OPERATIONAL_DIMENSIONS)[number];

/** How much each dimension counts for a kind of result, in the order of {@link CONTENT_DIMENSIONS}; sums are 1. */
const WEIGHTS: Readonly<Record<OutputType, readonly number[]>> = {
  report: [0.25, 0.2, 0.25, 0.15, 0.15],
  code: [0.3, 0.15, 0.35, 0.1, 0.1],
  operations: [0.35, 0.15, 0.3, 0.1, 0.1],
  documentation: [0.2, 0.2, 0.2, 0.15, 0.25],
  analysis: [0.25, 0.2, 0.3, 0.1, 0.15],
};

/** Weight of one content dimension, 0–1. */
export function weightOf(outputType: OutputType, dimension: ContentDimension): number {
  return WEIGHTS[outputType][CONTENT_DIMENSIONS.indexOf(dimension)] ?? 0;
}

/** Weight of each operational dimension. */
export const OPERATIONAL_WEIGHT = 1 / OPERATIONAL_DIMENSIONS.length;

/** Scores are kept with four decimals, so that sums of weights such as 0.1 + 0.2 do not show. */
export function roundScore(score: number): number {
  return Math.round(Math.min(1, Math.max(0, score)) * 10_000) / 10_000;
}

export interface Scored {
  score: number | null;
  weight: number;
}

/** Weighted mean over what has a score; null when nothing has. */
export function weightedMean(parts: readonly Scored[]): number | null {
  let sum = 0;
  let weights = 0;
  for (const { score, weight } of parts) {
    if (score === null || weight <= 0) continue;
    sum += score * weight;
    weights += weight;
  }
  return weights === 0 ? null : roundScore(sum / weights);
}
