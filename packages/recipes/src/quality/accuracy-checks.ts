import { parseAllDocuments } from 'yaml';
import { citationsIn } from './citations.ts';
import type { Block } from './content-parts.ts';
import { claimsHold } from './check-claims.ts';
import { goodShare, quoted } from './check-text.ts';
import type { Check, Subject } from './subject-types.ts';
import { termsOf } from './words.ts';

/** Does it agree with what the tools saw? */
export function accuracyChecks(subject: Subject): Check[] {
  if (subject.empty) return [];
  return [
    citations(subject),
    claimsHold(subject),
    grounded(subject),
    failuresNamed(subject),
    codeParses(subject),
  ];
}

function of(check: string, score: number | null, detail: string): Check {
  return { dimension: 'accuracy', check, score, detail };
}

function citations({ parts, places }: Subject): Check {
  const text = parts.blocks
    .filter(({ kind }) => kind !== 'code')
    .map(({ plain }) => plain)
    .join('\n');
  const held = citationsIn(text).map((citation) => ({
    citation,
    resolution: places.resolve(citation),
  }));
  const known = held.filter(({ resolution }) => resolution !== 'unknown');
  const wrong = known.filter(({ resolution }) => resolution === 'wrong');
  const score = goodShare(wrong.length, known.length);
  if (score === null) return of('citations', null, 'No places are cited that could be looked up.');
  return of(
    'citations',
    score,
    wrong.length === 0
      ? `All ${known.length} cited places are in the evidence.`
      : `${wrong.length} of ${known.length} cited places are not in the evidence: ${quoted(wrong.map(({ citation }) => citation.text))}.`,
  );
}

/** A text about what tools found names a rule, a file or a tool of it, or the subject of a finding. */
function grounded(subject: Subject): Check {
  const { findings } = subject.evidence;
  if (findings.length === 0 || subject.outputType === 'code') {
    return of('grounded', null, 'No findings that the text could build on.');
  }
  const text = subject.parts.blocks.map(({ plain }) => plain).join('\n');
  const named = findings.filter(
    ({ rule, location, message }) =>
      text.includes(rule) ||
      text.includes(message) ||
      (location !== undefined && text.includes(location.path)),
  );
  if (named.length > 0) {
    return of(
      'grounded',
      1,
      `The text names rule or file of ${named.length} of ${findings.length} findings.`,
    );
  }
  const own = termsOf(text);
  const terms = termsOf(findings.map(({ message, tool }) => `${message} ${tool}`).join('\n'));
  const shared = [...terms].filter((term) => own.has(term)).length;
  const detail = `The text names no rule or file of the ${findings.length} findings, and ${shared} of their terms.`;
  return of('grounded', Math.min(0.8, shared * 0.1), detail);
}

const SAYS_FAILED =
  /\b(?:fail|could not|couldn't|cannot|unable|error|not (?:run|measured|covered|checked|available|possible)|denied|refused|timed? ?out|skipped|without)\w*/i;

/** Tools that failed leave gaps that the reader must know of. */
function failuresNamed({ evidence, parts, content }: Subject): Check {
  const byName = new Map<string, boolean>();
  for (const { name, status } of evidence.tools) {
    byName.set(name, (byName.get(name) ?? false) || status === 'success');
  }
  const failed = [...byName].filter(([, worked]) => !worked).map(([name]) => name);
  if (failed.length === 0 || content.text === null) {
    return of('failures_named', null, 'No tool failed.');
  }
  const blocks = parts.blocks.map(({ plain }) => plain);
  const silent = failed.filter((name) => {
    const words = new RegExp(name.replaceAll(/[^a-z0-9]+/gi, '[ _-]?'), 'i');
    return !blocks.some((text) => words.test(text) && SAYS_FAILED.test(text));
  });
  const score = 1 - silent.length / failed.length;
  const detail =
    silent.length === 0
      ? `All ${failed.length} tools that failed are named.`
      : `The text does not say that these tools failed: ${quoted(silent)}.`;
  return of('failures_named', score, detail);
}

function codeParses({ parts }: Subject): Check {
  const judged = parts.blocks
    .filter(({ kind }) => kind === 'code')
    .map((block) => ({ block, problem: problemOf(block) }))
    .filter(({ problem }) => problem !== undefined);
  const wrong = judged.filter(({ problem }) => problem !== null);
  const score = goodShare(wrong.length, judged.length);
  if (score === null) return of('code_parses', null, 'No code that could be parsed.');
  return of(
    'code_parses',
    score,
    wrong.length === 0
      ? `${judged.length} code blocks are whole.`
      : `${wrong.length} of ${judged.length} code blocks are broken: ${quoted(wrong.map(({ problem }) => problem ?? ''))}.`,
  );
}

const BRACKETED =
  /^(?:[jt]sx?|javascript|typescript|mjs|c|cpp|java|go|rust|rs|kotlin|swift|css|php|python|py)$/i;

/** What is wrong with a code block: null when nothing, undefined when its language is not judged. */
function problemOf({ language, raw }: Block): string | null | undefined {
  if (/^jsonc?$/i.test(language))
    return language.toLowerCase() === 'json' ? jsonProblem(raw) : undefined;
  if (/^ya?ml$/i.test(language)) {
    const errors = parseAllDocuments(raw, { logLevel: 'silent' }).flatMap((document) =>
      'errors' in document ? document.errors : [],
    );
    return errors[0]?.message.split('\n')[0] ?? null;
  }
  return BRACKETED.test(language) ? bracketProblem(raw, /^py/i.test(language)) : undefined;
}

function jsonProblem(raw: string): string | null {
  try {
    JSON.parse(raw);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'no JSON';
  }
}

const STRINGS =
  /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;
const PYTHON_STRINGS =
  /"""[\s\S]*?"""|'''[\s\S]*?'''|#[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const CLOSING: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

function bracketProblem(raw: string, python: boolean): string | null {
  // An ellipsis of its own line stands for code that was left out on purpose; brackets must still pair up.
  const code = raw
    .replaceAll(python ? PYTHON_STRINGS : STRINGS, '')
    .replaceAll(/'[a-z_]\w*\b(?!')/g, '');
  const open: string[] = [];
  for (const character of code) {
    if ('([{'.includes(character)) open.push(character);
    const opener = CLOSING[character];
    if (opener !== undefined && open.pop() !== opener) return `"${character}" without "${opener}"`;
  }
  return open.length === 0 ? null : `"${open.at(-1)}" is never closed`;
}
