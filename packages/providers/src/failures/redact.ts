/** Shapes of keys that vendors issue and quote in their messages, and anything after `Bearer`. */
const KEY_SHAPES = /\b(?:sk|pk|rk|gsk|xai|hf|r8|AIza|ya29)[-_A-Za-z0-9.*]{6,}|\bBearer\s+\S+/g;

/** `text` without the given secret and without anything shaped like a vendor key; also cut to `max` characters and to one line. */
export function redactSecrets(text: string, secret: string | undefined, max = 300): string {
  const withoutOwn =
    secret === undefined || secret.length < 4 ? text : text.replaceAll(secret, '[key]');
  return withoutOwn.replace(KEY_SHAPES, '[key]').replace(/\s+/g, ' ').trim().slice(0, max);
}
