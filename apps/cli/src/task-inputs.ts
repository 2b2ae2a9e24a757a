import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { UsageError } from './exit-codes.ts';
import type { Shell } from './shell.ts';

/** What an agent is to work on: what exists here becomes absolute, because the server has another working folder. */
export function readTarget(
  shell: Pick<Shell, 'cwd'>,
  target: string | undefined,
): string | undefined {
  if (target === undefined || target === '') return undefined;
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(target)) return target;
  const path = resolve(shell.cwd, target);
  return existsSync(path) ? path : target;
}

/**
 * Parameters of `--param name=value`. Numbers, true, false, null, lists and objects in JSON keep their type, all else is text; a
 * value that begins with `./` or `../`, or is `.`, is a path from here. The same name again makes a list.
 */
export function readParameters(shell: Pick<Shell, 'cwd'>, pairs: readonly string[]): JsonObject {
  const parameters: JsonObject = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--param takes name=value, not "${pair}".`);
    const name = pair.slice(0, equals);
    const value = toValue(shell, pair.slice(equals + 1));
    const before = parameters[name];
    if (before === undefined) parameters[name] = value;
    else parameters[name] = [...(Array.isArray(before) ? before : [before]), value];
  }
  return parameters;
}

function toValue(shell: Pick<Shell, 'cwd'>, text: string): JsonValue {
  if (/^\.{1,2}(?:$|[/\\])/.test(text)) return resolve(shell.cwd, text);
  if (!/^(?:-?\d|[[{]|true$|false$|null$)/.test(text)) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text; // e.g. `3 weeks` or `[draft]`
  }
}
