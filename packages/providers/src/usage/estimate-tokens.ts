/**
 * Pieces that count: runs of letters and digits cut at 200 (a longer run gains nothing and must not cost more than linear
 * time), one East Asian character, one other visible character.
 */
const PIECES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|[A-Za-z0-9]{1,200}|[\p{L}\p{N}\p{M}]{1,200}|[^\s\p{L}\p{N}\p{M}]/gu;

/**
 * Estimated tokens of a text, without a tokenizer: four characters a token in ASCII words, two in other alphabets, one for an East
 * Asian character or a sign. Linear in the length. Meant for vendors that give no usage; always marked as an estimate.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECES)) {
    const code = piece.charCodeAt(0);
    tokens += piece.length === 1 ? 1 : Math.ceil(piece.length / (code < 128 ? 4 : 2));
  }
  return tokens;
}
