import type { JsonValue } from '@automatos/kernel';

const TRIES_MAX = 60;

/**
 * Takes JSON objects and arrays that stand in running text (a template pasted a step's result there) out of it: returns them and the
 * text that is left. Only values that begin a line or follow a colon count, so that prose in brackets stays prose.
 */
export function extractJson(text: string): { text: string; values: JsonValue[] } {
  const values: JsonValue[] = [];
  let rest = '';
  let from = 0;
  let tries = 0;
  for (const match of text.matchAll(/(?:^|[\n:])[ \t]*(?:```(?:json)?[ \t]*\n\s*)?([[{])/g)) {
    const start = match.index + match[0].length - 1;
    if (start < from) continue;
    if (++tries > TRIES_MAX) break;
    const end = closingIndex(text, start);
    const value = end === -1 ? undefined : parseOrUndefined(text.slice(start, end + 1));
    if (value === undefined) continue;
    values.push(value);
    rest += text.slice(from, start);
    from = end + 1;
  }
  return { text: (rest + text.slice(from)).replace(/```(?:json)?\s*```/g, ''), values };
}

function closingIndex(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const char = text[index];
    if (inString) {
      if (char === '\\') index += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  return -1;
}

function parseOrUndefined(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
