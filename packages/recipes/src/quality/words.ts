/** Function words by language: they tell languages apart and say nothing about the subject. */
const FUNCTION_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: wordSet(
    'the of and to in a is that it for was on are as with be by this have from or at not which an but they were has had its their there been would who will can all if no each than then when we you your i so do does did into about what only other some these those also should must may',
  ),
  de: wordSet(
    'der die das und ist nicht ein eine einen einem einer den dem des mit von zu im auf für auch sich es sie er wir ich wird werden wurde sind war hat haben als wie aber oder noch nach bei nur durch dass kann mehr über vor',
  ),
  fr: wordSet(
    'le la les des un une et est en que qui dans pour pas sur avec au aux du par ce cette ces il elle nous vous ils sont être plus ne se ou mais été sans leur comme',
  ),
  es: wordSet(
    'el la los las un una y es en que de del por para con no se su sus al lo como más pero fue son este esta entre cuando muy sin sobre también ha hay o',
  ),
  it: wordSet(
    'il lo la i gli le un una e è di che in per con non si del della dei delle nel nella sono come più ma anche questo questa ha o da al alla essere',
  ),
  nl: wordSet(
    'de het een en van is dat niet op te in voor met zijn er aan ook als maar om bij door naar dan nog wel kan wordt worden deze die of ze',
  ),
  pt: wordSet(
    'o a os as um uma e é de do da dos das em no na que para com não se por mais como mas foi são ao pelo pela este esta ou ser tem',
  ),
};

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

/** Words that requests and answers share whatever they are about. */
const GENERIC = wordSet(
  'write list name names point points step steps result results give given show shown make makes use uses used using need needs work works working good well new first last next time times way case cases example thing things part parts many much more most less least very just like get take set add added text file files line lines page word words number value values one two three four five say says put run runs see start end full whole find finds found note help keep per any every between before after without within against because while however still even such same own out off over under up down how why where here itself whether could would might shall until once both few own too',
);

/** Words of a text in lower case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’]*/gu) ?? [];
}

/** Crude stem: endings of English words go, so that `checks`, `checked` and `checking` are one term. */
function stem(word: string): string {
  if (word.length <= 4) return word.replace(/s$/, '');
  return word
    .replace(/(?:ies)$/, 'y')
    .replace(/(?:ing|edly|ed|es|ly|s)$/, '')
    .replace(/(.)\1$/, '$1');
}

/** Terms that say what a text is about: function words, generic words and short ones are left out. */
export function termsOf(text: string): Set<string> {
  const split = text.replaceAll(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/[_/.\\-]+/g, ' ');
  const terms = new Set<string>();
  for (const word of wordsOf(split)) {
    if (word.length < 3 || /^\d+$/.test(word) || GENERIC.has(word)) continue;
    if (FUNCTION_WORDS['en']?.has(word)) continue;
    terms.add(stem(word));
  }
  return terms;
}

/** Language of a passage by its function words; null when it is too short or undecided. */
export function languageOf(text: string): string | null {
  const script = scriptOf(text);
  if (script !== null) return script;
  const words = wordsOf(text);
  if (words.length < 12) return null;
  const votes = Object.entries(FUNCTION_WORDS)
    .map(([language, known]) => ({
      language,
      hits: words.filter((word) => known.has(word)).length,
    }))
    .toSorted((a, b) => b.hits - a.hits);
  const [best, second] = votes;
  if (best === undefined || second === undefined) return null;
  return best.hits >= words.length * 0.15 && best.hits > second.hits * 1.3 ? best.language : null;
}

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['han', /\p{Script=Han}/gu],
  ['kana', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['hangul', /\p{Script=Hangul}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['greek', /\p{Script=Greek}/gu],
];
function scriptOf(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters < 10) return null;
  const found = SCRIPTS.find(([, pattern]) => (text.match(pattern)?.length ?? 0) > letters / 3);
  return found === undefined ? null : found[0] === 'kana' ? 'han' : found[0];
}

/** Syllables of an English word, estimated by its groups of vowels; at least 1. */
export function syllablesOf(word: string): number {
  const groups = word.replace(/(?:[^laeiouy]es|[^aeiouy]e|ed)$/, '').match(/[aeiouy]+/g);
  return Math.max(1, groups?.length ?? 1);
}

const NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split(
  ' ',
);
/** Pattern of a number in digits or, up to twelve, in words. */
export const NUMBER_PATTERN = `\\d{1,3}(?:,\\d{3})+|\\d+|${NUMBER_WORDS.join('|')}`;

/** Value of a match of {@link NUMBER_PATTERN}. */
export function numberOf(text: string): number {
  const word = NUMBER_WORDS.indexOf(text.toLowerCase());
  return word >= 0 ? word : Number(text.replaceAll(',', ''));
}
