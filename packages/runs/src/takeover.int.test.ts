import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import { deferred } from '@automatos/kernel';

const CHILD = path.join(import.meta.dirname, 'testing/crash-child.ts');

// One process per embedded folder: there is nobody to take over from.
describe.runIf(databaseKind() === 'server')('two workers on one database', () => {
  test('the survivor takes over the runs of a killed one, and finished calls are not repeated', async () => {
    const base = await createTestDatabase();
    const calls: string[] = [];
    const held = deferred<ServerResponse>();
    let hold = true;
    const server = createServer((request, response) => {
      const name = (request.url ?? '').slice(1);
      calls.push(name);
      if (name === 'effect' && hold) {
        hold = false;
        held.resolve(response);
        return;
      }
      response.end(JSON.stringify({ name }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const start = (...more: string[]) =>
      spawn(process.execPath, [CHILD, base.url as string, url, base.workspaceId, ...more], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });

    const first = start('start');
    await held.promise;
    const survivor = start();
    let output = '';
    const ended = deferred<void>();
    survivor.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('closed')) ended.resolve();
      if (output.includes('ready') && first.exitCode === null) first.kill('SIGKILL');
    });
    await ended.promise;
    expect(output).toContain('"status":"completed"');
    expect(calls.filter((name) => name === 'effect')).toHaveLength(2);
    expect(calls).toHaveLength(10);

    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await base.close();
  });
});
