/** One template with the number of messages it stands for. */
export interface Template {
  tokens: string[];
  count: number;
}

const WILDCARD = '<*>';
const PREFIX_TOKENS = 2;
const CHILDREN_MAX = 64;

const MASKS: readonly [RegExp, string][] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}\S*/g, '<time>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b/g, '<ip>'],
  [/\b[\w.+-]+@[\w-]+\.[\w.]+\b/g, '<email>'],
  [/\bhttps?:\/\/\S+/g, '<url>'],
  [/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '<text>'],
  [/\b0x[0-9a-f]+\b|\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/(?<![\w.])[+-]?\d+(?:\.\d+)?(?:ms|s|us|ns|kb|mb|gb|b|%)?(?![\w.])/gi, '<num>'],
];

/** Replaces what varies by nature: numbers, addresses, ids, texts in quotes. */
export function maskMessage(message: string): string {
  return MASKS.reduce((text, [expression, name]) => text.replaceAll(expression, name), message);
}

function similarity(template: readonly string[], tokens: readonly string[]): number {
  let same = 0;
  for (const [index, token] of template.entries()) if (token === tokens[index]) same += 1;
  return same / template.length;
}

/**
 * Groups log messages into templates as they come (the Drain method): a tree by number of words and first words leads
 * to a few candidates; the most similar one takes the message, words that differ become `<*>`.
 */
export function createDrain<T extends Template>(options: {
  similarityMin: number;
  templatesMax: number;
  make: (template: Template) => T;
}) {
  const leaves = new Map<string, T[]>();
  const prefixes = new Map<number, Set<string>>();
  const all: T[] = [];
  let overflow = 0;

  function leafKey(tokens: readonly string[]): string {
    const known = prefixes.get(tokens.length) ?? new Set<string>();
    prefixes.set(tokens.length, known);
    // Words with digits are likely to vary and must not split the tree.
    const head = tokens
      .slice(0, PREFIX_TOKENS)
      .map((token) => (/\d|</.test(token) ? WILDCARD : token))
      .join(' ');
    if (!known.has(head) && known.size >= CHILDREN_MAX) return `${tokens.length} ${WILDCARD}`;
    known.add(head);
    return `${tokens.length} ${head}`;
  }

  return {
    /** Returns the template that the message now belongs to, or undefined when there are too many templates. */
    add(message: string): T | undefined {
      const tokens = maskMessage(message).trim().split(/\s+/).slice(0, 60);
      const key = leafKey(tokens);
      const candidates = leaves.get(key) ?? [];
      let best: T | undefined;
      let bestScore = -1;
      for (const candidate of candidates) {
        const score = similarity(candidate.tokens, tokens);
        if (score > bestScore) [best, bestScore] = [candidate, score];
      }
      if (best !== undefined && bestScore >= options.similarityMin) {
        best.tokens = best.tokens.map((token, index) =>
          token === tokens[index] ? token : WILDCARD,
        );
        best.count += 1;
        return best;
      }
      if (all.length >= options.templatesMax) {
        overflow += 1;
        return undefined;
      }
      const made = options.make({ tokens, count: 1 });
      candidates.push(made);
      leaves.set(key, candidates);
      all.push(made);
      return made;
    },
    templates: (): readonly T[] => all,
    /** Messages that found no place because there were too many templates. */
    overflow: () => overflow,
  };
}
