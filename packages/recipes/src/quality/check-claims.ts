import type { Finding } from '@automatos/contracts';
import { textsIn } from './content-parts.ts';
import { citationsIn, resolveCitation } from './citations.ts';
import { claimsIn, isOfKind } from './claims.ts';
import type { Claim } from './subject-types.ts';
import { quoted } from './subject.ts';
import type { Check, Sentence, Subject } from './subject-types.ts';

/** Counts that the text states, held against what the tools found. */
export function claimsHold(subject: Subject): Check {
  const base = { dimension: 'accuracy', check: 'counts_hold' } as const;
  const { evidence } = subject;
  if (evidence.findings.length === 0 && evidence.tools.length === 0) {
    return { ...base, score: null, detail: 'No tool evidence to hold counts against.' };
  }
  const { claims } = subject;
  if (claims.length === 0) return { ...base, score: null, detail: 'The text states no counts.' };
  const wrong = wrongClaims(subject);
  if (wrong.length === 0) {
    return { ...base, score: 1, detail: `All ${claims.length} counts agree with the tools.` };
  }
  const detail = `${wrong.length} of ${claims.length} statements contradict the tools: ${wrong
    .slice(0, 3)
    .map((claim) => contradiction(claim, subject))
    .join('; ')}.`;
  return { ...base, score: 0.25 ** wrong.length, detail };
}

/** Stated counts that the evidence does not bear out. */
export function wrongClaims(subject: Subject): Claim[] {
  const told = toldCounts(subject);
  return subject.claims.filter((claim) => !holds(claim, subject, told));
}

/** Counts that the request, the inputs and the summaries of the tools state: to repeat them is right. */
function toldCounts({ request, inputText, evidence }: Subject): Claim[] {
  const summaries = evidence.tools.flatMap(({ summary, output }) => [summary, ...textsIn(output)]);
  const lines = [request, inputText, ...summaries]
    .join('\n')
    .slice(0, 200_000)
    .split('\n')
    .map((text) => ({ text, prose: text, block: PLAIN }));
  return claimsIn(lines);
}
const PLAIN: Sentence['block'] = {
  kind: 'paragraph',
  raw: '',
  plain: '',
  prose: '',
  level: 0,
  section: 0,
  language: '',
};

function holds(claim: Claim, subject: Subject, told: readonly Claim[]): boolean {
  const same = told.some(
    ({ count, severity, kind }) =>
      count === claim.count && severity === claim.severity && kind === claim.kind,
  );
  // A count that was told is repeated; that nothing was found is believed of tools only.
  if (same && claim.count > 0) return true;
  const { findings, findingsTotal } = subject.evidence;
  const inScope = narrowed(claim, subject);
  const counted = inScope.filter((finding) => matches(finding, claim));
  if (claim.count === 0) return noneHolds(claim, subject, counted);
  if (counted.length === claim.count) return true;
  const cutOff = Math.max(0, findingsTotal - findings.length);
  if (claim.count > counted.length && claim.count <= counted.length + cutOff) return true;
  if (claim.loose) return claim.count <= counted.length + cutOff;
  return partCounts(counted).has(claim.count) || totalsOfTools(claim, subject);
}

function matches(finding: Finding, { severity, kind }: Claim): boolean {
  return (severity === null || finding.severity === severity) && isOfKind(finding, kind);
}

/** Findings of the tools and paths that the sentence or its heading names; all when it names none. */
function narrowed({ sentence }: Claim, { evidence, parts }: Subject): readonly Finding[] {
  const heading = parts.blocks.find(
    ({ kind, section }) => kind === 'heading' && section === sentence.block.section,
  );
  const text = `${heading?.plain ?? ''}\n${sentence.block.plain}`;
  const tools = new Set(
    [
      ...evidence.tools.map(({ name }) => name),
      ...evidence.findings.map(({ tool }) => tool),
    ].filter((name) => text.includes(name)),
  );
  const ofTools =
    tools.size === 0 ? evidence.findings : evidence.findings.filter(({ tool }) => tools.has(tool));
  const path = /\b(?:in|under|of) ((?:[\w@.-]+\/)+[\w@.-]*|[\w@-]+\.[a-z]{1,5})(?:[\s,.;]|$)/i.exec(
    sentence.text,
  )?.[1];
  if (path === undefined) return ofTools;
  const inside = (finding: Finding) =>
    finding.location?.path.includes(path.replace(/\.$/, '')) === true;
  return ofTools.filter(inside);
}

/**
 * "No secrets" is wrong as soon as there is one. "Nothing found" and "no critical findings" may speak of one part of a long
 * text: they are wrong when no other section names such a finding.
 */
function noneHolds(claim: Claim, subject: Subject, counted: readonly Finding[]): boolean {
  if (counted.length === 0) {
    const hidden = subject.evidence.findingsTotal > subject.evidence.findings.length;
    return (
      claim.kind !== null ||
      claim.severity !== null ||
      !hidden ||
      subject.evidence.findings.length > 0
    );
  }
  if (claim.kind !== null) return false;
  const elsewhere = subject.sentences
    .filter(({ block }) => block.section !== claim.sentence.block.section)
    .map(({ text }) => text)
    .join('\n');
  const evidence = { findings: counted, findingsTotal: counted.length, tools: [] };
  return (
    counted.some(({ rule }) => elsewhere.includes(rule)) ||
    citationsIn(elsewhere).some((citation) => resolveCitation(citation, evidence) === 'resolved')
  );
}

/** Counts by tool, rule, file and top folder: a text may count any of these parts. */
function partCounts(findings: readonly Finding[]): Set<number> {
  const sums = new Map<string, number>();
  for (const { tool, rule, location } of findings) {
    const path = location?.path ?? '';
    const keys = [`t${tool}`, `r${rule}`, `p${path}`, `f${path.split('/')[0] ?? ''}`];
    for (const key of new Set(keys)) sums.set(key, (sums.get(key) ?? 0) + 1);
  }
  return new Set(sums.values());
}

function totalsOfTools(claim: Claim, { evidence }: Subject): boolean {
  if (claim.severity !== null || claim.kind !== null) return false;
  return (
    claim.count === evidence.findingsTotal ||
    evidence.tools.some(({ findingsTotal }) => findingsTotal === claim.count)
  );
}

function contradiction(claim: Claim, subject: Subject): string {
  const counted = narrowed(claim, subject).filter((finding) => matches(finding, claim)).length;
  return `${quoted([claim.text])}, but the tools listed ${counted}`;
}
