/** One way to read a text, with the steps that led to it. */
export interface TextView {
  text: string;
  /** What the patterns are tried on. */
  lower: string;
  /** Empty for the text as it stood. */
  decoded: readonly string[];
}

const ROUNDS_MAX = 3;
const HEAD_CHARS = 8 * 1024;
const TAIL_CHARS = 2 * 1024;
const TOKENS_MAX = 4;
const TOKEN_CHARS_MAX = 4 * 1024;

/** What of a text is looked at: all of it, or its first 8 and last 2 KiB, so that the time for one text has a bound. */
export function boundText(text: string): string {
  return text.length <= HEAD_CHARS + TAIL_CHARS
    ? text
    : `${text.slice(0, HEAD_CHARS)}\n${text.slice(-TAIL_CHARS)}`;
}

/**
 * The text as it stands and as it reads once what may hide it is taken off: percent signs (twice and thrice too), HTML entities,
 * escapes of JavaScript, look-alike and invisible characters, comments inside of SQL, and base64.
 */
export function viewsOf(text: string): TextView[] {
  const bounded = boundText(text);
  const views = [view(bounded, [])];
  let current = bounded;
  const steps: string[] = [];
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = current;
    for (const [name, decode] of DECODERS) {
      const next = decode(current);
      if (next === current) continue;
      current = next;
      steps.push(name);
    }
    if (current === before) break;
    views.push(view(current, [...steps]));
  }
  const plain = withoutComments(current);
  if (plain !== current) views.push(view(plain, [...steps, 'comment']));
  for (const inner of base64Texts(current)) views.push(view(inner, [...steps, 'base64']));
  return views;
}

function view(text: string, decoded: readonly string[]): TextView {
  return { text, lower: text.toLowerCase(), decoded };
}

const DECODERS: readonly (readonly [string, (text: string) => string])[] = [
  ['unicode', foldUnicode],
  ['percent', decodePercent],
  ['entities', decodeEntities],
  ['escapes', decodeEscapes],
];

const INVISIBLE = /[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;
const TAGS = /[\u{e0020}-\u{e007e}]/gu;

/** Look-alikes become what they look like, invisible characters go, and those of the tag block are read. */
function foldUnicode(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the question is whether there is anything beyond ASCII
  if (/^[\u0000-\u007f]*$/.test(text)) return text;
  return text
    .normalize('NFKC')
    .replaceAll(INVISIBLE, '')
    .replaceAll(TAGS, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000));
}

function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  return text
    .replaceAll(/%u([0-9a-f]{4})/gi, (_all, hex: string) => fromCode(Number.parseInt(hex, 16)))
    .replaceAll(/%c0%af/gi, '/')
    .replaceAll(/%c1%9c/gi, '\\')
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
    );
}

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  colon: ':',
  lpar: '(',
  rpar: ')',
  sol: '/',
  tab: '\t',
  newline: '\n',
};

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,8}));?/gi,
    (all: string, ...groups: (string | undefined)[]) => {
      const [hex, decimal, name] = groups;
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all;
      return fromCode(Number.parseInt(hex ?? decimal ?? '', hex === undefined ? 10 : 16));
    },
  );
}

function decodeEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(
    /\\(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2}))/gi,
    (_all: string, ...groups: (string | undefined)[]) =>
      fromCode(Number.parseInt(groups[0] ?? groups[1] ?? groups[2] ?? '', 16)),
  );
}

function fromCode(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}

/** Comments of SQL as a space; those that MySQL runs lose their frame only. */
function withoutComments(text: string): string {
  if (!text.includes('/*')) return text;
  return text
    .replaceAll(/\/\*!\d{0,6}([^*]{0,200})\*\//g, ' $1 ')
    .replaceAll(/\/\*[^*]{0,200}\*\//g, ' ');
}

const BASE64_TOKEN = /[A-Za-z0-9+/_-]{24,4096}={0,2}/g;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** What long tokens hold when they are base64 of text. */
function base64Texts(text: string): string[] {
  if (text.length < 24) return [];
  const found: string[] = [];
  let tried = 0;
  for (const [token] of text.matchAll(BASE64_TOKEN)) {
    if (tried >= TOKENS_MAX) break;
    // Words and hex digests are no base64 of sentences.
    if (UUID.test(token) || /^(?:[a-z/-]+|[0-9a-f]+)$/.test(token)) continue;
    tried += 1;
    const inner = Buffer.from(token.slice(0, TOKEN_CHARS_MAX), 'base64').toString('latin1');
    // oxlint-disable-next-line no-control-regex -- printable means without control characters
    if (inner.length >= 12 && /^[\t\n\r\x20-\x7e]+$/.test(inner)) found.push(inner);
  }
  return found;
}
