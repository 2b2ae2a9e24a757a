import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const HOST = join(import.meta.dirname, '../../../cli/src/testing/host.ts');

export interface CliResult {
  code: number;
  out: string;
  err: string;
}

/** One process that runs many commands of the command line, each with an environment and standard input of its own. */
export interface CliHost {
  run(
    args: string[],
    options: { env: Record<string, string>; cwd: string; stdin?: string },
  ): Promise<CliResult>;
  close(): Promise<void>;
}

export function startCliHost(): CliHost {
  const child = fork(HOST, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, (result: CliResult) => void>();
  let last = 0;
  child.on('message', ({ id, ...result }: CliResult & { id: number }) => {
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  return {
    run: (args, { env, cwd, stdin = '' }) =>
      new Promise((resolve, reject) => {
        const id = (last += 1);
        waiting.set(id, resolve);
        child.send({ id, args, env, cwd, stdin }, (error) => {
          if (error !== null) reject(error);
        });
      }),
    async close() {
      if (!child.connected) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}
