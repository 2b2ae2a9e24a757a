import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseKind } from '@automatos/database/testing';
import { openDatabase } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';

/** The whole product over HTTP: what stands in its log afterwards, and what does not. */

const BIN = join(import.meta.dirname, '../../cli/bin/automatos.mjs');
const PASSWORD = 'canary-password-7c1e';
const SIGN_IN = { email: 'ada@example.com', password: PASSWORD };
const ADA = { ...SIGN_IN, name: 'Ada' };

interface Entry {
  sequence: number;
  action: string;
  outcome: string;
  actor: { kind: string; id: string };
  target: { type: string; id: string; name: string };
  details: Record<string, unknown>;
  personal: { name: string; user_agent: string } | null;
}

let place: ProductPlace;
let product: Product;
let key: string;

beforeAll(async () => {
  place = await createPlace();
  product = await startProduct(place);
  // A second process on the same folder takes its file away when it ends.
  const operator = await readFile(join(place.dataDir, 'operator.json'), 'utf8');
  ({ key } = JSON.parse(operator) as { key: string });
});
afterAll(async () => {
  await product.stop();
  await place.remove();
});

const entries = async (query = '') =>
  (await product.get<{ items: Entry[] }>(`/api/audit?limit=100${query}`)).items;
const verified = () => product.get<{ ok: boolean; checked: number }>('/api/audit/verify');
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(`${product.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

function cli(...args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [BIN, 'audit', ...args, '--url', product.url, '--api-key', key],
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr }),
    );
  });
}

test('sign-up, sign-in, keys and runs are recorded in the name of who did it; no secret is', async () => {
  expect((await post('/api/auth/sign-up', ADA)).status).toBe(201);
  const user = (await entries('&action=auth.sign_up'))[0];
  expect(user).toMatchObject({ actor: { kind: 'user' }, personal: { name: 'Ada' } });
  expect(
    (await post('/api/auth/sign-in', { ...SIGN_IN, password: `${PASSWORD}-wrong` })).status,
  ).toBe(401);
  expect((await post('/api/auth/sign-in', SIGN_IN)).status).toBe(200);
  expect(await entries('&action=auth.sign_in')).toMatchObject([
    { outcome: 'success', actor: user?.actor },
    {
      outcome: 'denied',
      actor: { kind: 'anonymous' },
      target: { type: 'user', id: user?.actor.id },
    },
  ]);

  const made = await product.send('POST', '/api/auth/api-keys', { name: 'CI', role: 'viewer' });
  const { id, key: secret } = made.body as { id: string; key: string };
  for (let n = 0; n < 2; n++)
    await fetch(`${product.url}/api/runs`, { headers: { 'x-api-key': secret } });
  expect((await post('/api/agents', {}, { 'x-api-key': secret })).status).toBe(403);
  await product.send('DELETE', `/api/auth/api-keys/${id}`);
  const ofKey = await entries(`&search=${id}`);
  expect(ofKey.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
    'api_key.revoke success',
    'agent.create denied',
    'api_key.first_use success',
    'api_key.create success',
  ]);
  expect(ofKey.at(-1)).toMatchObject({
    actor: { kind: 'operator' },
    target: { id, name: 'CI' },
    details: { role: 'viewer' },
  });

  const run = await product.startRun('repository-health-review', { path: place.dataDir });
  await product.send('POST', `/api/runs/${run.id}/cancel`);
  expect((await entries('&action=run.')).map(({ action }) => action)).toEqual([
    'run.cancel',
    'run.start',
  ]);

  const exported = await fetch(`${product.url}/api/audit/export`, {
    headers: { 'x-api-key': key },
  });
  const text = await exported.text();
  for (const hidden of ['canary', secret, key, 'ada@example.com'])
    expect(text).not.toContain(hidden);
  expect(await verified()).toMatchObject({ ok: true });
});

test('the command line lists, verifies against an anchor and exports', async () => {
  const listed = await cli('list', '--action', 'auth.sign_up');
  expect([listed.code, listed.out]).toEqual([
    0,
    expect.stringMatching(/success\s+auth\.sign_up\s+Ada/),
  ]);
  const anchor = (await cli('anchor')).out.trim();
  expect(anchor).toMatch(/^\d+:[0-9a-f]{64}$/);
  expect(await cli('verify', '--anchor', anchor)).toMatchObject({ code: 0 });
  const cut = anchor.replace(/^\d+/, (row) => String(Number(row) + 100));
  expect(await cli('verify', '--anchor', cut)).toMatchObject({
    code: 1,
    out: expect.stringContaining('its tail was cut') as string,
  });
  expect(await cli('verify', '--anchor', 'x')).toMatchObject({ code: 2 });
  const exported = await cli('export', '--format', 'csv', '--action', 'auth.sign_in');
  expect(exported.out).toMatch(/^sequence,at,outcome,action/);
  expect(exported.out.trim().split('\r\n')).toHaveLength(3);
});

describe.runIf(databaseKind() === 'server')('on a server', () => {
  test('two processes write one chain, and the command line finds what is changed behind their backs', async () => {
    const other = await startProduct(place);
    const write = (each: Product, n: number) =>
      each.send('POST', '/api/auth/api-keys', { name: `key ${n}`, role: 'viewer' });
    const before = (await verified()).checked;
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => write(n % 2 === 0 ? product : other, n)),
    );
    await other.stop();
    const after = await verified();
    expect(after).toMatchObject({ ok: true });
    expect(after.checked).toBeGreaterThanOrEqual(before + 40);

    const database = await openDatabase({ url: place.databaseUrl as string, logger: silentLogger });
    await database.pool.query(
      `ALTER TABLE audit_log DISABLE TRIGGER USER;
       UPDATE audit_log SET actor_id = 'somebody else' WHERE sequence = 2;
       ALTER TABLE audit_log ENABLE TRIGGER USER`,
    );
    await database.close();
    expect(await cli('verify')).toMatchObject({
      code: 1,
      out: expect.stringContaining('changed at row 2') as string,
    });
  });
});
