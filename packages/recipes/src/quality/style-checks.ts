import type { DefectKind } from './subject-types.ts';
import { goodShare, quoted } from './check-text.ts';
import type { Check, Subject } from './subject-types.ts';
import { languageOf, syllablesOf, wordsOf } from './words.ts';

/** Would one hand it on like this? */
export function professionalismChecks(subject: Subject): Check[] {
  if (subject.empty) return [];
  return [
    defectCheck(subject, {
      kind: 'placeholder',
      check: 'placeholders',
      factor: 0.5,
      none: 'No placeholders or unresolved references.',
    }),
    defectCheck(subject, {
      kind: 'canned',
      check: 'canned_text',
      factor: 0.5,
      none: 'No canned text.',
    }),
    defectCheck(subject, {
      kind: 'filler',
      check: 'filler',
      factor: 0.7,
      none: 'No filler phrases.',
    }),
    defectCheck(subject, {
      kind: 'shouting',
      check: 'shouting',
      factor: 0.7,
      none: 'No shouting.',
    }),
    tables(subject),
    markup(subject),
    language(subject),
    unfinishedCode(subject),
  ];
}

function pro(check: string, score: number | null, detail: string): Check {
  return { dimension: 'professionalism', check, score, detail };
}

function defectCheck(
  { defects, sentences }: Subject,
  { kind, check, factor, none }: { kind: DefectKind; check: string; factor: number; none: string },
): Check {
  if (sentences.length === 0) return pro(check, null, 'No prose.');
  const found = defects.filter((defect) => defect.kind === kind);
  if (found.length === 0) return pro(check, 1, none);
  return pro(
    check,
    factor ** found.length,
    `${found.length}: ${quoted(found.map(({ text }) => text))}.`,
  );
}

function tables({ parts }: Subject): Check {
  const broken = parts.tables.filter(({ ragged, delimited }) => ragged > 0 || !delimited);
  const score = goodShare(broken.length, parts.tables.length);
  if (score === null) return pro('tables', null, 'No tables.');
  return pro(
    'tables',
    score,
    broken.length === 0
      ? `All ${parts.tables.length} tables are whole.`
      : `${broken.length} of ${parts.tables.length} tables are broken: rows with another number of cells, or no line below the head.`,
  );
}

function markup({ parts }: Subject): Check {
  const prose = parts.blocks.filter(({ kind }) => kind !== 'code' && kind !== 'value');
  if (prose.length === 0) return pro('markup', null, 'No marked-up text.');
  const broken = prose.filter(
    ({ raw, kind, plain }) =>
      /\]\(\s*\)|\[\]\(/.test(raw) ||
      (raw.replaceAll(/\\`/g, '').match(/`/g)?.length ?? 0) % 2 === 1 ||
      (kind !== 'row' && plain === '' && raw.trim() === ''),
  );
  const open = parts.openFence ? 1 : 0;
  if (broken.length + open === 0) return pro('markup', 1, 'Links and code marks are whole.');
  const shown = broken.map(({ raw }) => raw);
  return pro(
    'markup',
    0.8 ** (broken.length + open),
    `${broken.length + open} broken or empty links and code marks${shown.length === 0 ? '' : `: ${quoted(shown)}`}.`,
  );
}

/** Most of the text is one language, and so should be the rest. */
function language({ sentences }: Subject): Check {
  const passages = new Map<unknown, string>();
  for (const { prose, block } of sentences) {
    if (block.kind !== 'paragraph' && block.kind !== 'item') continue;
    passages.set(block, `${passages.get(block) ?? ''} ${prose}`);
  }
  const told = [...passages.values()]
    .map((text) => ({ text, language: languageOf(text), words: wordsOf(text).length }))
    .filter((passage) => passage.language !== null);
  const sums = new Map<string, number>();
  for (const passage of told) {
    const key = passage.language ?? '';
    sums.set(key, (sums.get(key) ?? 0) + passage.words);
  }
  const [main] = [...sums].toSorted((a, b) => b[1] - a[1]);
  if (main === undefined || told.length < 2) {
    return pro('one_language', null, 'Too little prose to tell its language.');
  }
  const others = told.filter((passage) => passage.language !== main[0]);
  const total = [...sums.values()].reduce((sum, words) => sum + words, 0);
  const score = main[1] / total;
  const detail =
    others.length === 0
      ? `All in one language (${main[0]}).`
      : `${others.length} passages are not in ${main[0]}: ${quoted(others.map(({ text }) => text))}.`;
  return pro('one_language', score, detail);
}

