import type { ApiSymbol } from './api-symbol.ts';
import type { Extracted } from './extract-script.ts';

const DEFINITION = /^(?:async\s+)?(def|class)\s+([A-Za-z]\w*)/;

/** The signature from its first line to the colon that ends it, and the index of its last line. */
function readSignature(lines: readonly string[], start: number): { text: string; end: number } {
  let depth = 0;
  const parts: string[] = [];
  for (let index = start; index < lines.length && index - start < 60; index += 1) {
    const line = (lines[index] ?? '').replace(/\s+#.*$/, '');
    parts.push(line.trim());
    for (const character of line)
      depth += '([{'.includes(character) ? 1 : ')]}'.includes(character) ? -1 : 0;
    if (depth <= 0 && line.trimEnd().endsWith(':')) return { text: parts.join(' '), end: index };
  }
  return { text: parts[0] ?? '', end: start };
}

/** Parts of a list at the top level of its brackets. */
function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = '';
  for (const character of text) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (character === ',' && depth === 0) {
      parts.push(current.trim());
      current = '';
    } else current += character;
  }
  return [...parts, current.trim()].filter((part) => part !== '');
}

function parametersOf(signature: string): ApiSymbol['parameters'] {
  const from = signature.indexOf('(');
  const to = signature.lastIndexOf(')');
  if (from === -1 || to < from) return [];
  return splitTop(signature.slice(from + 1, to)).flatMap((part) => {
    if (/^(?:self|cls|\*|\/)$/.test(part)) return [];
    const [, name = part, type = '', fallback] =
      /^(\*{0,2}\w+)\s*(?::\s*(.*?))?\s*(?:=\s*(.*))?$/.exec(part) ?? [];
    return [{ name, type, optional: fallback !== undefined || name.startsWith('*'), doc: '' }];
  });
}

interface Docstring {
  text: string;
  /** 1-based line on which it begins. */
  line: number;
}

function docstringAfter(lines: readonly string[], end: number): Docstring | undefined {
  const at = lines.findIndex((line, index) => index > end && line.trim() !== '');
  const open = /^\s+[rRuU]{0,2}("""|'''|"|')(.*)$/.exec(lines[at] ?? '');
  if (open === null) return undefined;
  const [, mark = '"', first = ''] = open;
  const parts: string[] = [];
  for (let index = at, line = first; index < lines.length; index += 1, line = lines[index] ?? '') {
    const close = line.indexOf(mark);
    parts.push(close === -1 ? line : line.slice(0, close));
    if (close !== -1 || mark.length === 1) break;
  }
  const indent = Math.min(
    ...parts
      .slice(1)
      .filter((line) => line.trim() !== '')
      .map((line) => line.length - line.trimStart().length),
    40,
  );
  return {
    text: parts
      .map((line, index) => (index === 0 ? line.trim() : line.slice(indent)))
      .join('\n')
      .trim(),
    line: at + 1,
  };
}

/** Documented parameters of the Google, NumPy and Sphinx styles, with the offset of their line in the docstring. */
function documentedParameters(doc: string): { name: string; text: string; offset: number }[] {
  const found: { name: string; text: string; offset: number }[] = [];
  let inside = false;
  for (const [offset, line] of doc.split('\n').entries()) {
    const sphinx = /^\s*:param\s+(?:[\w[\], ]+\s+)?(\w+)\s*:\s*(.*)$/.exec(line);
    if (sphinx !== null) found.push({ name: sphinx[1] ?? '', text: sphinx[2] ?? '', offset });
    if (/^(?:Args|Arguments|Parameters)\s*:\s*$/.test(line)) inside = true;
    else if (/^\S/.test(line)) inside = false;
    const google = inside ? /^\s+(\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)$/.exec(line) : null;
    if (google !== null) found.push({ name: google[1] ?? '', text: google[2] ?? '', offset });
  }
  return found;
}

const SECTION =
  /^(?:Args|Arguments|Parameters|Returns|Raises|Yields|Examples?)\s*:\s*$|^\s*:(?:param|return|raises|type)\b/;

function mainText(doc: string): string {
  const lines = doc.split('\n');
  const at = lines.findIndex((line) => SECTION.test(line));
  return (at === -1 ? lines : lines.slice(0, at)).join('\n').trim();
}

/** Reads public top-level functions and classes of a Python file. */
export function extractPython(path: string, source: string): Extracted {
  const lines = source.split('\n');
  const result: Extracted = { symbols: [], mismatches: [] };
  for (const [index, line] of lines.entries()) {
    const match = DEFINITION.exec(line);
    if (match === null) continue;
    const name = match[2] ?? '';
    const { text, end } = readSignature(lines, index);
    const doc = docstringAfter(lines, end);
    const parameters = match[1] === 'def' ? parametersOf(text) : [];
    const documented =
      doc === undefined || match[1] !== 'def' ? [] : documentedParameters(doc.text);
    for (const parameter of parameters)
      parameter.doc = documented.find((one) => one.name === parameter.name)?.text ?? '';
    result.symbols.push({
      name,
      kind: match[1] === 'class' ? 'class' : 'function',
      path,
      line: index + 1,
      signature: text.replace(/:$/, '').slice(0, 600),
      doc: mainText(doc?.text ?? ''),
      parameters,
      returns: /(?:^|\n)(?:Returns:\s*\n\s*|\s*:returns?:\s*)(.+)/.exec(doc?.text ?? '')?.[1] ?? '',
      deprecated: null,
      examples: [],
      members: [],
      public: null,
    });
    const known = new Set(parameters.map((one) => one.name.replace(/^\*+/, '')));
    for (const one of documented)
      if (doc !== undefined && !known.has(one.name.replace(/^\*+/, '')))
        result.mismatches.push({
          symbol: name,
          path,
          line: doc.line + one.offset,
          parameter: one.name,
          kind: 'unknown',
          evidence: (lines[doc.line + one.offset - 1] ?? '').trim().slice(0, 200),
        });
  }
  return result;
}
