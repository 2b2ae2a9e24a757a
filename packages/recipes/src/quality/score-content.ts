import { accuracyChecks } from './accuracy-checks.ts';
import { coherenceChecks } from './coherence-checks.ts';
import { completenessChecks } from './completeness-checks.ts';
import { CONTENT_DIMENSIONS, roundScore, weightOf } from './dimensions.ts';
import type { ContentDimension } from './dimensions.ts';
import type { JudgeScores } from './judge.ts';
import { clarityChecks, professionalismChecks } from './style-checks.ts';
import type { Check, Subject } from './subject-types.ts';
import type { Dimension } from './report.ts';

/** All checks of one result. */
export function checksOf(subject: Subject): Check[] {
  return [
    ...completenessChecks(subject),
    ...coherenceChecks(subject),
    ...accuracyChecks(subject),
    ...professionalismChecks(subject),
    ...clarityChecks(subject),
    ...unreadCheck(subject),
  ];
}

function unreadCheck({ parts }: Subject): Check[] {
  if (parts.unread === 0) return [];
  const detail = `The last ${parts.unread} of ${parts.characters} characters were not read.`;
  return [{ dimension: 'completeness', check: 'read', score: null, detail }];
}

/**
 * The five content dimensions. Within a dimension each check takes away up to its impact, so that one more good check
 * never makes up for a bad one, and a check that had nothing to measure changes nothing. A judge counts half.
 */
export function contentDimensions(
  outputType: Subject['outputType'],
  checks: readonly Check[],
  judged: JudgeScores | null,
): Dimension[] {
  return CONTENT_DIMENSIONS.map((name) => {
    const own = checks.filter(({ dimension }) => dimension === name);
    const opinion = judged?.[name] ?? null;
    const evidence = own.map(({ check, score, detail }) => ({
      check,
      score: score === null ? null : roundScore(score),
      detail,
    }));
    if (opinion !== null) {
      evidence.push({ check: 'judge', score: opinion.score, detail: opinion.reason });
    }
    const score = joined(measuredScore(own, outputType), opinion?.score ?? null);
    return { name, score, weight: weightOf(outputType, name), evidence };
  });
}

/** Share of its dimension that is lost when a check has nothing good to say; 1 where it is not named. */
const IMPACTS: Readonly<Record<string, number>> = {
  length: 0.5,
  ending: 0.5,
  headings: 0.5,
  grounded: 0.6,
  failures_named: 0.5,
  code_parses: 0.5,
  tables: 0.5,
  markup: 0.6,
  one_language: 0.7,
  reading_ease: 0.6,
  paragraph_length: 0.5,
  structure: 0.6,
  code_lines: 0.6,
};

function impactOf({ check }: Check, outputType: Subject['outputType']): number {
  if (outputType === 'code' && check === 'code_parses') return 1;
  return IMPACTS[check] ?? 1;
}

function measuredScore(checks: readonly Check[], outputType: Subject['outputType']): number | null {
  const counted = checks.filter(({ score }) => score !== null);
  if (counted.length === 0) return null;
  return counted.reduce(
    (left, check) => left * (1 - impactOf(check, outputType) * (1 - (check.score ?? 1))),
    1,
  );
}

function joined(measured: number | null, judged: number | null): number | null {
  if (measured === null) return judged;
  return roundScore(judged === null ? measured : (measured + judged) / 2);
}

/** Several results as one: each dimension is the mean over those that have it, by the size of the result. */
export function mergeDimensions(
  parts: readonly { name: string; characters: number; dimensions: readonly Dimension[] }[],
  outputType: Subject['outputType'],
): Dimension[] {
  return CONTENT_DIMENSIONS.map((name) => mergeOne(parts, { name, outputType }));
}

function mergeOne(
  parts: readonly { name: string; characters: number; dimensions: readonly Dimension[] }[],
  { name, outputType }: { name: ContentDimension; outputType: Subject['outputType'] },
): Dimension {
  let sum = 0;
  let weights = 0;
  const evidence: Dimension['evidence'] = [];
  for (const part of parts) {
    const dimension = part.dimensions.find((candidate) => candidate.name === name);
    if (dimension === undefined) continue;
    const label = parts.length > 1 && part.name !== '' ? `${part.name}: ` : '';
    evidence.push(
      ...dimension.evidence.map((item) => ({ ...item, detail: `${label}${item.detail}` })),
    );
    if (dimension.score === null) continue;
    // An empty result weighs something, too.
    const weight = Math.sqrt(Math.max(100, part.characters));
    sum += dimension.score * weight;
    weights += weight;
  }
  const score = weights === 0 ? null : roundScore(sum / weights);
  return { name, score, weight: weightOf(outputType, name), evidence };
}
