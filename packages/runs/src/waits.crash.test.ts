import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase } from '@automatos/database/testing';
import { deferred } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import { createCallRecorder } from './testing/workers.ts';

const CHILD = path.join(import.meta.dirname, 'testing/waiting-child.ts');

let template: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  template = await createTestDatabase();
  if (!template.url) await template.database.close();
});
afterAll(() => template.close());

/** A process that does its task; `line` resolves with what follows the first line that begins with the word. */
function startChild(args: string[]) {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = deferred<void>();
  const lines = new Map<string, ReturnType<typeof deferred<string>>>();
  const lineOf = (word: string) => {
    const line = lines.get(word) ?? deferred<string>();
    line.promise.catch(() => undefined);
    lines.set(word, line);
    return line;
  };
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.once('exit', () => {
    for (const line of lines.values()) line.reject(new Error(`the process ended: ${errors}`));
    exited.resolve();
  });
  createInterface({ input: child.stdout }).on('line', (text) => {
    const [word = ''] = text.split(' ', 1);
    lineOf(word).resolve(text.slice(word.length + 1));
  });
  return {
    line: (word: string) => lineOf(word).promise,
    exited: exited.promise,
    async kill() {
      child.kill('SIGKILL');
      await exited.promise;
    },
  };
}

// Three starts of processes, one after the other.
test('C9: a run that waits in a part of it lives through kill -9: earlier calls happen once, the decision counts once', async () => {
  const recorder = await createCallRecorder();
  const where = template.url ?? (await mkdtemp(path.join(tmpdir(), 'automatos-waits-')));
  if (!template.url) await cp(template.dataDir as string, where, { recursive: true });
  const args = [where, recorder.url, template.workspaceId];
  try {
    const first = startChild([...args, 'start']);
    const asked = await first.line('asked');
    await first.kill();

    const second = startChild([...args, 'decide']);
    expect(await second.line('asked')).toBe(asked);
    await second.line('decided');
    await second.kill();

    const third = startChild([...args, 'end']);
    const end = JSON.parse(await third.line('ended')) as JsonObject & { types: string[] };
    await third.exited;
    expect(end).toMatchObject({
      status: 'completed',
      runs: 2,
      outputs: { part: { outcome: { decision: 'approved', comment: 'yes' }, signal: 'kept' } },
    });
    const once = (type: string) => end.types.filter((one) => one === type);
    expect(once('step.waiting_approval')).toHaveLength(1);
    expect(once('approval.decided')).toHaveLength(1);
    const made = (name: string) => recorder.calls.filter((call) => call.name === name);
    expect([made('before').length, made('inside').length]).toEqual([1, 1]);
    for (const name of ['after', 'last'])
      expect(new Set(made(name).map((call) => call.key)).size).toBe(1);
  } finally {
    await recorder.close();
    if (!template.url) await rm(where, { recursive: true, force: true });
  }
}, 240_000);
