import type { Check, Subject } from './subject-types.ts';
import { quoted } from './check-text.ts';
import { textsIn } from './content-parts.ts';
import { termsOf } from './words.ts';

/** Share of terms in common with the request from which a text is surely about it, and below which it surely is not. */
const ON_TOPIC = 0.12;
const OFF_TOPIC = 0.02;
/** Terms that a text must have to be judged. */
const TERMS_MIN = 6;
/** Characters of tool outputs that are read for terms. */
const EVIDENCE_CHARACTERS_MAX = 100_000;

/** Terms of the request, its inputs and what the tools said: the subject that a result should have. */
export function referenceTerms({ request, inputText, evidence }: Subject): Set<string> {
  const parts = [request, inputText];
  for (const { rule, message, location, tool } of evidence.findings) {
    parts.push(rule, message, location?.path ?? '', tool);
  }
  for (const { name, summary, output } of evidence.tools) {
    parts.push(name, summary, textsIn(output).join('\n').slice(0, EVIDENCE_CHARACTERS_MAX));
  }
  return termsOf(parts.join('\n'));
}

/** How much of the text is about what was asked, by terms in common. */
export function topicOf(subject: Subject): Omit<Check, 'dimension' | 'check'> {
  const reference = referenceTerms(subject);
  const code = subject.parts.blocks.filter(({ kind }) => kind === 'code').map(({ raw }) => raw);
  const values = subject.sentences.filter(
    ({ block }) => block.kind !== 'paragraph' && block.kind !== 'item',
  );
  const own = termsOf(
    [...subject.clean, ...values].map(({ text }) => text).join('\n') + code.join('\n'),
  );
  if (reference.size < 3 || own.size < TERMS_MIN) {
    return { score: null, detail: 'Too few words to compare with the request.' };
  }
  const shared = [...own].filter((term) => reference.has(term));
  const ratio = shared.length / own.size;
  const score = Math.min(1, Math.max(0, (ratio - OFF_TOPIC) / (ON_TOPIC - OFF_TOPIC)));
  const detail = `${shared.length} of ${own.size} terms (${Math.round(ratio * 100)} %) are also in the request, its inputs or the evidence.`;
  return { score, detail };
}

/** Share of the sections that have something to do with the request. */
export function strayOf(subject: Subject): Check {
  const reference = referenceTerms(subject);
  const base = { dimension: 'coherence', check: 'stays_on_subject' } as const;
  const sections = new Map<number, string[]>();
  for (const { text, block } of subject.clean) {
    sections.set(block.section, [...(sections.get(block.section) ?? []), text]);
  }
  const judged = [...sections.values()]
    .map((texts) => texts.join(' '))
    .filter((text) => termsOf(text).size >= TERMS_MIN);
  if (reference.size < 3 || judged.length === 0) {
    return { ...base, score: null, detail: 'Too few words to compare with the request.' };
  }
  const stray = judged.filter((text) => {
    const terms = [...termsOf(text)];
    return terms.filter((term) => reference.has(term)).length / terms.length < OFF_TOPIC * 2;
  });
  const detail =
    stray.length === 0
      ? `All ${judged.length} sections share terms with the request.`
      : `${stray.length} of ${judged.length} sections share no terms with the request: ${quoted(stray)}.`;
  return { ...base, score: 1 - stray.length / judged.length, detail };
}
