import type { Defect, DefectKind, Sentence, Subject } from './subject-types.ts';
import { cellsOf } from './content-parts.ts';
import { wordsOf } from './words.ts';

/** Never right in finished prose. */
const UNRESOLVED =
  /\{\{[^{}]*\}\}|\[object Object\]|lorem ipsum|<(?:insert|your|enter|replace)\b[^>]*>|\[(?:insert|your|enter|placeholder|to be)\b[^\]]*\]|\b(?:to be (?:determined|completed|filled in|written)|coming soon|goes here|your text here)\b|\$\{[^}]*\}|%%[A-Z_]+%%/i;
/** Right as a subject, a placeholder on its own. */
const OPEN_WORK = /\b(?:TODO|TBD|FIXME|XXX|TBC)\b/;
/** Values of a field that was not there. */
const NO_VALUE = /^(?:undefined|null|NaN|None|n\/a\?|\?\?\?+|\.\.\.|…|xxx+)$/i;

const CANNED =
  /\b(?:as an ai\b|as a (?:large )?language model|i(?:'m| am) (?:sorry|unable|not able)\b|i (?:cannot|can't|can not) (?:help|assist|fulfil|access|complete|comply|provide|do that)|i (?:do not|don't) have (?:access|the ability|enough information)|(?:please )?(?:try again later|provide more (?:details|information))|something went wrong)/i;
const FILLER =
  /^(?:certainly|sure|of course|absolutely|great question|happy to help)\b[!,. ]|\b(?:i hope this helps|let me know if you|feel free to (?:ask|reach)|here(?:'s| is) (?:the|your|a) (?:\w+ ){0,3}(?:you (?:asked|requested)|as requested)|in today's (?:fast|digital|modern)|it is important to note that|needless to say|at the end of the day|without further ado)\b/i;
const SHOUTING = /!{2,}|\?{3,}|(?:\b\p{Lu}{4,}\b[\s,]+){3,}\b\p{Lu}{3,}\b/u;

/** Defects of all sentences, headings, cells and values; one sentence may have several. */
export function defectsIn(subject: Pick<Subject, 'sentences' | 'evidence'>): Defect[] {
  const known = subject.evidence.findings.flatMap(({ message, evidence }) => [message, evidence]);
  const quotes = (text: string) => known.some((quote) => quote.length > 3 && text.includes(quote));
  // What a tool found is quoted, not left open.
  const unquoted = (sentence: Sentence) => {
    const found = placeholderIn(sentence);
    return found === null || quotes(sentence.text) ? null : found;
  };
  return subject.sentences.flatMap((sentence) => {
    const found: Defect[] = [];
    const add = (kind: DefectKind, match: string | null) => {
      if (match !== null) found.push({ kind, sentence, text: match });
    };
    add('placeholder', unquoted(sentence));
    if (sentence.block.kind === 'row') return found;
    add('canned', CANNED.exec(sentence.prose)?.[0] ?? null);
    add('filler', FILLER.exec(sentence.prose)?.[0] ?? null);
    add('shouting', SHOUTING.exec(sentence.prose)?.[0] ?? null);
    return found;
  });
}

function placeholderIn({ prose, text, block }: Sentence): string | null {
  const unresolved = UNRESOLVED.exec(prose)?.[0];
  if (unresolved !== undefined) return unresolved;
  if (block.kind === 'row') {
    const cell = cellsOf(block.raw).find(
      (value) => NO_VALUE.test(value) || /^(?:TODO|TBD|FIXME|TBC)\b/.test(value),
    );
    return cell ?? null;
  }
  if (NO_VALUE.test(text.trim()) || /:\s*(?:undefined|NaN)\.?$/.test(prose)) return text;
  const open = OPEN_WORK.exec(prose)?.[0];
  if (open === undefined) return null;
  // A text about open work names places or shows code; a placeholder stands alone or leads its sentence.
  const leads = new RegExp(`^\\W*${open}\\b`).test(prose);
  const about =
    text !== prose || /:\d+/.test(text) || /\bTODOs?\b.*\b(?:comments?|markers?)\b/i.test(text);
  const alone = wordsOf(prose).length <= 3;
  return alone || (leads && !about) ? text : null;
}
