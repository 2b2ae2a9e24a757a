/**
 * What the gate must know of a statement's text. One backend stands behind many connections, so channels are
 * kept per connection, and COPY FROM STDIN (which ends the embedded engine) never reaches it.
 */

const COPY_REFUSAL = `DO $gate$ BEGIN RAISE EXCEPTION USING ERRCODE = '0A000', MESSAGE = 'COPY FROM STDIN is not available on the embedded database', HINT = 'Insert the rows with INSERT, or set DATABASE_URL to a PostgreSQL server.'; END $gate$`;

/** Drops comments, quoted texts and dollar-quoted bodies, so that words in data are not taken for keywords. */
function withoutLiterals(sql: string): string {
  return sql.replace(
    /'(?:[^']|'')*'|\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\//g,
    ' ',
  );
}

/** SQL to send in place of `sql`, or undefined when it may pass: refusing inside the engine keeps transaction states right. */
export function replacementFor(sql: string): string | undefined {
  if (!/\bcopy\b/i.test(sql) || !/\bstdin\b/i.test(sql)) return undefined;
  return /(?:^|;)\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(withoutLiterals(sql))
    ? COPY_REFUSAL
    : undefined;
}

export interface ChannelChange {
  kind: 'listen' | 'unlisten';
  /** `*` stands for every channel. */
  channel: string;
}

/** LISTEN and UNLISTEN statements in `sql`, in order, with channel names folded as PostgreSQL folds them. */
export function channelChanges(sql: string): ChannelChange[] {
  if (!/\blisten\b/i.test(sql) && !/\bunlisten\b/i.test(sql)) return [];
  const found = withoutLiterals(sql).matchAll(
    /(?:^|;)\s*(un)?listen\s+("(?:[^"]|"")+"|[\w$]+|\*)/gi,
  );
  return Array.from(found, ([, un, name = '']) => ({
    kind: un === undefined ? 'listen' : 'unlisten',
    channel: name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase(),
  }));
}

export const quoteIdentifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
