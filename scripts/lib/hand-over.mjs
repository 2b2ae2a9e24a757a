/** Runs the server in the foreground in place of this process: same terminal, same signals, same exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ended } from './process.mjs';

/** Resolves with the exit code of the command once it has ended. */
export async function handOver(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', ...options });
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    // At a terminal, Ctrl-C reaches the child by itself: sent twice it would mean "at once".
    const deliveredByTerminal = signal === 'SIGINT' && process.stdin.isTTY === true;
    const handler = () => (deliveredByTerminal ? undefined : child.kill(signal));
    process.on(signal, handler);
    return [signal, handler];
  });
  try {
    const [code, signal] = await ended(child);
    return code ?? 128 + (constants.signals[signal] ?? 0);
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}
