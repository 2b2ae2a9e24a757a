import type { Claim } from './subject-types.ts';
import type { Block } from './content-parts.ts';
import { quoted } from './check-text.ts';
import type { Check, Subject } from './subject-types.ts';
import { strayOf } from './topic.ts';
import { wordsOf } from './words.ts';

/** Does it hang together? */
export function coherenceChecks(subject: Subject): Check[] {
  if (subject.empty) return [];
  return [
    headings(subject),
    repeats(subject),
    repeatedBlocks(subject),
    contradictions(subject),
    strayOf(subject),
  ];
}

function of(check: string, score: number | null, detail: string): Check {
  return { dimension: 'coherence', check, score, detail };
}

/** Levels that jump, and the same heading twice under one parent. */
function headings({ parts }: Subject): Check {
  const all = parts.blocks.filter(({ kind }) => kind === 'heading');
  if (all.length < 2) return of('headings', null, 'Fewer than two headings.');
  const jumps = all.filter((heading, index) => {
    const before = all[index - 1];
    return before !== undefined && heading.level > before.level + 1;
  });
  const doubled = doubledHeadings(all);
  const wrong = [...new Set([...jumps, ...doubled])];
  const detail =
    wrong.length === 0
      ? `${all.length} headings in order.`
      : `${wrong.length} of ${all.length} headings skip a level or repeat one: ${quoted(wrong.map(({ plain }) => plain))}.`;
  return of('headings', 1 - wrong.length / all.length, detail);
}

function doubledHeadings(all: readonly Block[]): Block[] {
  const path: string[] = [];
  const seen = new Set<string>();
  return all.filter(({ level, plain }) => {
    path.length = Math.min(path.length, level - 1);
    while (path.length < level - 1) path.push('');
    const key = [...path, plain.toLowerCase()].join('\n');
    path.push(plain.toLowerCase());
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

function repeats({ sentences, repeated, clean }: Subject): Check {
  const judged = sentences.filter(
    ({ text, block }) =>
      (block.kind === 'paragraph' || block.kind === 'item') && wordsOf(text).length >= 5,
  );
  // A piece of advice may stand beside each of several findings; only prose is held to say everything once.
  const inItems = repeated.filter(({ block }) => block.kind === 'item').length;
  const bad = repeated.length - inItems / 2;
  if (judged.length === 0 || clean.length === 0) return of('repeats', null, 'No sentences.');
  const detail =
    repeated.length === 0
      ? `${judged.length} sentences, none twice.`
      : `${repeated.length} of ${judged.length} sentences repeat one before: ${quoted(repeated.map(({ text }) => text))}.`;
  return of('repeats', Math.max(0, 1 - bad / judged.length) ** 2, detail);
}

function repeatedBlocks({ parts }: Subject): Check {
  const large = parts.blocks.filter(({ kind, raw }) => kind === 'code' && raw.length > 80);
  if (large.length < 2) return of('repeated_code', null, 'Fewer than two larger code blocks.');
  const distinct = new Set(large.map(({ raw }) => raw.trim())).size;
  return of(
    'repeated_code',
    distinct / large.length,
    `${large.length - distinct} of ${large.length} larger code blocks repeat one before.`,
  );
}

/** Two counts of the same thing in one section that differ, unless the tools bear out both as parts. */
function contradictions(subject: Subject): Check {
  const { evidence } = subject;
  const blind = evidence.findings.length === 0 && evidence.tools.length === 0;
  const wrong = new Set(subject.wrongClaims);
  const compared = groupClaims(subject).filter((claims) => claims.length > 1);
  const differing = compared.filter((claims) => {
    if (countsOf(claims).size < 2) return false;
    if (!blind) return claims.some((claim) => wrong.has(claim));
    return claims.some(({ count, sentence }) => count === 0 || WHOLE.test(sentence.text));
  });
  if (compared.length === 0) {
    return of('contradictions', null, 'No count is stated twice in one section.');
  }
  const first = differing[0];
  if (first === undefined) return of('contradictions', 1, 'Counts that are stated twice agree.');
  const several = differing.reduce((sum, claims) => sum + countsOf(claims).size - 1, 0);
  const example = quoted(first.map(({ text }) => text));
  return of(
    'contradictions',
    0.4 ** several,
    `${several} counts differ within one section, e.g. ${example}.`,
  );
}
const WHOLE = /\b(?:total|overall|altogether|in all|all in all)\b/i;

function countsOf(claims: readonly Claim[]): Set<number> {
  return new Set(claims.map(({ count }) => count));
}

/** Claims about the same kind, severity, tool and place within one section. */
function groupClaims({ claims, evidence }: Subject): Claim[][] {
  const names = [
    ...evidence.tools.map(({ name }) => name),
    ...evidence.findings.map(({ tool }) => tool),
  ];
  const tools = [...new Set(names)];
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const { block, text } = claim.sentence;
    if (claim.loose || block.kind === 'row') continue;
    const scope = tools.filter((tool) => text.includes(tool)).join(',');
    const key = [block.section, claim.severity, claim.kind, scope, placeIn(text)].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  return [...groups.values()];
}

function placeIn(text: string): string {
  return /[\w@.-]+\/[\w@./-]+|\b[\w-]+\.[a-z]{1,5}\b/i.exec(text)?.[0] ?? '';
}
