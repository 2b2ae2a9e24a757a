import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliHost } from './testing/cli-host.ts';
import type { CliHost, CliResult } from './testing/cli-host.ts';
import { createPlace, startProduct } from './testing/product.ts';
import type { Product, ProductPlace } from './testing/product.ts';
import { totp } from './testing/totp.ts';

/** People and workspaces by the command line: one product for all of it, and the tests build on each other. */

const ADA = { email: 'ada@example.com', password: 'correct horse battery 7', name: 'Ada' };
const BOB = { email: 'bob@example.com', password: 'another horse battery 8', name: 'Bob' };

let host: CliHost;
let place: ProductPlace;
let product: Product;
let home: string;
let profile: string;

beforeAll(async () => {
  host = startCliHost();
  place = await createPlace();
  home = mkdtempSync(join(tmpdir(), 'cli-home-'));
  profile = join(home, '.config', 'automatos', 'profile.json');
  product = await startProduct(place, { env: { RATE_LIMIT_PER_MINUTE: '100000' } });
  await post('/api/auth/sign-up', ADA);
});
afterAll(async () => {
  await host.close();
  await product.stop();
  await place.remove();
  rmSync(home, { recursive: true, force: true });
});

async function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${product.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** Runs the command as somebody of this machine who is not the operator. */
function cli(args: string[], lines: string[] = []): Promise<CliResult> {
  return host.run(args, {
    cwd: home,
    env: { HOME: home, AUTOMATOS_URL: product.url, AUTOMATOS_DATA_DIR: home },
    stdin: lines.map((line) => `${line}\n`).join(''),
  });
}

async function json<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await cli([...args, '--json']);
  expect([args, code, err]).toEqual([args, 0, '']);
  return JSON.parse(out) as T;
}

test('login keeps tokens that only this person can read, and never the password', async () => {
  const nobody = await cli(['workspaces', 'list']);
  expect([nobody.code, nobody.err]).toEqual([4, expect.stringContaining('automatos login')]);
  const wrong = await cli(['login', '--email', ADA.email], ['wrong password']);
  expect([wrong.code, wrong.err]).toEqual([4, expect.stringContaining('E-mail or password')]);
  const right = await cli(['login'], [ADA.email, ADA.password]);
  expect([right.code, right.out]).toEqual([0, expect.stringMatching(/as Ada, workspace Default/)]);
  expect(statSync(profile).mode & 0o777).toBe(0o600);
  expect(readFileSync(profile, 'utf8')).not.toContain(ADA.password);
  expect(right.out + right.err).not.toContain(ADA.password);
});

test('an access token that has run out is renewed', async () => {
  const kept = JSON.parse(readFileSync(profile, 'utf8')) as {
    servers: Record<string, { access_expires_at: number; access_token: string }>;
  };
  const mine = kept.servers[product.url] as { access_expires_at: number; access_token: string };
  mine.access_expires_at = 0;
  mine.access_token = 'run.out.x';
  writeFileSync(profile, JSON.stringify(kept));
  await json('workspaces', 'list');
  expect(readFileSync(profile, 'utf8')).not.toContain('run.out.x');
});

test('workspaces: made, used, renamed, deleted', async () => {
  const { id } = await json<{ id: string }>('workspaces', 'create', 'Second One');
  expect((await cli(['workspaces', 'list'])).out).toMatch(/default .*\n.*second-one +owner/);
  expect((await cli(['workspaces', 'use', 'second-one'])).out).toContain(id);
  await json('keys', 'create', 'there');
  expect((await json<{ items: { name: string }[] }>('keys', 'list')).items).toMatchObject([
    { name: 'there' },
  ]);
  const renamed = await json<{ slug: string }>(
    'workspaces',
    'rename',
    id,
    'Other',
    '--slug',
    'renamed',
  );
  expect(renamed).toMatchObject({ slug: 'renamed', name: 'Other' });
  const unsure = await cli(['workspaces', 'delete', 'renamed']);
  expect([unsure.code, unsure.err]).toEqual([2, expect.stringContaining('--confirm')]);
  const mistaken = await cli(['workspaces', 'delete', 'renamed', '--confirm', 'second-one']);
  expect([mistaken.code, mistaken.err]).toEqual([2, expect.stringContaining('/confirm')]);
  expect((await cli(['workspaces', 'delete', 'renamed', '--confirm', 'renamed'])).code).toBe(0);
  expect((await json<{ items: unknown[] }>('keys', 'list')).items).toEqual([]);
  expect((await cli(['workspaces', 'use', 'renamed'])).code).toBe(2);
});

