/** A kind of value with its article, as messages name it: `a list`, `an object`, `a whole number`. */
export function article(noun: string): string {
  if (noun === 'record') return 'an object';
  if (noun === 'array') return 'a list';
  if (noun === 'int') return 'a whole number';
  if (noun === 'string') return 'a text';
  if (noun === 'null') return 'null';
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}

/** The kind of a value with its article. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return article(typeof value);
}
