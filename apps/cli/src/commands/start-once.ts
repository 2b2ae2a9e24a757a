import { newId } from '@automatos/kernel';
import { isApiProblem } from '@automatos/sdk';
import { UsageError } from '../exit-codes.ts';

const SEND_ATTEMPTS_MAX = 3;

/** A lost answer must not start a second run: each attempt carries the same key. */
export async function startOnce<T>(send: (key: string) => Promise<{ data: T }>): Promise<T> {
  const key = newId();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await send(key)).data;
    } catch (error) {
      if (attempt >= SEND_ATTEMPTS_MAX || !isApiProblem(error) || error.status !== 0) throw error;
    }
  }
}

const PRIORITIES = ['low', 'normal', 'high'] as const;

/** A priority as it stands on the command line; undefined for none. */
export function toPriority(text: string | undefined): (typeof PRIORITIES)[number] | undefined {
  if (text === undefined) return undefined;
  const found = PRIORITIES.find((name) => name === text);
  if (found === undefined) throw new UsageError(`--priority is ${PRIORITIES.join(', ')}.`);
  return found;
}
