/** Line of each key of a JSON text by its pointer, such as `/dependencies/lodash`. Lenient: stops at the first error. */
export function jsonLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  let at = 0;
  let line = 1;
  const skip = () => {
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (code === 10) line += 1;
      else if (code !== 32 && code !== 9 && code !== 13 && code !== 0xfeff) return;
      at += 1;
    }
  };
  const readString = (): string => {
    const start = at;
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    at += 1;
    try {
      return JSON.parse(text.slice(start, at)) as string;
    } catch {
      return text.slice(start + 1, at - 1); // malformed: as written, the parser proper will complain
    }
  };
  const readValue = (pointer: string, depth: number): void => {
    skip();
    const first = text[at];
    if (first === '{' || first === '[') readGroup(pointer, first === '{', depth);
    else if (first === '"') readString();
    else while (at < text.length && !',]}\n'.includes(text[at] ?? '')) at += 1;
  };
  const readGroup = (pointer: string, isObject: boolean, depth: number): void => {
    at += 1;
    for (let index = 0; at < text.length && depth < 200; index++) {
      skip();
      if (text[at] === '}' || text[at] === ']') {
        at += 1;
        return;
      }
      let key = String(index);
      if (isObject) {
        if (text[at] !== '"') return;
        const keyLine = line;
        key = readString().replaceAll('~', '~0').replaceAll('/', '~1');
        lines.set(`${pointer}/${key}`, keyLine);
        skip();
        if (text[at] === ':') at += 1;
      }
      readValue(`${pointer}/${key}`, depth + 1);
      skip();
      if (text[at] === ',') at += 1;
    }
  };
  readValue('', 0);
  return lines;
}

/** Pointer part of a key. */
export function pointerKey(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
