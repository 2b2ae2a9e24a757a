import type { FunctionMetrics } from './function-metrics.ts';

const DEFINITION = /^(\s*)(?:async\s+)?def\s+([A-Za-z_]\w*)\s*\(/;
const DECISION = /\b(?:if|elif|for|while|except|and|or|case)\b/g;
const LEVEL = /^\s*(?:if|for|while|try|with|match|async\s+(?:for|with))\b/;

/** Blanks out strings and comments, keeping lines and columns, so that words in them are not counted. */
export function blankPythonText(text: string): string {
  return text.replaceAll(
    /("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|#[^\n]*/g,
    (part) => part.replaceAll(/[^\n]/g, ' '),
  );
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** Line after the last one of a block that starts at `start` with indentation `indent`. */
function blockEnd(lines: readonly string[], start: number, indent: number): number {
  let open = 0;
  let inSignature = true;
  let last = start;
  for (let index = start; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (inSignature) {
      for (const character of line)
        open += '([{'.includes(character) ? 1 : ')]}'.includes(character) ? -1 : 0;
      last = index;
      if (open <= 0) inSignature = false;
      continue;
    }
    if (line.trim() === '') continue;
    if (indentOf(line) <= indent) break;
    last = index;
  }
  return last + 1;
}

function countParameters(lines: readonly string[], start: number, end: number): number {
  const text = lines.slice(start, end).join(' ');
  const from = text.indexOf('(');
  let depth = 0;
  let count = 0;
  let any = false;
  for (const character of text.slice(from)) {
    if ('([{'.includes(character)) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === ',' && depth === 1) count += 1;
    else if (character.trim() !== '' && depth === 1) any = true;
    if (depth === 0) break;
  }
  return any ? count + 1 : 0;
}

/** Estimates size and complexity of Python functions from indentation and keywords. */
export function measurePython(path: string, text: string): FunctionMetrics[] {
  const lines = blankPythonText(text).split('\n');
  const found: FunctionMetrics[] = [];
  for (const [index, line] of lines.entries()) {
    const match = DEFINITION.exec(line);
    if (match === null) continue;
    const indent = match[1]?.length ?? 0;
    const end = blockEnd(lines, index, indent);
    let complexity = 1;
    let nesting = 0;
    const open: number[] = [];
    for (const inner of lines.slice(index + 1, end)) {
      if (inner.trim() === '') continue;
      complexity += inner.match(DECISION)?.length ?? 0;
      const depth = indentOf(inner);
      while (open.length > 0 && depth <= (open.at(-1) ?? 0)) open.pop();
      if (LEVEL.test(inner)) open.push(depth);
      nesting = Math.max(nesting, open.length);
    }
    found.push({
      name: match[2] ?? '',
      path,
      line: index + 1,
      end_line: end,
      lines: end - index,
      own_lines: end - index,
      complexity,
      nesting,
      parameters: countParameters(lines, index, end),
    });
  }
  return found;
}
