import type { JsonValue } from '@automatos/kernel';

/** What is sent, as far as its size is known here. */
export interface SentInput {
  /** Texts as they are sent; of anything else its JSON. */
  texts: readonly string[];
  messages: number;
  /** Tools and schemas, which vendors put into words of their own. */
  definitions?: readonly (JsonValue | object)[];
  /** Pictures and files. */
  media?: readonly { bytes: number }[];
}

/** Words that a vendor adds around each message, and to a request with tools. */
const MESSAGE_TOKENS = 16;
const REQUEST_TOKENS = 64;
const TOOLS_TOKENS = 1_000;
/** The dearest way in which a vendor counts one picture, and then some. */
const PICTURE_TOKENS = 50_000;

/**
 * More tokens than any vendor counts for an input: tokenizers that work on bytes never make more than one token of one byte. Real
 * texts have about a quarter of it, so this is for setting money aside, never for telling people what a call will cost.
 */
export function inputTokensBound(input: SentInput): number {
  const definitions = (input.definitions ?? []).map((definition) => JSON.stringify(definition));
  const bytes = [...input.texts, ...definitions].reduce(
    (sum, text) => sum + Buffer.byteLength(text, 'utf8'),
    0,
  );
  const media = (input.media ?? []).reduce(
    (sum, each) => sum + Math.max(PICTURE_TOKENS, each.bytes),
    0,
  );
  return (
    bytes +
    media +
    input.messages * MESSAGE_TOKENS +
    (definitions.length > 0 ? TOOLS_TOKENS : 0) +
    REQUEST_TOKENS
  );
}