test('invitations and members: asked, joined, promoted, removed', async () => {
  const { url, role } = await json<{ url: string; role: string }>(
    'invitations',
    'create',
    BOB.email,
    '--role',
    'viewer',
    '--days',
    '3',
  );
  expect(role).toBe('viewer');
  const token = new URL(url).hash.slice(1);
  expect((await post('/api/auth/sign-up', { ...BOB, invitation_token: token })).status).toBe(201);
  expect((await cli(['invitations', 'list'])).out).toMatch(/accepted +viewer .*bob@example\.com/);
  expect((await cli(['members', 'set-role', BOB.email, 'king'])).code).toBe(2);
  expect((await cli(['members', 'set-role', BOB.email, 'admin'])).out).toBe(
    'bob@example.com is admin\n',
  );
  expect((await cli(['members', 'list'])).out).toMatch(
    /owner .*ada@example\.com[^]*admin .*bob@example\.com/,
  );
  const last = await cli(['members', 'set-role', ADA.email, 'member']);
  expect([last.code, last.err]).toEqual([2, expect.stringContaining('needs an owner')]);
  const second = await json<{ id: string }>('invitations', 'create', 'eve@example.com');
  expect((await cli(['invitations', 'revoke', second.id])).code).toBe(0);
  expect((await cli(['members', 'remove', BOB.email])).code).toBe(0);
  expect((await cli(['members', 'remove', BOB.email])).code).toBe(2);
});

test('keys: with scopes and origins, rotated, revoked', async () => {
  const made = await cli([
    'keys',
    'create',
    'ci',
    '--role',
    'viewer',
    '--scope',
    'runs:read',
    '--days',
    '30',
    '--limit',
    '90',
  ]);
  const key = made.out.split('\n')[0] ?? '';
  expect(key).toMatch(/^ak_srv_/);
  const refused = await cli(['keys', 'create', 'page', '--kind', 'browser']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('origin')]);
  const page = await json<{ id: string; key: string }>(
    'keys',
    'create',
    'page',
    '--kind',
    'browser',
    '--origin',
    'https://app.example.com',
  );
  expect(page.key).toMatch(/^ak_pub_/);
  const list = await cli(['keys', 'list']);
  expect(list.out).toMatch(/server +viewer +runs:read +90 /);
  expect(list.out).not.toContain(key);
  const rotated = await cli(['keys', 'rotate', page.id, '--grace-hours', '0']);
  expect(rotated.out).toMatch(/^ak_pub_.*\n.*counts no more/);
  expect((await cli(['keys', 'revoke', page.id])).code).toBe(0);
  expect((await cli(['keys', 'revoke', page.id])).code).toBe(2);
});

test('users of the installation: found, locked, made administrators, never the last one unmade', async () => {
  expect((await cli(['users', 'list', '--search', 'bob'])).out).toMatch(
    /active, no second factor .*bob@example\.com/,
  );
  expect((await cli(['users', 'disable', BOB.email])).out).toContain('locked');
  expect(
    (await post('/api/auth/sign-in', { email: BOB.email, password: BOB.password })).status,
  ).toBe(401);
  expect((await cli(['users', 'enable', BOB.email])).out).toContain('active');
  expect((await cli(['users', 'make-admin', BOB.email])).out).toContain('administrator');
  expect((await cli(['users', 'unmake-admin', BOB.email])).out).not.toContain('administrator');
  const last = await cli(['users', 'unmake-admin', ADA.email]);
  expect([last.code, last.err]).toEqual([2, expect.stringContaining('needs an administrator')]);
  expect((await cli(['users', 'reset-mfa', 'nobody@example.com'])).code).toBe(2);
});

/** Asks the API as the person who is signed in at the command line. */
async function asAda(path: string, body: unknown): Promise<Record<string, string>> {
  const { servers } = JSON.parse(readFileSync(profile, 'utf8')) as {
    servers: Record<string, { access_token: string }>;
  };
  const token = servers[product.url]?.access_token ?? '';
  return (await post(path, body, { authorization: `Bearer ${token}` })).body;
}

