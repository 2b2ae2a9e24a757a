import { THREAT_CATEGORIES } from '@automatos/contracts';
import type { ThreatCategory, ThreatReason } from '@automatos/contracts';
import { excerptOf } from './excerpt.ts';
import { createLiteralIndex } from './literal-index.ts';
import { THREAT_RULES } from './rules/index.ts';
import type { ThreatRule } from './rules/rule.ts';
import type { FoundText } from './texts/collect-texts.ts';
import { viewsOf } from './texts/decode.ts';
import type { TextView } from './texts/decode.ts';
import { PROFILE_WEIGHTS } from './texts/field-policy.ts';

/** A reason, and whether it stood in something that agents read. */
export interface Finding extends ThreatReason {
  inText: boolean;
}

interface Reading {
  found: FoundText;
  view: TextView;
}

let literalIndex: ReturnType<typeof createLiteralIndex> | undefined;
/** Which rules have a literal in the text; the index of the rules is made at its first use. */
function findLiterals(text: string): Uint8Array {
  literalIndex ??= createLiteralIndex(THREAT_RULES.map(({ literals }) => literals));
  return literalIndex(text);
}

/** Points that each layer of hiding adds. */
const HIDING_POINTS = 4;
const POINTS_MAX = 97;

/**
 * What the patterns find in texts, at most one finding for each rule: the one with most points. The literals of all rules are
 * searched in all texts at once, so that a request without any costs no pattern at all.
 */
export function matchRules(
  texts: readonly FoundText[],
  disabled: ReadonlySet<ThreatCategory> = new Set(),
): Finding[] {
  const readings: Reading[] = [];
  for (const found of texts) for (const view of viewsOf(found.text)) readings.push({ found, view });
  if (readings.length === 0) return [];
  const everything = readings.map(({ view }) => view.lower).join('\n');
  const profiles = new Set(readings.map(({ found }) => found.profile));
  const isLookedFor = (category: ThreatCategory) =>
    !disabled.has(category) &&
    [...profiles].some((profile) => Object.hasOwn(PROFILE_WEIGHTS[profile], category));
  const categories = new Set(THREAT_CATEGORIES.filter(isLookedFor));
  const findings: Finding[] = [];
  const present = findLiterals(everything);
  for (const [index, rule] of THREAT_RULES.entries()) {
    if (present[index] === 0 || !categories.has(rule.category)) continue;
    const best = bestOf(rule, readings);
    if (best !== undefined) findings.push(best);
  }
  return findings;
}

function bestOf(rule: ThreatRule, readings: readonly Reading[]): Finding | undefined {
  let best: { points: number; reading: Reading; at: number; length: number } | undefined;
  for (const reading of readings) {
    const { found, view } = reading;
    if (!isLookedForAt(rule, found)) continue;
    const weight = PROFILE_WEIGHTS[found.profile][rule.category] ?? 0;
    const points = Math.min(
      POINTS_MAX,
      Math.round(rule.points * weight) + HIDING_POINTS * view.decoded.length,
    );
    if (weight === 0 || points <= (best?.points ?? 0)) continue;
    const match = rule.pattern.exec(view.lower);
    if (match !== null) best = { points, reading, at: match.index, length: match[0].length };
  }
  if (best === undefined) return undefined;
  const { found, view } = best.reading;
  return {
    category: rule.category,
    rule: rule.id,
    points: best.points,
    why: rule.why,
    where: found.where,
    excerpt: excerptOf(view, best.at, best.length),
    decoded: [...view.decoded],
    inText: found.place === 'text',
  };
}

/** Names of fields are looked at by those rules only that say so. */
function isLookedForAt({ places }: ThreatRule, { place }: FoundText): boolean {
  return places === undefined ? place !== 'key' : places.includes(place);
}
