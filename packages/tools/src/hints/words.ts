/** Words that say nothing about which tool is meant. */
const STOP = new Set(
  (
    'a an and any are as at be been but by can could do does for from get give go had has have how i if in into is it its ' +
    'let like made make me my need needs no not of on or our out over please shall should show so some tell than that the ' +
    'their them then there these they this those to try up us use used using want was we were what when where which who ' +
    'why will with within without would you your all also about after before between each every give given just more most ' +
    'now one only other same such too very via kind thing things lot help'
  ).split(' '),
);

/** Short endings first would leave the longer ones half cut, hence by length. */
const ENDINGS: readonly [ending: string, put: string, stemMin: number][] = [
  ['ications', 'ic', 3],
  ['ication', 'ic', 3],
  ['ations', 'at', 3],
  ['ation', 'at', 3],
  ['encies', 'enc', 3],
  ['abilities', '', 4],
  ['ability', '', 4],
  ['ements', '', 4],
  ['ement', '', 4],
  ['ities', '', 4],
  ['ility', '', 4],
  ['nesses', '', 3],
  ['ness', '', 3],
  ['ments', '', 4],
  ['ment', '', 4],
  ['ings', '', 3],
  ['ing', '', 3],
  ['ions', '', 4],
  ['ion', '', 4],
  ['ency', 'enc', 3],
  ['ence', 'enc', 3],
  ['ances', 'anc', 3],
  ['ance', 'anc', 3],
  ['ables', '', 4],
  ['able', '', 4],
  ['ives', '', 4],
  ['ive', '', 4],
  ['ers', '', 3],
  ['ity', '', 4],
  ['ies', 'y', 2],
  ['ied', 'y', 2],
  ['als', '', 4],
  ['ed', '', 3],
  ['er', '', 3],
  ['ly', '', 3],
  ['al', '', 4],
  ['es', '', 3],
  ['s', '', 3],
  ['e', '', 3],
];

/** Brings the forms of an English word together; what comes out is for comparing, not for reading. */
export function stem(word: string): string {
  if (word.length < 4 || /\d/.test(word) || word.endsWith('ss')) return word;
  const found = ENDINGS.find(
    ([ending, put, min]) =>
      word.endsWith(ending) && word.length - ending.length + put.length >= min,
  );
  if (found === undefined) return word;
  const base = word.slice(0, -found[0].length) + found[1];
  // planned → plan, but not fill → fil
  const doubled = /([bdgmnprt])\1$/.test(base) && base.length > 3;
  return (doubled ? base.slice(0, -1) : base).replace(/y$/, 'i');
}

/** Stems of a text in order, without words that say nothing; snake_case and camelCase are taken apart. */
export function stemsOf(text: string): string[] {
  return text
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}+#]+/u)
    .filter((word) => word.length > 1 && !STOP.has(word))
    .map(stem);
}