test('threats: found, explained; who is kept out, and let in again', async () => {
  const attack = encodeURIComponent("' UNION SELECT password FROM users --");
  const list = () => json<{ items: { id: string; score: number }[] }>('security', 'list');
  await fetch(`${product.url}/api/agents?search=${attack}`, {
    headers: { 'x-api-key': (await json<{ key: string }>('keys', 'create', 'attacker')).key },
  });
  await expect
    .poll(list, { timeout: 15_000 })
    .toMatchObject({ items: [{ score: expect.any(Number) as number }] });
  const found = (await list()).items[0] as { id: string; score: number };
  const shown = await cli(['security', 'show', found.id]);
  expect(shown.out).toMatch(new RegExp(`^${found.score} [^]*sqli`));
  const block = await asAda('/api/security/blocks', {
    kind: 'address',
    subject: '203.0.113.9',
    reason: 'test',
  });
  expect((await cli(['security', 'blocks'])).out).toContain('203.0.113.9');
  expect((await cli(['security', 'unblock', block['id'] ?? ''])).code).toBe(0);
  expect((await cli(['security', 'blocks'])).out).toBe('Nobody is kept out.\n');
});

test('privacy: a request is checked, executed and handed over; what is deleted when', async () => {
  const made = await asAda('/api/gdpr/requests', { type: 'access', subject_email: ADA.email });
  const id = made['id'] ?? '';
  expect((await cli(['privacy', 'requests', 'list'])).out).toMatch(
    /access +\S+ .*ada@example\.com/,
  );
  const unsure = await cli(['privacy', 'requests', 'decide', id, '--execute', '--refuse', 'x']);
  expect([unsure.code, unsure.err]).toEqual([2, expect.stringContaining('Say one of')]);
  await json('privacy', 'requests', 'decide', id, '--verify', 'She showed her passport.');
  const done = await json<{ status: string }>('privacy', 'requests', 'decide', id, '--execute');
  expect(done.status).toBe('completed');
  expect((await cli(['privacy', 'requests', 'show', id])).out).toMatch(/verified[^]*completed/);
  expect((await cli(['privacy', 'requests', 'export', id, '-o', 'ada.json'])).code).toBe(0);
  expect(readFileSync(join(home, 'ada.json'), 'utf8')).toContain(ADA.email);
  expect(statSync(join(home, 'ada.json')).mode & 0o777).toBe(0o600);
  expect((await cli(['privacy', 'retention', 'show'])).out).toMatch(/days[^]*next deletion/);
  expect((await cli(['privacy', 'retention', 'run'])).code).toBe(0);
});

test('sessions: listed, ended; a second factor is asked for; logout ends what login began', async () => {
  const { body } = await post('/api/auth/sign-in', { ...ADA, name: undefined, tokens: true });
  const bearer = {
    authorization: `Bearer ${(body['tokens'] as unknown as { access_token: string }).access_token}`,
  };
  const { body: factor } = await post('/api/auth/mfa/enrol', { password: ADA.password }, bearer);
  const secret = factor['secret'] ?? '';
  const nowMs = Date.now();
  const confirmed = await post('/api/auth/mfa/confirm', { code: totp(secret, nowMs) }, bearer);
  expect(confirmed.status).toBe(200);
  expect((await cli(['login', '--email', ADA.email], [ADA.password, '000000'])).code).toBe(4);
  const again = await cli(
    ['login', '--email', ADA.email],
    [ADA.password, totp(secret, nowMs + 30_000)],
  );
  expect([again.code, again.err]).toEqual([0, expect.stringContaining('Code: ')]);
  const { items } = await json<{ items: { id: string; current: boolean; mfa: boolean }[] }>(
    'sessions',
    'list',
  );
  expect(items.find(({ current }) => current)).toMatchObject({ mfa: true });
  expect((await cli(['sessions', 'revoke', '--others'])).out).toMatch(/^\d+ ended/);
  expect((await json<{ items: unknown[] }>('sessions', 'list')).items).toHaveLength(1);
  expect((await cli(['users', 'reset-mfa', ADA.email])).out).toContain('no second factor');
  expect((await cli(['logout'])).code).toBe(0);
  const out = await cli(['sessions', 'list']);
  expect([out.code, out.err]).toEqual([4, expect.stringContaining('automatos login')]);
  expect(readFileSync(profile, 'utf8')).not.toContain('token');
});

test('a file of sign-ins that others can read is not used', async () => {
  const before = statSync(profile).mode;
  chmodSync(profile, 0o644);
  const refused = await cli(['workspaces', 'list']);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('chmod 600')]);
  chmodSync(profile, before);
});
