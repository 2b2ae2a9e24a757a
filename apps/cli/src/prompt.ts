import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { Writable } from 'node:stream';
import { UsageError } from './exit-codes.ts';

/** Questions to whoever sits at the terminal, or to the lines that a script pipes in. */
export interface Prompt {
  ask(question: string, hidden?: boolean): Promise<string>;
  /** Lets go of standard input, so that the command can end. */
  close(): void;
}

export function createPrompt(streams: {
  stdin: NodeJS.ReadStream;
  stderr: { write(text: string): boolean };
}): Prompt {
  const { stdin, stderr } = streams;
  let lines: { input: Interface; next: AsyncIterator<string> } | undefined;
  let isHidden = false;
  const echo = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!isHidden) stderr.write(chunk.toString());
      done();
    },
  });

  function open() {
    const input = createInterface({ input: stdin, output: echo, terminal: stdin.isTTY === true });
    // Ctrl-C while something is asked ends the command like anywhere else.
    input.on('SIGINT', () => process.exit(130));
    return { input, next: input[Symbol.asyncIterator]() };
  }

  return {
    async ask(question, hidden = false) {
      lines ??= open();
      stderr.write(`${question}: `);
      isHidden = hidden;
      const { value, done } = await lines.next.next();
      isHidden = false;
      if (hidden && stdin.isTTY === true) stderr.write('\n');
      if (done === true)
        throw new UsageError(`"${question}" was asked and standard input is at its end.`);
      return (value as string).trim();
    },
    close: () => lines?.input.close(),
  };
}
