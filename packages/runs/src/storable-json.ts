const UNSTORABLE = /\\u0000|\\ud[89a-f]/i;

/**
 * JSON text that a `jsonb` column takes: NUL and lone surrogates, which PostgreSQL refuses, become U+FFFD. Files and
 * tools produce both, and one such character must not lose an event.
 */
export function toStorableJson(value: unknown): string {
  const text = JSON.stringify(value ?? null);
  if (!UNSTORABLE.test(text)) return text;
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed().replaceAll('\0', '\uFFFD') : inner,
  );
}
