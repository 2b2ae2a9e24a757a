import type { Agent } from '@automatos/contracts';
import { FIELD_OF } from '../decomposition/vocabulary.ts';

/** How well an agent suits a piece of work by what it says of itself. */
export interface Fit {
  /** 0–1. */
  score: number;
  reason: string;
}

const SAME_FIELD = 0.7;
const WORDS_MOST = 0.5;
/** Words that stand in every description. */
const COMMON = new Set(
  'the a an and or of in on to for with by from at as is are be it this that what which its agent agents find finds work works part your use new make all any how'.split(
    ' ',
  ),
);

type Described = Pick<Agent, 'name' | 'description' | 'tags' | 'capabilities' | 'category'>;

/** By its capabilities where the work names one, else by the words that the work and its description share. */
export function capabilityFit(
  unit: { needs: readonly string[]; prompt: string },
  agent: Described,
): Fit {
  const fits = unit.needs.map((need) => fitOfNeed(need, agent));
  const best = fits.toSorted((a, b) => b.score - a.score)[0];
  const words = fitOfWords(unit.prompt, agent);
  return best === undefined || words.score > best.score ? words : best;
}

function fitOfNeed(need: string, { capabilities }: Described): Fit {
  if (capabilities.includes(need)) return { score: 1, reason: `has the capability ${need}` };
  const field = FIELD_OF[need];
  const near = capabilities.find((own) => field !== undefined && FIELD_OF[own] === field);
  return near === undefined
    ? { score: 0, reason: `has no capability near ${need}` }
    : { score: SAME_FIELD, reason: `${near} is near to ${need}` };
}

function fitOfWords(text: string, agent: Described): Fit {
  const wanted = wordsOf(text);
  const own = wordsOf(
    [agent.name, agent.description, ...agent.tags, ...agent.capabilities].join(' '),
  );
  const shared = [...wanted].filter((word) => own.has(word));
  if (shared.length === 0) return { score: 0, reason: 'shares no words with it' };
  const score = WORDS_MOST * Math.min(1, shared.length / Math.min(4, wanted.size));
  return { score: round(score), reason: `describes itself with ${shared.slice(0, 4).join(', ')}` };
}

function wordsOf(text: string): Set<string> {
  const words = text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 2 && !COMMON.has(word))
    .map((word) => word.replace(/(?:ies|es|s)$/, ''));
  return new Set(words);
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
