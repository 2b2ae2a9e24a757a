import { SEVERITIES } from '@automatos/contracts';
import type { Finding, Severity } from '@automatos/contracts';
import type { Claim, Sentence } from './subject-types.ts';
import { NUMBER_PATTERN, numberOf } from './words.ts';

/** Things that tools find, by the words of the text and by rule or tool of the finding. */
const KIND_TABLE: readonly { kind: string; words: string; finds: RegExp }[] = [
  {
    kind: 'secret',
    words: 'secrets?|credentials?|leaked keys?|hard-?coded passwords?',
    finds: /secret|credential|password|api.?key|token/i,
  },
  {
    kind: 'vulnerability',
    words: 'vulnerabilit(?:y|ies)|advisor(?:y|ies)|cves?',
    finds: /vuln|cve|ghsa|advisor|dependency_audit/i,
  },
  { kind: 'duplicate', words: 'duplicates?|clones?|duplicated blocks?', finds: /duplicat|clone/i },
  { kind: 'cycle', words: '(?:import |dependency )?cycles?', finds: /cycle/i },
  {
    kind: 'licence',
    words: 'licen[cs]e (?:problems?|violations?|conflicts?)',
    finds: /licen[cs]e/i,
  },
  { kind: 'link', words: '(?:broken|dead) links?', finds: /link/i },
  { kind: 'todo', words: 'todos?|fixmes?|todo (?:comments?|markers?)', finds: /todo|fixme/i },
];
const KINDS = KIND_TABLE.map((row) => ({ ...row, is: new RegExp(`^(?:${row.words})$`, 'i') }));
const KIND_WORDS = KINDS.map(({ words }) => words).join('|');
const SEVERITY = SEVERITIES.join('|');
const NOUN = `findings?|issues?|problems?|${KIND_WORDS}`;

const COUNTED = new RegExp(
  `(?<![\\w.,:/-])(${NUMBER_PATTERN})\\s+(?:(${SEVERITY})(?:[- ]severity)?(?:\\s+(?:or|and)\\s+\\w+)?)?\\s*(?:(${NOUN})\\b)?`,
  'gi',
);
const NONE = new RegExp(
  `\\b(?:no|zero|without(?: any)?|free of|0)\\s+(?:(${SEVERITY})(?:[- ]severity)?)?\\s*(?:(${NOUN})\\b)`,
  'gi',
);
const NOTHING =
  /\b(?:nothing (?:was |is )?(?:found|detected|reported|wrong)|found nothing|(?:everything|all) is (?:fine|clean|secure|in order)|no problems? whatsoever)\b/gi;
/** Before a number: it is a bound, a choice or a part. */
const BOUNDED =
  /\b(?:at most|up to|at least|more than|over|under|fewer than|less than|than|first|top|last|limit(?: of)?|maximum(?: of)?|of the|these|those|following|worst|about|some|around|another|other|every|next|line|version|step)\s*$/i;
/** After a noun or number: what is said holds for another time or a possible case. */
const UNREAL =
  /\b(?:should|would|could|if|once|unless|until|goal|target|previous(?:ly)?|earlier|before|last (?:week|month|run)|example)\b/i;

export function claimsIn(sentences: readonly Sentence[]): Claim[] {
  return sentences
    .filter(({ block }) => block.kind !== 'heading')
    .flatMap((sentence) => (UNREAL.test(sentence.text) ? [] : claimsOf(sentence)))
    .slice(0, CLAIMS_MAX);
}

/** Characters beside a number that say what it means. */
const AROUND = 40;
/** Counts of one text that are looked at. */
const CLAIMS_MAX = 2_000;

function claimsOf(sentence: Sentence): Claim[] {
  const { text } = sentence;
  const found: Claim[] = [];
  for (const match of text.matchAll(NONE)) {
    const [whole, severity, noun] = match;
    found.push(claim(sentence, { whole, count: 0, severity, noun }));
  }
  for (const match of text.matchAll(NOTHING)) {
    found.push(
      claim(sentence, { whole: match[0], count: 0, severity: undefined, noun: undefined }),
    );
  }
  for (const match of text.matchAll(COUNTED)) {
    const [whole, number = '', severity, noun] = match;
    const before = text.slice(Math.max(0, match.index - AROUND), match.index);
    if (BOUNDED.test(before) || numberOf(number) === 0) continue;
    const end = match.index + whole.length;
    const rest = text.slice(end, end + AROUND);
    const listed = /^(?:[\s,.;:)|*]|and\b|or\b|$)/i.test(rest);
    if (noun === undefined && (severity === undefined || !listed)) continue;
    if (/^\s*(?:per|each|a (?:day|week))\b/i.test(rest)) continue;
    found.push(claim(sentence, { whole, count: numberOf(number), severity, noun }));
  }
  return found;
}

function claim(
  sentence: Sentence,
  found: { whole: string; count: number; severity: string | undefined; noun: string | undefined },
): Claim {
  const noun = found.noun?.toLowerCase() ?? null;
  const kind = noun === null ? undefined : KINDS.find(({ is }) => is.test(noun));
  return {
    text: found.whole.trim(),
    count: found.count,
    severity: (found.severity?.toLowerCase() as Severity | undefined) ?? null,
    kind: kind?.kind ?? null,
    loose: noun !== null && /^(?:issue|problem)/.test(noun),
    sentence,
  };
}

/** Whether a finding is of the kind that a claim counts. */
export function isOfKind(finding: Finding, kind: string | null): boolean {
  if (kind === null) return true;
  const known = KINDS.find((candidate) => candidate.kind === kind);
  return known !== undefined && known.finds.test(`${finding.rule} ${finding.tool}`);
}
