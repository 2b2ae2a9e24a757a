import type { OutputType } from '@automatos/contracts';
import { citationsIn } from './citations.ts';
import { hasSection, requestedSections } from './requested-sections.ts';
import { goodShare, quoted } from './check-text.ts';
import type { Check, Subject } from './subject-types.ts';
import { topicOf } from './topic.ts';
import { wordsOf } from './words.ts';

/** Words below which a result of this type is too thin to say anything. */
const WORDS_MIN: Readonly<Record<OutputType, number>> = {
  report: 25,
  documentation: 25,
  analysis: 15,
  operations: 8,
  code: 0,
};
/** Serious rules that a text is expected to name at least; longer lists may choose. */
const RULES_EXPECTED = 5;

/** Is everything there that was asked for? */
export function completenessChecks(subject: Subject): Check[] {
  if (subject.empty) {
    return [of('present', 0, 'The result is empty.')];
  }
  return [
    of('present', 1, `${subject.parts.characters} characters.`),
    schema(subject),
    sections(subject),
    filledSections(subject),
    placeholders(subject),
    answered(subject),
    length(subject),
    ending(subject),
    coverage(subject),
    { ...topicOf(subject), dimension: 'completeness', check: 'answers_request' },
    codePresent(subject),
  ];
}

function of(check: string, score: number | null, detail: string): Check {
  return { dimension: 'completeness', check, score, detail };
}

function schema({ schemaProblems }: Subject): Check {
  if (schemaProblems === null) return of('schema', null, 'No schema was asked for.');
  const first = schemaProblems[0];
  if (first === undefined) return of('schema', 1, 'The structured result fits its schema.');
  const detail = `${schemaProblems.length} problems, first: ${first.pointer} ${first.message}.`;
  return of('schema', 0.5 ** schemaProblems.length, detail);
}

function sections(subject: Subject): Check {
  const wanted = [...new Set([...subject.sections, ...requestedSections(subject.request)])];
  const headings = subject.parts.blocks.filter(({ kind }) => kind === 'heading');
  const missing = wanted.filter((name) => !hasSection(headings, name));
  const score = goodShare(missing.length, wanted.length);
  if (score === null) return of('sections', null, 'No sections were asked for.');
  return of(
    'sections',
    score,
    missing.length === 0
      ? `All ${wanted.length} expected sections are there.`
      : `${missing.length} of ${wanted.length} expected sections are missing: ${quoted(missing)}.`,
  );
}

/** A heading with nothing below it, not even deeper headings, promises what is not there. */
function filledSections({ parts, clean, repeated }: Subject): Check {
  const headings = parts.blocks.filter(({ kind }) => kind === 'heading');
  const kept = new Set([...clean, ...repeated].map(({ block }) => block.section));
  const filled = new Set(
    parts.blocks
      .filter(({ kind }) => kind === 'row' || kind === 'code')
      .map(({ section }) => section),
  );
  const hollow = headings.filter(({ level, section }, index) => {
    const next = headings[index + 1];
    if (next !== undefined && next.level > level) return false;
    return !filled.has(section) && !kept.has(section);
  });
  const score = goodShare(hollow.length, headings.length);
  if (score === null) return of('sections_filled', null, 'No headings.');
  return of(
    'sections_filled',
    score,
    hollow.length === 0
      ? `All ${headings.length} sections have content.`
      : `${hollow.length} of ${headings.length} sections have no content: ${quoted(hollow.map(({ plain }) => plain))}.`,
  );
}

function placeholders({ defects }: Subject): Check {
  const found = defects.filter(({ kind }) => kind === 'placeholder');
  if (found.length === 0) return of('placeholders', 1, 'No placeholders or unresolved references.');
  const detail = `${found.length} left: ${quoted(found.map(({ text }) => text))}.`;
  return of('placeholders', 0.5 ** found.length, detail);
}

function answered({ defects, clean }: Subject): Check {
  const found = defects.filter(({ kind }) => kind === 'canned');
  if (found.length === 0) return of('answered', 1, 'No refusal or canned answer.');
  const share = clean.length / (clean.length + found.length);
  const detail = `${found.length} refusing or canned sentences: ${quoted(found.map(({ text }) => text))}.`;
  return of('answered', share * 0.6 ** found.length, detail);
}

function length({ outputType, parts, clean, sentences, content }: Subject): Check {
  const least = WORDS_MIN[outputType];
  if (content.text === null || least === 0) return of('length', null, 'No length is expected.');
  const rows = sentences.filter(({ block }) => block.kind === 'row' || block.kind === 'heading');
  const words = [...clean, ...rows].reduce((sum, { text }) => sum + wordsOf(text).length, 0);
  const code = parts.blocks.some(({ kind }) => kind === 'code');
  if (code) return of('length', 1, 'Has code.');
  const detail = `${words} words; ${least} are the least for this kind of result.`;
  return of('length', Math.min(1, words / least), detail);
}

/** A text that stops in a sentence or a code block was cut off. */
function ending({ parts, content }: Subject): Check {
  if (content.text === null) return of('ending', null, 'No text.');
  if (parts.openFence) return of('ending', 0, 'The last code block never ends.');
  const last = parts.blocks.at(-1);
  if (last?.kind !== 'paragraph' || wordsOf(last.plain).length < 10) {
    return of('ending', 1, 'The text ends whole.');
  }
  const whole = !/[\p{L},(–—-]$/u.test(last.raw.trim());
  return whole
    ? of('ending', 1, 'The text ends whole.')
    : of('ending', 0, `The text stops in a sentence: ${quoted([last.plain.slice(-60)])}.`);
}

/** The worst things that the tools found must not be left out. */
function coverage(subject: Subject): Check {
  if (subject.outputType === 'code') return of('findings_covered', null, 'Not asked of code.');
  const serious = subject.evidence.findings.filter(
    ({ severity }) => severity === 'critical' || severity === 'high',
  );
  const rules = [...new Set(serious.map(({ rule }) => rule))];
  if (rules.length === 0) {
    return of('findings_covered', null, 'The tools found nothing of high or critical severity.');
  }
  const text = subject.parts.blocks.map(({ plain }) => plain).join('\n');
  const cited = new Set(
    citationsIn(text).flatMap((citation) =>
      subject.places.findings(citation).atLine.map(({ rule }) => rule),
    ),
  );
  const messages = Map.groupBy(serious, ({ rule }) => rule);
  const missing = rules.filter(
    (rule) =>
      !cited.has(rule) &&
      !text.includes(rule) &&
      messages.get(rule)?.some(({ message }) => text.includes(message)) !== true,
  );
  const expected = Math.min(rules.length, RULES_EXPECTED);
  const named = Math.min(expected, rules.length - missing.length);
  const detail =
    `${rules.length - missing.length} of ${rules.length} rules with high or critical findings are named` +
    (missing.length === 0 ? '.' : `; not named: ${quoted(missing)}.`);
  return of('findings_covered', named / expected, detail);
}

function codePresent({ outputType, parts, content }: Subject): Check {
  if (outputType !== 'code' || content.text === null) {
    return of('code_present', null, 'No code is expected.');
  }
  const code = parts.blocks.filter(({ kind, raw }) => kind === 'code' && raw.trim() !== '');
  return code.length > 0
    ? of('code_present', 1, `${code.length} code blocks.`)
    : of('code_present', 0, 'There is no code block.');
}
