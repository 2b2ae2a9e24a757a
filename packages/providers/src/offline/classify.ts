import { contentWords } from './words.ts';

export interface LabelScore {
  label: string;
  score: number;
}

/**
 * Labels by lexical similarity to a text, best first: the share of a label's words (and of its description, at half weight) that the
 * text has, rarer words counting more. All zero = the text says nothing about any label.
 */
export function rankLabels(
  text: string,
  labels: readonly { label: string; description?: string }[],
): LabelScore[] {
  const counts = new Map<string, number>();
  for (const word of contentWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const rarity = new Map<string, number>();
  for (const { label, description } of labels)
    for (const word of new Set(contentWords(`${label} ${description ?? ''}`)))
      rarity.set(word, (rarity.get(word) ?? 0) + 1);
  const weigh = (words: string[]) =>
    words.reduce(
      (sum, word) =>
        sum +
        ((counts.get(word) ?? 0) === 0
          ? 0
          : (1 + Math.log(counts.get(word) ?? 1)) / (rarity.get(word) ?? 1)),
      0,
    );
  const scored = labels.map(({ label, description }) => {
    const own = [...new Set(contentWords(label))];
    const more = [...new Set(contentWords(description ?? ''))].filter(
      (word) => !own.includes(word),
    );
    return {
      label,
      score:
        weigh(own) / Math.max(1, own.length) +
        (0.5 * weigh(more)) / Math.max(1, Math.sqrt(more.length)),
    };
  });
  return scored.toSorted((a, b) => b.score - a.score);
}

/** Labels that a task offers in words: "classify as a, b or c", "one of: a, b, c". Empty when it offers none. */
export function labelsInTask(task: string): string[] {
  const match =
    /(?:classify|categori[sz]e|label|sort|assign)\b[^.\n:]*?\b(?:as|into|in|to)\b(?: one of)?:?\s+([^.\n]+)|\bone of(?: these)?:?\s+([^.\n]+)/i.exec(
      task,
    );
  const list = match?.[1] ?? match?.[2];
  if (list === undefined) return [];
  const labels = list
    .split(/\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s*\/\s*|\s*\|\s*/)
    .map((label) => label.replace(/["'`“”]/g, '').trim())
    .filter((label) => label !== '' && label.length <= 60);
  return labels.length >= 2 ? labels : [];
}
