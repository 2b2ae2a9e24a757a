import type { Finding } from '@automatos/contracts';
import { quoted } from './check-text.ts';
import { citationsIn } from './citations.ts';
import { claimsIn, isOfKind } from './claims.ts';
import { textsIn } from './content-parts.ts';
import type { Check, Claim, Sentence, Subject } from './subject-types.ts';

/** What is held against each count. */
type Context = Pick<
  Subject,
  'claims' | 'evidence' | 'inputText' | 'parts' | 'places' | 'request' | 'sentences'
>;

/** Counts that the text states, held against what the tools found. */
export function claimsHold(subject: Subject): Check {
  const base = { dimension: 'accuracy', check: 'counts_hold' } as const;
  const { claims, evidence, wrongClaims: wrong } = subject;
  if (evidence.findings.length === 0 && evidence.tools.length === 0) {
    return { ...base, score: null, detail: 'No tool evidence to hold counts against.' };
  }
  if (claims.length === 0) return { ...base, score: null, detail: 'The text states no counts.' };
  if (wrong.length === 0) {
    return { ...base, score: 1, detail: `All ${claims.length} counts agree with the tools.` };
  }
  const scopeOf = narrowing(subject);
  const contradictions = wrong.slice(0, 3).map((claim) => {
    const counted = scopeOf(claim).filter((finding) => matches(finding, claim)).length;
    return `${quoted([claim.text])}, but the tools listed ${counted}`;
  });
  const detail = `${wrong.length} of ${claims.length} statements contradict the tools: ${contradictions.join('; ')}.`;
  return { ...base, score: 0.25 ** wrong.length, detail };
}

/** Stated counts that the evidence does not bear out; none without evidence. */
export function findWrongClaims(context: Context): Claim[] {
  const { evidence, claims } = context;
  if (evidence.findings.length === 0 && evidence.tools.length === 0) return [];
  const told = toldCounts(context);
  const countIn = counting();
  const scopeOf = narrowing(context);
  const wider = [evidence.findings, ...(evidence.groups ?? [])];
  return claims.filter((claim) => {
    // A count that was told is repeated; that nothing was found is believed of tools only.
    if (claim.count > 0 && told.has(claimKey(claim))) return false;
    const scope = scopeOf(claim);
    if (claim.count === 0) return !noneHolds(claim, context, countIn(claim, scope).findings);
    // A sentence may name a tool or a place and yet sum up more than that.
    return ![scope, ...wider].some((within) => holds(claim, context, countIn(claim, within)));
  });
}

interface Counted {
  findings: Finding[];
  /** Counts of its parts: a text may count any of them. */
  parts: Set<number>;
}

/** Long texts say the same of the same findings again and again: these are counted once. */
function counting(): (claim: Claim, scope: readonly Finding[]) => Counted {
  const known = new Map<readonly Finding[], Map<string, Counted>>();
  return (claim, scope) => {
    const own = known.get(scope) ?? new Map<string, Counted>();
    known.set(scope, own);
    const key = `${claim.severity ?? ''} ${claim.kind ?? ''}`;
    const found = own.get(key);
    if (found !== undefined) return found;
    const findings = scope.filter((finding) => matches(finding, claim));
    const made = { findings, parts: partCounts(findings) };
    own.set(key, made);
    return made;
  };
}

function claimKey({ count, severity, kind }: Claim): string {
  return `${count} ${severity ?? ''} ${kind ?? ''}`;
}

