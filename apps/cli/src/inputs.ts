import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import { UsageError } from './exit-codes.ts';
import type { Shell } from './shell.ts';

interface InputSchema {
  type?: string | string[];
  format?: string;
}

export interface GivenInputs {
  /** `name=value` each. */
  pairs: readonly string[];
  /** JSON text, a file with it, or `-` for standard input. */
  json?: string | undefined;
}

/**
 * Returns a run's inputs in the types that the recipe's schema names. Values of `format: folder` and `format: file` become
 * absolute against the working folder, because the server has another one. Throws {@link UsageError}.
 */
export async function readInputs(
  shell: Shell,
  recipeInputs: JsonObject,
  given: GivenInputs,
): Promise<JsonObject> {
  const properties = (recipeInputs['properties'] ?? {}) as Record<string, InputSchema>;
  const inputs: JsonObject = given.json === undefined ? {} : await readJson(shell, given.json);
  for (const pair of given.pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new UsageError(`--input takes name=value, not "${pair}".`);
    const name = pair.slice(0, equals);
    const schema = properties[name];
    if (schema === undefined) throw new UsageError(unknownInput(name, Object.keys(properties)));
    inputs[name] = toValue(name, pair.slice(equals + 1), schema);
  }
  for (const [name, value] of Object.entries(inputs)) {
    const format = properties[name]?.format;
    if ((format === 'folder' || format === 'file') && typeof value === 'string')
      inputs[name] = resolve(shell.cwd, value);
  }
  return inputs;
}

function unknownInput(name: string, known: string[]): string {
  return `The recipe has no input "${name}"; it takes ${known.length === 0 ? 'none' : known.join(', ')}.`;
}

async function readJson(shell: Shell, source: string): Promise<JsonObject> {
  const text = source.trimStart().startsWith('{') ? source : await readSource(shell, source);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new UsageError(`--input-json holds no valid JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('--input-json must hold a JSON object.');
  return value;
}

/** Text of a file named on the command line, or of standard input for `-`. */
export async function readSource(shell: Shell, source: string): Promise<string> {
  if (source === '-') return shell.readStdin();
  try {
    return readFileSync(resolve(shell.cwd, source), 'utf8');
  } catch (error) {
    throw new UsageError(`Cannot read ${source}: ${(error as Error).message}.`);
  }
}

function toValue(name: string, text: string, schema: InputSchema): JsonValue {
  const types = [schema.type ?? 'string'].flat();
  if (types.includes('string')) return text;
  if (types.includes('boolean')) {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new UsageError(`Input ${name} must be true or false, not "${text}".`);
  }
  if (types.includes('integer') || types.includes('number')) {
    const number = Number(text);
    if (text.trim() !== '' && Number.isFinite(number)) return number;
    throw new UsageError(`Input ${name} must be a number, not "${text}".`);
  }
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // The parser's words name positions inside one argument; the type says more.
    throw new UsageError(`Input ${name} must be JSON of type ${types.join(' or ')}.`);
  }
}
