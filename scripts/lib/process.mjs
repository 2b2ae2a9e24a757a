/** Small helpers around child processes and ports. Node built-ins only, any Node >= 20. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** An anticipated failure: its message is all that a person needs, so no stack is printed. */
export class PlainError extends Error {}

/** Runs a command and resolves with what it printed; a non-zero end rejects with the last `tailLines` of its output. */
export async function capture(command, args, { tailLines = 15, ...options } = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const [code, signal] = await ended(child);
  if (code === 0) return stdout;
  const tail = `${stdout}\n${stderr}`.trim().split('\n').slice(-tailLines).join('\n');
  throw new PlainError(
    `"${command} ${args.join(' ')}" failed (${signal ?? `exit ${code}`}):\n${tail}`,
  );
}

const running = new Set();

/** Resolves with [exit code, signal]; a command that cannot be started rejects with a sentence. */
export async function ended(child) {
  running.add(child);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new PlainError(`could not start ${child.spawnfile}: ${error.message}`)),
      );
      child.once('close', (code, signal) => resolve([code, signal]));
    });
  } finally {
    running.delete(child);
  }
}

/** Ends the commands that this process waits for. */
export function endRunning() {
  for (const child of running) child.kill('SIGTERM');
}

/** Until the returned function is called, a signal that ends this process ends the commands it waits for, too. */
export function endTogether(cleanUp = () => Promise.resolve()) {
  const releases = Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }).map(
    ([signal, code]) => {
      const handler = () => {
        endRunning();
        void cleanUp().finally(() => process.exit(code));
      };
      process.on(signal, handler);
      return () => process.off(signal, handler);
    },
  );
  return () => releases.forEach((release) => release());
}

/** The full path of an executable: the first of `places` that exists, else the one on PATH, else undefined. */
export function findExecutable(name, places = []) {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...places, ...onPath].map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** True while a process with this id exists. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Asks a process to end and waits; kills it after `graceMs`. */
export async function endProcess(pid, graceMs = 5000) {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      process.kill(pid, 'SIGKILL');
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
