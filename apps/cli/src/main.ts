import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createPrompt } from './prompt.ts';
import { runCli } from './run-cli.ts';
import type { Shell } from './shell.ts';

async function readStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

/** A second Ctrl-C ends at once, whatever the first one started. */
function onInterrupt(handler: () => void): () => void {
  let count = 0;
  const listener = () => {
    count += 1;
    if (count > 1) process.exit(130);
    handler();
  };
  process.on('SIGINT', listener);
  return () => void process.off('SIGINT', listener);
}

const { stdout, env } = process;
const prompt = createPrompt(process);
const isTerminal = stdout.isTTY === true && env['TERM'] !== 'dumb';
const shell: Shell = {
  env,
  cwd: process.cwd(),
  productRoot: fileURLToPath(new URL('../../../', import.meta.url)),
  out: (text) => void stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: isTerminal
    ? { columns: () => stdout.columns, write: (text) => void stdout.write(text) }
    : null,
  colours: isTerminal && env['NO_COLOR'] === undefined,
  readStdin,
  lines: () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY }),
  ask: prompt.ask,
  onInterrupt,
};

// A reader that has seen enough (`| head`) is no failure.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await runCli(shell, process.argv.slice(2));
prompt.close();
