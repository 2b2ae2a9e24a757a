/**
 * Tokens that `text` surely does not exceed by much: three UTF-8 bytes a token, where English needs four and an East Asian
 * character takes three. Deliberately high, because it guards limits; what is recorded as used comes from the vendor.
 */
export function upperTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);
}

export const BYTES_PER_TOKEN = 3;

/** {@link upperTokens} of a value as JSON. */
export function upperTokensOf(value: unknown): number {
  return upperTokens(JSON.stringify(value) ?? '');
}
