/**
 * Runs one command after another in one process: what `main.ts` does, without the second that each start of Node takes.
 * The parent sends {@link HostedCommand}s by IPC and gets {@link HostedResult}s.
 */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createPrompt } from '../prompt.ts';
import { runCli } from '../run-cli.ts';
import type { Shell } from '../shell.ts';

interface HostedCommand {
  id: number;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** All of standard input. */
  stdin: string;
}

interface HostedResult {
  id: number;
  code: number;
  out: string;
  err: string;
}

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

async function run({ id, args, env, cwd, stdin }: HostedCommand): Promise<HostedResult> {
  const said = { out: '', err: '' };
  const err = (text: string) => void (said.err += text);
  const input = Readable.from(stdin === '' ? [] : [stdin]) as unknown as NodeJS.ReadStream;
  const prompt = createPrompt({
    stdin: input,
    stderr: {
      write(text) {
        err(text);
        return true;
      },
    },
  });
  const shell: Shell = {
    env,
    cwd,
    productRoot: ROOT,
    out: (text) => void (said.out += text),
    err,
    terminal: null,
    colours: false,
    readStdin: () => Promise.resolve(stdin),
    lines: () => Readable.from(stdin.split('\n')),
    ask: prompt.ask,
    onInterrupt: () => () => undefined,
  };
  const code = await runCli(shell, args);
  prompt.close();
  return { id, code, ...said };
}

process.on('message', (command: HostedCommand) => {
  void run(command).then((result) => process.send?.(result));
});
process.once('disconnect', () => process.exit(0));
