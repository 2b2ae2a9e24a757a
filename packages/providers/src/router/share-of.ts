import { createHash } from 'node:crypto';

/** A number from 0 up to 1 that depends on the text alone: spread without chance, the same in every process. */
export function shareOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
