import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** Hex SHA-256 of text or bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Hex SHA-256 of a value's canonical JSON: the content key of actions and versions. */
export function contentHash(value: unknown): string {
  return sha256(canonicalJson(value));
}
