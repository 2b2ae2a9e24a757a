import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pattern } from './slow-patterns.fixture.ts';

const ROOT = join(import.meta.dirname, '../../../..');
/** A literal, where a value may stand: after an operator, a bracket, a comma, a colon or `return`. */
const LITERAL =
  /(?:[=(,:[!&|?{;]|\breturn|=>)\s*\/((?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)/g;

/** The regular expressions that are written in the sources of these folders, without tests and fixtures. */
export async function patternsWritten(folders: readonly string[]): Promise<Pattern[]> {
  const found = new Map<string, Pattern>();
  for (const folder of folders) {
    for (const name of await readdir(join(ROOT, folder), { recursive: true })) {
      if (!name.endsWith('.ts') || /\.(?:test|fixture)\.ts$|testing\//.test(name)) continue;
      const text = (await readFile(join(ROOT, folder, name), 'utf8')).replaceAll(
        /^\s*(?:\/\/|\*|\/\*).*$/gm,
        '',
      );
      for (const [, source = '', flags = ''] of text.matchAll(LITERAL))
        if (isPattern(source, flags)) found.set(`${source}/${flags}`, { source, flags });
    }
  }
  return [...found.values()];
}

function isPattern(source: string, flags: string): boolean {
  try {
    return new RegExp(source, flags).source !== '';
  } catch {
    // Two divisions in one line look like one.
    return false;
  }
}
