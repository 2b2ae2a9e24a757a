const STOP = new Set(
  'a about above after again against all also am an and any are as at be because been before being below between both but by can could did do does doing down during each either few for from further had has have having he her here hers him his how i if in into is it its itself just let may me might more most much must my no nor not now of off on once only or other our out over own per please same she should so some such than that the their them then there these they this those through to too under until up upon us very was we were what when where which while who whom whose why will with within would yet you your'.split(
    ' ',
  ),
);

/** Takes endings off, so that "pricing", "prices" and "price" are one word. Light on purpose: short words stay as they are. */
export function stem(word: string): string {
  let root = word;
  if (/(?:ss|us|is)$/.test(root)) return root;
  if (root.length > 4 && root.endsWith('ies')) root = `${root.slice(0, -3)}y`;
  else if (root.length > 3 && root.endsWith('s')) root = root.slice(0, -1);
  for (const [ending, least, put] of [
    ['ational', 9, 'ate'],
    ['ization', 9, 'ize'],
    ['isation', 9, 'ize'],
    ['ation', 8, ''],
    ['ments', 8, ''],
    ['ment', 8, ''],
    ['ness', 7, ''],
    ['ing', 6, ''],
    ['edly', 7, ''],
    ['ed', 5, ''],
    ['ion', 7, ''],
    ['ly', 6, ''],
    ['er', 7, ''],
  ] as const) {
    if (root.length >= least && root.endsWith(ending)) {
      root = root.slice(0, -ending.length) + put;
      break;
    }
  }
  const doubled = /([bdgmnprt])\1$/.exec(root);
  if (doubled !== null) root = root.slice(0, -1);
  return root.length > 3 && root.endsWith('e')
    ? root.slice(0, -1)
    : root.replace(/(?<=\w{3})i$/, 'y');
}

/** Words of a text in order, lower case; joined names such as `cve-2026-1` and `v1.2` stay whole. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+(?:[.'’_-][\p{L}\p{N}]+)*/gu) ?? [];
}

/** Stems of the words that carry meaning, in order, repeated ones too. */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .map((word) => word.replace(/['’]s$/, ''))
    .filter((word) => !STOP.has(word) && (word.length > 1 || /\d/.test(word)))
    .map(stem);
}

/** Content words as they stand, each once. */
export function keywordsOf(text: string): string[] {
  return [...new Set(wordsOf(text).filter((word) => !STOP.has(word) && word.length > 1))];
}

/** Share of common terms: |A ∩ B| ÷ |A ∪ B|. */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const term of a) if (b.has(term)) common += 1;
  const union = a.size + b.size - common;
  return union === 0 ? 0 : common / union;
}
