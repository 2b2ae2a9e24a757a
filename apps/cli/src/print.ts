import { EXIT } from './exit-codes.ts';
import { formatTable, type Shell } from './shell.ts';

/** Prints data as JSON, or as what is written for people. */
export function print(to: { shell: Shell; json: boolean }, data: unknown, text: string): number {
  to.shell.out(to.json ? `${JSON.stringify(data)}\n` : text);
  return EXIT.completed;
}

/** A table with its head, or a sentence when there is nothing to show. */
export function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  nothing: string,
): string {
  return rows.length === 0 ? `${nothing}\n` : formatTable([head, ...rows]);
}

export const day = (time: string | null) => (time === null ? '–' : time.slice(0, 10));
export const minute = (time: string | null) =>
  time === null ? 'never' : time.slice(0, 16).replace('T', ' ');
