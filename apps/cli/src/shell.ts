/** Everything of the outside world that commands use; tests and {@link file://./main.ts} give it. */
export interface Shell {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Folder of the repository that this command belongs to. */
  productRoot: string;
  out(text: string): void;
  err(text: string): void;
  /** Null when output goes to a file or pipe. */
  terminal: { columns(): number; write(text: string): void } | null;
  colours: boolean;
  readStdin(): Promise<string>;
  /** Standard input line by line, as it comes. */
  lines(): AsyncIterable<string>;
  /** Asks on standard error and gives one line of standard input; `hidden` shows nothing of what is typed. */
  ask(question: string, hidden?: boolean): Promise<string>;
  /** Calls back at each Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
}

/** Options that every command takes. */
export const COMMON_OPTIONS = {
  url: { type: 'string' },
  'api-key': { type: 'string' },
  workspace: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** A table for people: columns padded, last one free. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  return rows.map((row) => `${line(row).trimEnd()}\n`).join('');
}

const CODES = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;

/** Colours a text where the terminal shows colours. */
export function paint(
  shell: Pick<Shell, 'colours'>,
  colour: keyof typeof CODES,
  text: string,
): string {
  return shell.colours ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}
