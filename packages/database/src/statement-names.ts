/** A text has to come this often before connections keep its plan. */
const SEEN_MIN = 3;
/** Texts that get names at most; those of ever new forms, e.g. lists of values, get none. */
const NAMES_MAX = 200;
/** Texts that are counted at most. */
const COUNTED_MAX = 2_000;

/**
 * Returns names for statements that come again and again, so that a connection parses and plans them once. The same text always has the
 * same name; what comes seldom has none.
 */
export function createStatementNames(): (text: string) => string | undefined {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= NAMES_MAX) return known;
    const count = (counts.get(text) ?? 0) + 1;
    if (count < SEEN_MIN) {
      if (counts.size >= COUNTED_MAX) counts.clear();
      counts.set(text, count);
      return undefined;
    }
    counts.delete(text);
    const name = `automatos_read_${names.size}`;
    names.set(text, name);
    return name;
  };
}
