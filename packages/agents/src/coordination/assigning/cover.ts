import { bySlugAfter } from './match.ts';
import type { Match } from './match.ts';

/** A part of a unit: who does it and which of the unit's needs it is for. */
export interface Part {
  slug: string;
  needs: string[];
}

/**
 * Agents that together cover more of a unit than the first of them alone, each with the needs that it adds; at most `max`.
 * One part when nobody adds anything. `first` is who leads.
 */
export function coverTogether(
  first: Match,
  others: readonly Match[],
  { max }: { max: number },
): Part[] {
  const parts: Part[] = [{ slug: first.slug, needs: first.covered }];
  let missing = first.missing;
  while (missing.length > 0 && parts.length < max) {
    const adds = (match: Match) => match.covered.filter((need) => missing.includes(need));
    const [best] = others
      .filter((match) => parts.every((part) => part.slug !== match.slug) && adds(match).length > 0)
      .toSorted(bySlugAfter((match) => adds(match).length + match.trust / 2));
    if (best === undefined) break;
    const needs = adds(best);
    parts.push({ slug: best.slug, needs });
    missing = missing.filter((need) => !needs.includes(need));
  }
  return parts;
}
