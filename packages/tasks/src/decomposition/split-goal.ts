import { readNeeds } from './read-needs.ts';
import type { ReadNeed } from './read-needs.ts';

/** A part of the goal that calls for one or more capabilities. */
export interface GoalPart {
  text: string;
  needs: ReadNeed[];
}

/** Parts by step: those of one step may be done side by side, each step builds on the one before. */
export interface SplitGoal {
  steps: GoalPart[][];
  /** Parts that only ask for what every task ends with: a report. */
  reporting: string[];
}

type Read = (clause: string) => ReadNeed[];

/** Words after which something else begins that builds on what was before. */
const SEQUENCE =
  /(?:,\s*|\s+)(?:and\s+then|then|after\s+that|afterwards|finally|based\s+on\s+(?:that|this|it|those|(?:the\s+)?(?:results?|findings?))|(?:using|with|from)\s+(?:the\s+)?(?:results?|findings?)),?\s+/i;
const SEQUENCE_START =
  /^(?:and\s+)?(?:then|next|after\s+that|afterwards|finally|lastly|based\s+on\s+(?:that|this|it|those|(?:the\s+)?(?:results?|findings?)))\b[,:]?\s*/i;
const SIDE_BY_SIDE = /\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s+as\s+well\s+as\s+|\s+plus\s+|\s+&\s+/i;
const REPORTING =
  /^(?:please\s+)?(?:give|write|produce|make|create|summari[sz]e|report|present|deliver|show|tell)\b.*?\b(?:report|summary|findings?|results?|overview|everything|it|them)\b/i;

/** Takes a goal apart by its words: sentences, lists, and what comes after what. */
export function splitGoal(goal: string, own: readonly string[] = []): SplitGoal {
  const read: Read = (clause) => readNeeds(clause, own);
  const steps: GoalPart[][] = [];
  const reporting: string[] = [];
  for (const sentence of sentencesOf(goal)) {
    const follows = SEQUENCE_START.test(sentence);
    const stages = stagesOf(sentence.replace(SEQUENCE_START, ''), read);
    for (const [index, stage] of stages.entries()) {
      const parts = partsOf(stage, { read, reporting });
      if (parts.length === 0) continue;
      const last = steps.at(-1);
      if (last === undefined || index > 0 || follows) steps.push(parts);
      else last.push(...parts);
    }
  }
  return { steps, reporting };
}

function sentencesOf(goal: string): string[] {
  return goal
    .split(/(?<=\D[.!?;])\s+|;\s*|\r?\n+/)
    .map((sentence) =>
      sentence
        .replace(/^\s*(?:[-*•]|\d+[.)])\s+/, '')
        .replace(/^(?:first|second|third)(?:ly)?,?\s+/i, '')
        .replace(/[.!;]+\s*$/, '')
        .trim(),
    )
    .filter((sentence) => sentence !== '');
}

/** The sentence by what has to be done first, second and so on. */
function stagesOf(sentence: string, read: Read): string[] {
  const turned = turnedAround(sentence, read);
  return (turned ?? [sentence]).flatMap((part) =>
    part
      .split(new RegExp(SEQUENCE, 'gi'))
      .map((piece) => piece.trim())
      .filter((piece) => piece !== ''),
  );
}

/** `after A, B`, `B after A`, `before A, B`, `B based on A`: first what has to come first; null without two kinds of work. */
function turnedAround(sentence: string, read: Read): string[] | null {
  const forms: [RegExp, (a: string, b: string) => [string, string]][] = [
    [/^(?:after|once|when)\s+(.+?),\s*(.+)$/i, (a, b) => [a, b]],
    [/^before\s+(.+?),\s*(.+)$/i, (a, b) => [b, a]],
    [/^based\s+on\s+(.+?),\s*(.+)$/i, (a, b) => [a, b]],
    [/^(.+?)\s+(?:after|once)\s+(.+)$/i, (a, b) => [b, a]],
    [/^(.+?)\s+before\s+(.+)$/i, (a, b) => [a, b]],
    [/^(.+?)\s+based\s+on\s+(.+)$/i, (a, b) => [b, a]],
  ];
  for (const [form, order] of forms) {
    const match = form.exec(sentence);
    if (match === null) continue;
    const [first, second] = order(match[1] ?? '', match[2] ?? '');
    const fields = new Set([...read(first), ...read(second)].map(({ field }) => field));
    if (read(first).length > 0 && read(second).length > 0 && fields.size > 1) {
      return [first, second];
    }
  }
  return null;
}

/** What stands side by side. A piece that calls for nothing of its own belongs to the one before it, e.g. `in src and lib`. */
function partsOf(stage: string, { read, reporting }: { read: Read; reporting: string[] }) {
  const parts: GoalPart[] = [];
  let waiting = '';
  for (const piece of stage.split(new RegExp(SIDE_BY_SIDE, 'gi')).map((text) => text.trim())) {
    if (piece === '') continue;
    const needs = read(piece);
    const last = parts.at(-1);
    if (!needs.some(({ score }) => score >= 1) && REPORTING.test(piece)) reporting.push(piece);
    else if (needs.length > 0) {
      parts.push({ text: join(waiting, piece), needs });
      waiting = '';
    } else if (last !== undefined && !last.needs.some(({ score }) => score < 1)) {
      last.text = join(last.text, piece);
    } else waiting = join(waiting, piece);
  }
  const last = parts.at(-1);
  if (waiting === '') return parts;
  if (last === undefined) return [{ text: waiting, needs: [] }];
  last.text = join(last.text, waiting);
  return parts;
}

function join(a: string, b: string): string {
  return a === '' ? b : `${a}, ${b}`;
}
