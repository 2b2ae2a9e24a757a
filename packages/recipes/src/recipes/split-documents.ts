/** One document of a YAML file, without the marks around it. */
export interface YamlDocument {
  text: string;
  /** Lines of the file before the first line of `text`. */
  linesBefore: number;
}

/** A line that starts a document; in YAML it does so wherever it stands, also inside a text. */
const START = /^---(?=\s|$)/;
const END = /^\.\.\.(?=\s|$)/;
/** Nothing but a mark, or a mark and a comment. */
const BARE = /^(?:---|\.\.\.)\s*(?:#.*)?$/;

/** The documents of a YAML file in order. What holds only comments and blank lines is no document. */
export function splitDocuments(yaml: string): YamlDocument[] {
  const documents: { lines: string[]; linesBefore: number }[] = [];
  let open: { lines: string[]; linesBefore: number } = { lines: [], linesBefore: 0 };
  for (const [index, line] of yaml.split('\n').entries()) {
    const plain = line.replace(/\r$/, '');
    if (!START.test(plain) && !END.test(plain)) {
      open.lines.push(line);
      continue;
    }
    // A `%` line belongs to the document whose mark follows it.
    const directives =
      START.test(plain) && open.lines.every((text) => isEmpty(text) || isDirective(text));
    if (directives && open.lines.some(isDirective)) {
      open.lines.push(line);
      continue;
    }
    documents.push(open);
    const bare = BARE.test(plain);
    open = { lines: bare ? [] : [line], linesBefore: index + (bare ? 1 : 0) };
  }
  return [...documents, open]
    .filter(({ lines }) => !lines.every(isEmpty))
    .map(({ lines, linesBefore }) => ({ text: lines.join('\n'), linesBefore }));
}

function isEmpty(line: string): boolean {
  return /^\s*(?:#.*)?\r?$/.test(line);
}

function isDirective(line: string): boolean {
  return line.startsWith('%');
}