const UNFINISHED =
  /\b(?:TODO|FIXME|XXX)\b|not[ _]?implemented|your (?:code|logic) here|implement (?:me|this)|(?:\/\/|#)\s*\.\.\.|^\s*\.\.\.\s*$/gim;

function unfinishedCode({ parts, outputType }: Subject): Check {
  const code = parts.blocks.filter(({ kind }) => kind === 'code');
  if (outputType !== 'code' || code.length === 0) return pro('code_finished', null, 'Not asked.');
  const found = code.flatMap(({ raw }) =>
    [...raw.matchAll(UNFINISHED)].map(([text]) => text.trim()),
  );
  if (found.length === 0) return pro('code_finished', 1, 'No unfinished places in the code.');
  return pro(
    'code_finished',
    0.6 ** found.length,
    `${found.length} unfinished places: ${quoted(found)}.`,
  );
}

/** Is it easy to read? */
export function clarityChecks(subject: Subject): Check[] {
  if (subject.empty) return [];
  return [
    sentenceLength(subject),
    readingEase(subject),
    paragraphLength(subject),
    structure(subject),
    codeLines(subject),
  ];
}

function clear(check: string, score: number | null, detail: string): Check {
  return { dimension: 'clarity', check, score, detail };
}

const LONG_SENTENCE_WORDS = 40;
/** Share of long sentences that no reader minds. */
const LONG_SENTENCES_ALLOWED = 0.1;

function sentenceLength({ clean }: Subject): Check {
  const lengths = clean.map(({ prose }) => wordsOf(prose).length).filter((count) => count > 0);
  const long = lengths.filter((count) => count > LONG_SENTENCE_WORDS).length;
  const share = goodShare(long, lengths.length);
  if (share === null) return clear('sentence_length', null, 'No sentences.');
  const mean = lengths.reduce((sum, count) => sum + count, 0) / lengths.length;
  const detail = `${mean.toFixed(1)} words per sentence on average; ${long} of ${lengths.length} are longer than ${LONG_SENTENCE_WORDS}.`;
  // Averages up to 25 words read well; from 60 on nobody follows.
  const average = Math.min(1, Math.max(0, (60 - mean) / 35));
  return clear('sentence_length', Math.min(1, share + LONG_SENTENCES_ALLOWED, average), detail);
}

/** Flesch's formula; technical prose of 10 and more reads well enough. */
function readingEase({ clean }: Subject): Check {
  const sentences = clean.map(({ prose }) => wordsOf(prose)).filter((words) => words.length > 2);
  const words = sentences.flat();
  if (words.length < 60 || languageOf(words.join(' ')) !== 'en') {
    return clear('reading_ease', null, 'Measured for English prose of 60 words and more.');
  }
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  const ease =
    206.835 - 1.015 * (words.length / sentences.length) - 84.6 * (syllables / words.length);
  const score = Math.min(1, Math.max(0, (ease + 30) / 40));
  return clear(
    'reading_ease',
    score,
    `Reading ease ${ease.toFixed(0)} (10 and more is good for technical prose).`,
  );
}

const LONG_PARAGRAPH_WORDS = 150;

function paragraphLength({ parts, clean }: Subject): Check {
  const paragraphs = parts.blocks.filter(
    ({ kind, plain }) => kind === 'paragraph' && wordsOf(plain).length > 5,
  );
  const long = paragraphs.filter(
    ({ plain }) => wordsOf(plain).length > LONG_PARAGRAPH_WORDS,
  ).length;
  const share = goodShare(long, paragraphs.length);
  if (share === null || clean.length === 0)
    return clear('paragraph_length', null, 'No paragraphs.');
  return clear(
    'paragraph_length',
    share,
    `${long} of ${paragraphs.length} paragraphs are longer than ${LONG_PARAGRAPH_WORDS} words.`,
  );
}

const STRUCTURED_FROM_WORDS = 250;

function structure({ parts, content }: Subject): Check {
  const words = parts.blocks
    .filter(({ kind }) => kind === 'paragraph')
    .reduce((sum, { plain }) => sum + wordsOf(plain).length, 0);
  if (content.text === null || words < STRUCTURED_FROM_WORDS) {
    return clear('structure', null, 'Short enough to need no headings.');
  }
  const marks = parts.blocks.filter(
    ({ kind }) => kind === 'heading' || kind === 'item' || kind === 'row',
  ).length;
  const detail = `${words} words of prose with ${marks} headings, list items and table rows.`;
  return clear('structure', Math.min(1, marks / Math.max(2, words / 500)), detail);
}

const LONG_LINE = 140;

function codeLines({ parts, outputType }: Subject): Check {
  const lines = parts.blocks
    .filter(({ kind }) => kind === 'code')
    .flatMap(({ raw }) => raw.split('\n'))
    .filter((line) => line.trim() !== '');
  const long = lines.filter((line) => line.length > LONG_LINE).length;
  const share = outputType === 'code' ? goodShare(long, lines.length) : null;
  if (share === null) return clear('code_lines', null, 'Not asked.');
  return clear(
    'code_lines',
    share,
    `${long} of ${lines.length} lines of code are longer than ${LONG_LINE} characters.`,
  );
}
