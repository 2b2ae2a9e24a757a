import { OFFLINE_NOTICE } from './compose-report.ts';
import { labelsInTask, rankLabels } from './classify.ts';
import { plainText } from './markdown.ts';
import type { ContextDocument } from './parse-request.ts';
import { rankByCentrality, rankByQuestion, splitSentences } from './rank-sentences.ts';
import type { RankedSentence } from './rank-sentences.ts';

const QUOTED_MAX = 5;
const SUMMARY_MAX = 7;

const SUMMARY_WORDS =
  /\b(?:summar\w*|condense|digest|recap|tl;?dr|overview|key points|main points|gist|combine|write (?:a|the) report)\b/i;
const QUESTION =
  /\?|^\s*(?:who|what|when|where|why|which|how|is|are|was|were|does|do|did|can|could|should|answer|explain|find|tell)\b/im;

export type TextIntent = 'classify' | 'summarise' | 'question';

/** What a request without tools asks for. */
export function intentOf(task: string): TextIntent {
  if (labelsInTask(task).length > 0) return 'classify';
  if (SUMMARY_WORDS.test(task)) return 'summarise';
  return QUESTION.test(task) ? 'question' : 'summarise';
}

/** Answer quoted from the documents, with `[n]` after each sentence and the list of sources; says so when nothing matches. */
export function answerFromText(task: string, documents: readonly ContextDocument[]): string {
  return `${OFFLINE_NOTICE}\n\n${answerBody(task, documents)}\n`;
}

/** The same without the notice, for use inside a report. */
export function answerBody(task: string, documents: readonly ContextDocument[]): string {
  const intent = intentOf(task);
  if (intent === 'classify') return classification(task, documents);
  const sentences = splitSentences(documents);
  if (intent === 'summarise') {
    const ranked = rankByCentrality(sentences)
      .slice(0, SUMMARY_MAX)
      .toSorted((a, b) => a.position - b.position);
    return `Most central sentences, quoted:\n\n${quote(ranked, documents)}`;
  }
  const ranked = rankByQuestion(sentences, task);
  const best = ranked[0]?.score ?? 0;
  const chosen = ranked.filter((sentence) => sentence.score >= 0.4 * best).slice(0, QUOTED_MAX);
  if (chosen.length === 0)
    return `No sentence of the given context (${documents.length === 1 ? 'one document' : `${documents.length} documents`}) shares a word with the question, so it is not answered. This is a comparison of words, not of meaning.`;
  return `Sentences of the given context that match the question best, quoted:\n\n${quote(chosen, documents)}`;
}

function quote(
  sentences: readonly RankedSentence[],
  documents: readonly ContextDocument[],
): string {
  const lines = sentences.map(
    (sentence) => `- ${plainText(sentence.text)} [${sentence.document + 1}]`,
  );
  const cited = [...new Set(sentences.map((sentence) => sentence.document))].toSorted(
    (a, b) => a - b,
  );
  const sources = cited.map(
    (index) => `[${index + 1}] ${plainText(documents[index]?.title ?? '')}`,
  );
  return `${lines.join('\n')}\n\nSources:\n\n${sources.join('\n')}`;
}

function classification(task: string, documents: readonly ContextDocument[]): string {
  const labels = labelsInTask(task);
  const ranked = rankLabels(
    textToClassify(task, documents),
    labels.map((label) => ({ label })),
  );
  const best = ranked[0];
  if (best === undefined || best.score === 0)
    return `The text shares no word with any of the labels (${labels.map(plainText).join(', ')}), so none is chosen.`;
  if (ranked[1]?.score === best.score)
    return `Undecided between ${plainText(best.label)} and ${plainText(ranked[1].label)}: the text shares as many words with both.`;
  return `Label: ${plainText(best.label)}\n\nChosen by shared words: ${ranked.map((each) => `${plainText(each.label)} ${each.score.toFixed(2)}`).join(', ')}.`;
}

/** The text that labels are compared with: the documents, else the task without the sentence that lists the labels. */
export function textToClassify(task: string, documents: readonly ContextDocument[]): string {
  if (documents.length > 0) return documents.map((document) => document.text).join('\n');
  const labels = labelsInTask(task);
  return labels.length === 0
    ? task
    : task
        .split(/(?<=[.\n:])/)
        .filter((part) => !labels.every((label) => part.includes(label)))
        .join('');
}
