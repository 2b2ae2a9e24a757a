/**
 * Whether a statement may run inside a workspace transaction. The session behind it belongs to the owner of the tables, so a
 * statement that could take that role again, name another workspace or end the transaction would step over row-level security.
 * Text is read as PostgreSQL's own scanner reads it: a word inside of a string means nothing, and no quotes, comments or escapes
 * hide one.
 */

/** What a statement may begin with. Everything else (SET, DO, CREATE, PREPARE, CALL …) is refused, known today or not. */
const HEADS: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'with',
  'values',
  'table',
  'savepoint',
  'release',
]);
/** Functions that change settings, or that run the text they are given. */
const FORBIDDEN = /^(?:set_config|ts_stat|ts_rewrite|(?:query|cursor)_to_xml\w*|dblink\w*)$/;

const TOKEN = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n\r]*)`,
    String.raw`(?<comment>/\*)`,
    String.raw`(?<text>[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<escaped>[uU]&")`,
    String.raw`(?<quoted>"(?:[^"]|"")*")`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<end>;)`,
    String.raw`(?<open>["'])`,
    String.raw`(?<other>[\s\S])`,
  ].join('|'),
  'y',
);

/** True when `text` stays inside of its role, its workspace and its transaction. */
export function staysInScope(text: string): boolean {
  let words: string[] = [];
  for (let at = 0; at < text.length;) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const found = match?.groups ?? {};
    // An unfinished string, or a name written in escapes: nothing of ours looks like that.
    if (match === null || found['open'] !== undefined || found['escaped'] !== undefined)
      return false;
    at = TOKEN.lastIndex;
    const word = found['word']?.toLowerCase() ?? found['quoted']?.slice(1, -1);
    if (word !== undefined) {
      if (FORBIDDEN.test(word)) return false;
      words.push(word);
    } else if (found['comment'] !== undefined) at = endOfComment(text, at);
    else if (found['text']?.startsWith('$') === true) at = endOfDollars(text, found['text'], at);
    else if (found['end'] !== undefined) {
      if (!isAllowed(words)) return false;
      words = [];
    }
    if (at < 0) return false;
  }
  return isAllowed(words);
}

/** An empty statement is none. */
function isAllowed([head, ...rest]: readonly string[]): boolean {
  if (head === undefined || HEADS.has(head)) return true;
  if (head !== 'rollback') return false;
  return (rest[0] === 'work' || rest[0] === 'transaction' ? rest[1] : rest[0]) === 'to';
}

/** Comments nest; -1 when one does not end. */
function endOfComment(text: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  for (let depth = 1; depth > 0;) {
    const found = mark.exec(text);
    if (found === null) return -1;
    depth += found[0] === '/*' ? 1 : -1;
  }
  return mark.lastIndex;
}

function endOfDollars(text: string, tag: string, from: number): number {
  const at = text.indexOf(tag, from);
  return at === -1 ? -1 : at + tag.length;
}

const VERDICTS_MAX = 2000;

/** As {@link staysInScope}, with the verdicts of statements that come again and again kept. */
export function createScopeCheck(): (text: string) => boolean {
  const verdicts = new Map<string, boolean>();
  return (text) => {
    const known = verdicts.get(text);
    if (known !== undefined) return known;
    const verdict = staysInScope(text);
    if (verdicts.size >= VERDICTS_MAX) verdicts.clear();
    verdicts.set(text, verdict);
    return verdict;
  };
}
