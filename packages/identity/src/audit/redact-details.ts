import { cutText, isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';

const REDACTED = '[redacted]';
const BYTES_MAX = 4096;
const DEPTH_MAX = 4;
const MEMBERS_MAX = 50;
const TEXT_MAX = 500;

/** Names whose values are secrets, whatever they look like. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)|secret|token|api[-_]?key|authorization|cookie|credential|private|signature|bearer|^(?:key|otp|pin|auth)$/i;

/** Secrets that show themselves: keys of vendors, of this product, JWTs, PEM blocks, logins in URLs. */
const SECRET_TEXT = new RegExp(
  [
    String.raw`\bak_(?:srv|pub)_[\w-]+`,
    String.raw`\b(?:sk|pk|rk)-[\w-]{12,}`,
    String.raw`\b(?:sk|rk|pk)_(?:live|test)_\w+`,
    String.raw`\bgh[pousr]_\w{16,}`,
    String.raw`\bgithub_pat_\w+`,
    String.raw`\bglpat-[\w-]+`,
    String.raw`\bxox[a-z]-[\w-]+`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{12,}`,
    String.raw`\bAIza[\w-]{20,}`,
    String.raw`\bwhsec_[\w+/=-]+`,
    String.raw`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`,
    String.raw`-----BEGIN[^-]+-----[^]*`,
    String.raw`\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}`,
  ].join('|'),
  'gi',
);
const URL_LOGIN = /(\/\/)[^\s/@:]+:[^\s/@]+@/g;

/** One line of text as the log keeps it: secrets out, bounded, storable as JSON. */
export function redactText(text: string, max = TEXT_MAX): string {
  // Cut before the patterns look: what is not kept need not be searched.
  const bounded = text
    .slice(0, max * 4)
    .toWellFormed()
    .replaceAll('\u0000', '');
  const clean = bounded.replaceAll(SECRET_TEXT, REDACTED).replaceAll(URL_LOGIN, `$1${REDACTED}@`);
  return cutText(clean, max);
}

/** Details as the log keeps them: secrets out by name and by look, at most 4 KiB; more is dropped and said. */
export function redactDetails(details: JsonObject): JsonObject {
  const clean = redactObject(details, 1);
  const bytes = Buffer.byteLength(JSON.stringify(clean));
  return bytes <= BYTES_MAX ? clean : { dropped: 'too large', bytes };
}

function redactObject(object: JsonObject, depth: number): JsonObject {
  const members = Object.entries(object)
    .slice(0, MEMBERS_MAX)
    .map(([name, value]): [string, JsonValue] => [
      redactText(name, 100),
      SECRET_NAME.test(name) && value !== null && typeof value !== 'boolean'
        ? REDACTED
        : redactValue(value, depth + 1),
    ]);
  return Object.fromEntries(members);
}

function redactValue(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === 'boolean') return value;
  if (depth > DEPTH_MAX) return '[deeper]';
  if (Array.isArray(value))
    return value.slice(0, MEMBERS_MAX).map((each) => redactValue(each, depth + 1));
  return isJsonObject(value) ? redactObject(value, depth) : null;
}