/** Counts that the request, the inputs and the summaries of the tools state: to repeat them is right. */
function toldCounts({ request, inputText, evidence }: Context): Set<string> {
  const summaries = evidence.tools.flatMap(({ summary, output }) => [summary, ...textsIn(output)]);
  const lines = [request, inputText, ...summaries]
    .join('\n')
    .slice(0, 200_000)
    .split('\n')
    .map((text) => ({ text, prose: text, block: PLAIN }));
  return new Set(claimsIn(lines).map(claimKey));
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

function holds(claim: Claim, { evidence }: Context, counted: Counted): boolean {
  const { findings, findingsTotal, tools } = evidence;
  const listed = counted.findings.length;
  if (listed === claim.count) return true;
  const cutOff = Math.max(0, findingsTotal - findings.length);
  if (claim.count > listed && claim.count <= listed + cutOff) return true;
  if (claim.loose) return claim.count <= listed + cutOff;
  if (counted.parts.has(claim.count)) return true;
  if (claim.severity !== null || claim.kind !== null) return false;
  const totals = [findingsTotal, ...tools.map((tool) => tool.findingsTotal)];
  return totals.includes(claim.count);
}

function matches(finding: Finding, { severity, kind }: Claim): boolean {
  return (severity === null || finding.severity === severity) && isOfKind(finding, kind);
}

/** Findings that a claim speaks of: at the places that its sentence cites, of the tools and below the path that it or its heading names. */
function narrowing({ evidence, parts, places }: Context): (claim: Claim) => readonly Finding[] {
  const headings = new Map<number, string>();
  for (const { kind, section, plain } of parts.blocks) {
    if (kind === 'heading') headings.set(section, plain);
  }
  const byTool = Map.groupBy(evidence.findings, ({ tool }) => tool);
  const names = new Set([...evidence.tools.map(({ name }) => name), ...byTool.keys()]);
  const scopes = new Map<string, readonly Finding[]>();
  const scopeOf = (sentence: Sentence): readonly Finding[] => {
    const cited = citationsIn(sentence.text).map((citation) => places.findings(citation));
    const inFiles = cited.flatMap(({ inFile }) => inFile);
    if (inFiles.length > 0) {
      const atLines = cited.flatMap(({ atLine }) => atLine);
      return [...new Set(atLines.length > 0 ? atLines : inFiles)];
    }
    const text = `${headings.get(sentence.block.section) ?? ''}\n${sentence.block.plain}`;
    const named = [...names].filter((name) => text.includes(name));
    const path = PATH.exec(sentence.text)?.[1]?.replace(/\.$/, '') ?? '';
    if (named.length === 0 && path === '') return evidence.findings;
    const key = `${named.join(' ')}\n${path}`;
    const ofTools =
      named.length === 0 ? evidence.findings : named.flatMap((name) => byTool.get(name) ?? []);
    const scope =
      scopes.get(key) ??
      ofTools.filter(({ location }) => path === '' || location?.path.includes(path) === true);
    scopes.set(key, scope);
    return scope;
  };
  const known = new Map<Sentence, readonly Finding[]>();
  return ({ sentence }) => {
    const scope = known.get(sentence) ?? scopeOf(sentence);
    known.set(sentence, scope);
    return scope;
  };
}
const PATH = /\b(?:in|under|of) ((?:[\w@.-]+\/)+[\w@.-]*|[\w@-]+\.[a-z]{1,5})(?:[\s,.;]|$)/i;

/**
 * "No secrets" is wrong as soon as there is one. "Nothing found" and "no critical findings" may speak of one part of a long
 * text: they are wrong when no other section names such a finding.
 */
function noneHolds(claim: Claim, context: Context, counted: readonly Finding[]): boolean {
  const { findings, findingsTotal } = context.evidence;
  if (counted.length === 0) {
    const hidden = findingsTotal > findings.length;
    return claim.kind !== null || claim.severity !== null || !hidden || findings.length > 0;
  }
  if (claim.kind !== null) return false;
  const elsewhere = context.sentences
    .filter(({ block }) => block.section !== claim.sentence.block.section)
    .map(({ text }) => text)
    .join('\n');
  const wanted = new Set(counted);
  return (
    [...new Set(counted.map(({ rule }) => rule))].some((rule) => elsewhere.includes(rule)) ||
    citationsIn(elsewhere).some((citation) =>
      context.places.findings(citation).atLine.some((finding) => wanted.has(finding)),
    )
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
