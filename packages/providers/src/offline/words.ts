const STOP = new Set(
  'a an and any are as at be been being both but by can could did do does each every few for from had has have having how i if in into is it its itself just may me might more most must my no nor of off on once only or other our out over own per please same shall should so some such than that the their them then there these they this those through to too under up upon us very was we were what when where which while who whom why will with would you your also all following given using use via'.split(
    ' ',
  ),
);

/** Words that most tools and requests share: they help only in company. */
const GENERIC_WORDS =
  'scan check run get analyse analyze analysis tool file find report list read review show code data result provide make give line text value item name number full current search inspect audit verify validate assess examine workspace folder project repository path';

/** Groups of words that mean the same to a tool chooser; the first one stands for all. */
const SYNONYMS: readonly string[] = [
  'secret credential password token apikey leak',
  'vulnerability advisory cve vulnerable',
  'dependency package library manifest lockfile',
  'license licence licensing',
  'sast static injection unsafe insecure',
  'metric complexity cyclomatic measure',
  'duplicate duplication clone copy',
  'hotspot churn',
  'documentation doc docs docstring documented',
  'link href hyperlink',
  'list listing enumerate tree ls',
  'read open view cat load',
  'search grep lookup glob match',
  'find locate detect identify',
  'test spec testing',
  'dataset csv tabular spreadsheet',
  'profile profiling statistics stats describe',
  'error failure exception fault incident',
  'git commit history',
  'folder directory dir',
  'repository repo codebase project',
  'analyse analyze analysis',
  'chart plot diagram',
  'cluster group triage',
  'delete remove erase',
  'write save store',
  'send post publish',
  'log logs',
  'security secure',
  'performance latency speed',
  'summary summarise summarize overview',
  'count tally',
  'outlier anomaly',
  'url website page',
  'image picture photo',
];

const canonical = buildCanonical();
const generic = new Set(GENERIC_WORDS.split(' ').map((word) => canonicalStem(word)));

function buildCanonical(): Map<string, string> {
  const map = new Map<string, string>();
  for (const group of SYNONYMS) {
    const words = group.split(' ');
    const head = stem(words[0] ?? '');
    for (const word of words) map.set(stem(word), head);
  }
  return map;
}

/** Light stem: plural, -ing, -ed, -ion and a final e are taken off when enough is left. */
export function stem(word: string): string {
  let text = word;
  if (text.endsWith('ies') && text.length > 4) text = `${text.slice(0, -3)}y`;
  else if (/(?:ss|sh|ch|x|z)es$/.test(text)) text = text.slice(0, -2);
  else if (/[^sui]s$/.test(text) && text.length > 3) text = text.slice(0, -1);
  for (const ending of ['ations', 'ation', 'ing', 'ed', 'ion', 'er']) {
    if (
      text.endsWith(ending) &&
      text.length - ending.length >= 3 &&
      /[aeiouy]/.test(text.slice(0, -ending.length))
    ) {
      text = text.slice(0, -ending.length).replace(/([bdfgmnprt])\1$/, '$1');
      break;
    }
  }
  return text.length > 3 ? text.replace(/e$/, '') : text;
}

function canonicalStem(word: string): string {
  const root = stem(word);
  return canonical.get(root) ?? root;
}

/** Content words of a text in order: split at case changes and signs, lower case, no stop words, stemmed, synonyms joined. */
export function contentWords(text: string): string[] {
  const split = text.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const words: string[] = [];
  for (const [word] of split.matchAll(/[\p{L}\p{N}]+/gu))
    if (!STOP.has(word) && word.length <= 60) words.push(canonicalStem(word));
  return words;
}

export function isGeneric(word: string): boolean {
  return generic.has(word);
}
