import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventEnvelope, Run } from '@automatos/contracts';
import { createTestDatabase } from '@automatos/database/testing';
import { deferred } from '@automatos/kernel';

const CALLS = ['first', 'left1', 'left2', 'left3', 'right1', 'right2', 'right3', 'effect', 'last'];
type When = 'before-answer' | 'after-answer';

/** Records each call with its key; kills the process that makes the chosen one, before or right after answering it. */
async function createRecorder() {
  const calls: { name: string; key: string; answered: boolean }[] = [];
  let kill: { name: string; when: When; victim: ChildProcess } | null = null;
  const server = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    const call = { name, key: String(request.headers['idempotency-key']), answered: false };
    calls.push(call);
    const chosen = kill?.name === name ? kill : null;
    if (chosen) kill = null;
    if (chosen?.when === 'before-answer') return void chosen.victim.kill('SIGKILL');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name }), () => {
      call.answered = true;
      chosen?.victim.kill('SIGKILL');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    calls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    killOn: (name: string, when: When, victim: ChildProcess) => {
      kill = { name, when, victim };
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function startChild(where: string, recorder: string, more: string[]) {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'testing/crash-child.ts'), where, recorder, ...more],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exited = deferred<void>();
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  child.once('exit', () => exited.resolve());
  const ended = deferred<Run>();
  const events = deferred<EventEnvelope[]>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('ended ')) ended.resolve(JSON.parse(line.slice(6)) as Run);
    if (line.startsWith('events ')) events.resolve(JSON.parse(line.slice(7)) as EventEnvelope[]);
  });
  void exited.promise.then(() => {
    ended.reject(new Error(`child ended early: ${errors}`));
    events.reject(new Error('child ended early'));
  });
  ended.promise.catch(() => undefined);
  events.promise.catch(() => undefined);
  return { child, exited: exited.promise, ended: ended.promise, events: events.promise };
}

let template: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  template = await createTestDatabase();
  if (!template.url) await template.database.close();
});
afterAll(() => template.close());

/** A database that processes may open: the server's, or a fresh copy of the prepared folder. */
async function freshDatabase(): Promise<{ where: string; remove: () => Promise<void> }> {
  if (template.url) {
    const own = await createTestDatabase();
    return { where: own.url as string, remove: own.close };
  }
  const where = await mkdtemp(path.join(tmpdir(), 'automatos-crash-'));
  await cp(template.dataDir as string, where, { recursive: true });
  return { where, remove: () => rm(where, { recursive: true, force: true }) };
}

describe('a process killed with -9', () => {
  const points: { call: string; when: When; what: string }[] = [
    { call: 'first', when: 'before-answer', what: 'during the first call' },
    { call: 'left2', when: 'before-answer', what: 'during a call in one of two branches' },
    { call: 'right3', when: 'after-answer', what: 'between an answer and its record' },
    { call: 'effect', when: 'after-answer', what: 'between an effect and its record' },
    { call: 'last', when: 'before-answer', what: 'after the document, during the last call' },
  ];
  test.each(points)('$what: goes on, each finished call happened once', async ({ call, when }) => {
    const recorder = await createRecorder();
    const { where, remove } = await freshDatabase();
    try {
      const first = startChild(where, recorder.url, [template.workspaceId, 'start']);
      recorder.killOn(call, when, first.child);
      await first.exited;
      const before = recorder.calls.length;
      const second = startChild(where, recorder.url, [template.workspaceId]);
      const run = await second.ended;
      expect(run).toMatchObject({
        status: 'completed',
        error: null,
        outputs: { effect: { name: 'effect' }, last: { name: 'last' } },
      });

      const events = await second.events;
      expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.type === 'step.completed')).toHaveLength(2);
      expect(events.at(-1)?.type).toBe('run.completed');
      await second.exited;

      expect(new Set(recorder.calls.map((made) => made.name))).toEqual(new Set(CALLS));
      for (const name of CALLS) {
        const made = recorder.calls.filter((item) => item.name === name);
        expect(new Set(made.map((item) => item.key)).size, `${name} keeps its key`).toBe(1);
      }
      // At most what was under way in the two branches is made again.
      const repeated = recorder.calls
        .slice(before)
        .filter((made) =>
          recorder.calls.slice(0, before).some((earlier) => earlier.name === made.name),
        );
      expect(repeated.length).toBeLessThanOrEqual(2);
      // A call that was not answered is made again; one that was answered may have been recorded in time.
      const mustRepeat = when === 'before-answer' ? [call] : [];
      expect(repeated.map((item) => item.name)).toEqual(expect.arrayContaining(mustRepeat));
    } finally {
      await recorder.close();
      await remove();
    }
  });
});
