import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { PERMISSIONS } from '@automatos/contracts';
import type { Permission } from '@automatos/contracts';
import type { Identity } from '../identity-service.ts';
import { openIdentity, openSite, OPERATOR_KEY, withKey } from '../accounts/accounts.fixture.ts';
import type { SignedInPerson, Site } from '../accounts/accounts.fixture.ts';
import { NEVER_OF_BROWSER_KEYS } from './key-rules.ts';

const HOUR_MS = 3_600_000;
const PAGE = 'https://app.example.com';

interface Made {
  id: string;
  key: string;
  start: string;
  previous_until: string | null;
  scopes: string[] | null;
}

let site: Site;
let ada: SignedInPerson;

const make = async (body: object, as: object = { as: ada }): Promise<Made> =>
  (await site.invoke<Made>('createApiKey', { ...as, body: { name: 'k', ...body } })).body as Made;
const refusalOf = (body: object, as: object = { as: ada }) =>
  site.refusal('createApiKey', { ...as, body: { name: 'k', ...body } });
const prove = (key: string, headers: Record<string, string> = {}) =>
  site.identity.authenticator.authenticate(withKey(key, headers));
/** Calls as the key itself. */
const asKey = async (key: string, headers: Record<string, string> = {}) => {
  const known = await prove(key, headers);
  if (known === null) throw new Error('nobody');
  const { principal, workspaceId } = known;
  return { principal, workspaceId };
};

beforeAll(async () => {
  site = await openSite();
  ada = await site.signUp('ada@example.com');
});
afterAll(() => site.close());

describe('what a key may do', () => {
  test('is its role, narrowed by its scopes', async () => {
    const { key } = await make({ role: 'member', scopes: ['runs:read', 'recipes:run'] });
    const { principal } = (await prove(key)) ?? {};
    expect([...(principal?.permissions ?? [])].sort()).toEqual(['recipes:run', 'runs:read']);
    await expect(
      make({ role: 'viewer', scopes: ['runs:read', 'recipes:run'] }),
    ).rejects.toMatchObject({
      code: 'api_key.scopes.beyond_role',
      message: expect.stringContaining('recipes:run') as string,
    });
  });

  test('is never more than its maker may, and a key gives no other its width', async () => {
    const wide = await make({ role: 'admin' });
    const narrow = await make({ role: 'admin', scopes: ['keys:read', 'keys:write', 'runs:read'] });
    const as = await asKey(narrow.key);
    const widened = { role: 'admin', scopes: ['runs:read', 'credentials:read'] };
    await expect(make(widened, as)).rejects.toMatchObject({
      code: 'api_key.scopes.beyond_caller',
      kind: 'forbidden',
      message: expect.stringContaining('credentials:read') as string,
    });
    expect(await refusalOf({ role: 'viewer' }, as)).toBe('api_key.scopes.beyond_caller');
    expect(await refusalOf({ role: 'admin', scopes: ['runs:read'] }, as)).toBe('nothing');
    for (const [operation, body] of [
      ['rotateApiKey', {}],
      ['updateApiKey', { name: 'mine' }],
    ] as const)
      expect(await site.refusal(operation, { ...as, params: { key_id: wide.id }, body })).toBe(
        'api_key.scopes.beyond_caller',
      );
    const self = { ...as, params: { key_id: narrow.id } };
    for (const scopes of [null, ['keys:write', 'members:write']])
      expect(await site.refusal('updateApiKey', { ...self, body: { scopes } })).toBe(
        'api_key.scopes.beyond_caller',
      );
    expect(await site.refusal('updateApiKey', { ...self, body: { scopes: ['keys:read'] } })).toBe(
      'nothing',
    );
    expect((await prove(narrow.key))?.principal.permissions.has('keys:write')).toBe(false);
  });

  test('goes along into a ticket, and no further', async () => {
    const { key } = await make({ role: 'member', scopes: ['runs:read'] });
    const { body } = await site.invoke<{ ticket: string }>('createTicket', await asKey(key));
    const opened = await site.identity.authenticator.redeemTicket(body?.ticket ?? '');
    expect([...(opened?.principal.permissions ?? [])]).toEqual(['runs:read']);
  });

  test('of a page is less: what such keys never hold is refused by name, and counts in no row', async () => {
    for (const scope of NEVER_OF_BROWSER_KEYS.filter((name) => name !== 'platform:write'))
      await expect(
        make({ kind: 'browser', role: 'admin', origins: [PAGE], scopes: [scope] }),
      ).rejects.toMatchObject({
        code: 'api_key.scopes.browser',
        message: expect.stringContaining(scope) as string,
      });
    const { key, id } = await make({ kind: 'browser', role: 'admin', origins: [PAGE] });
    const held = async (): Promise<Permission[]> => [
      ...((await prove(key, { origin: PAGE }))?.principal.permissions ?? []),
    ];
    expect(await held()).toContain('agents:write');
    for (const never of NEVER_OF_BROWSER_KEYS) expect(await held()).not.toContain(never);
    await site.base.database.pool.query('UPDATE api_keys SET scopes = $2 WHERE id = $1', [
      id,
      [...PERMISSIONS],
    ]);
    for (const never of NEVER_OF_BROWSER_KEYS) expect(await held()).not.toContain(never);
  });
});

describe('where a key counts', () => {
  test('browser keys only from their origins, which the request has to state', async () => {
    expect(await refusalOf({ kind: 'browser' })).toBe('api_key.origins.missing');
    const { key, id } = await make({ kind: 'browser', role: 'viewer', origins: [PAGE] });
    expect(key).toMatch(/^ak_pub_/);
    expect((await prove(key, { origin: PAGE }))?.principal.id).toBe(id);
    const refused = { code: 'identity.key.origin_refused', kind: 'forbidden' };
    for (const origin of ['https://evil.example', `${PAGE}.evil.example`, 'null', `${PAGE}/`])
      await expect(prove(key, { origin })).rejects.toMatchObject(refused);
    await expect(prove(key)).rejects.toMatchObject(refused);
    await expect(prove(key, { referer: `${PAGE}/x` })).rejects.toMatchObject(refused);
    const params = { key_id: id };
    expect(await site.refusal('updateApiKey', { as: ada, params, body: { origins: [] } })).toBe(
      'api_key.origins.missing',
    );
    const origins = ['https://other.example'];
    await site.invoke('updateApiKey', { as: ada, params, body: { origins } });
    await expect(prove(key, { origin: PAGE })).rejects.toMatchObject(refused);
  });

  test('server keys not from pages of other sites', async () => {
    expect(await refusalOf({ kind: 'server', origins: [PAGE] })).toBe('api_key.origins.unexpected');
    const { key } = await make({ role: 'viewer' });
    const fromPage = { origin: PAGE, 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'cross-site' };
    await expect(prove(key, fromPage)).rejects.toMatchObject({ code: 'identity.key.in_page' });
    expect(await prove(key, { ...fromPage, 'sec-fetch-site': 'same-origin' })).not.toBeNull();
    expect(await prove(key, { origin: PAGE })).not.toBeNull();
  });

  test('pages of browser keys may ask, in every process, as long as the key is there', async () => {
    const elsewhere: Identity = openIdentity(site.base.database, site.clock);
    await elsewhere.keyOrigins.start();
    const origin = 'https://preflight.example';
    expect(await elsewhere.keyOrigins.isKeyOrigin(origin)).toBe(false);
    const { id } = await make({ kind: 'browser', role: 'viewer', origins: [origin] });
    await vi.waitFor(
      async () => expect(await elsewhere.keyOrigins.isKeyOrigin(origin)).toBe(true),
      15_000,
    );
    await site.invoke('deleteApiKey', { as: ada, params: { key_id: id } });
    await vi.waitFor(
      async () => expect(await elsewhere.keyOrigins.isKeyOrigin(origin)).toBe(false),
      15_000,
    );
    await elsewhere.keyOrigins.stop();
  });
});

describe('a new secret', () => {
  test('takes the place of the old one, which counts to the end of the grace and no longer', async () => {
    const first = await make({ role: 'viewer' });
    const params = { key_id: first.id };
    const rotate = async (grace_hours: number) =>
      (await site.invoke<Made>('rotateApiKey', { as: ada, params, body: { grace_hours } }))
        .body as Made;
    const second = await rotate(2);
    expect(second.previous_until).toBe(new Date(site.clock.now() + 2 * HOUR_MS).toISOString());
    expect([
      (await prove(first.key))?.principal.id,
      (await prove(second.key))?.principal.id,
    ]).toEqual([first.id, first.id]);
    site.clock.move(2 * HOUR_MS - 1);
    expect(await prove(first.key)).not.toBeNull();
    site.clock.move(1);
    await expect(prove(first.key)).rejects.toMatchObject({ code: 'identity.key.rejected' });
    const third = await rotate(0);
    expect(third.previous_until).toBeNull();
    await expect(prove(second.key)).rejects.toMatchObject({ code: 'identity.key.rejected' });
    expect(await prove(third.key)).not.toBeNull();
    const { rows } = await site.base.database.pool.query('SELECT t::text AS row FROM api_keys t');
    for (const { key } of [first, second, third]) expect(JSON.stringify(rows)).not.toContain(key);
  });

  test('of a living key survives its maker, who was removed', async () => {
    const { key, id } = await make({ role: 'viewer' });
    await site.base.database.pool.query('DELETE FROM members WHERE user_id = $1', [ada.id]);
    expect((await prove(key))?.principal.id).toBe(id);
    await site.base.database.pool.query(
      "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'owner')",
      [ada.known.workspaceId, ada.id],
    );
  });
});

test('a key carries its own limit of requests, and others none', async () => {
  const { key, id } = await make({ role: 'viewer', rate_limit_per_minute: 7 });
  expect((await prove(key))?.rateLimitPerMinute).toBe(7);
  await site.invoke('updateApiKey', {
    as: ada,
    params: { key_id: id },
    body: { rate_limit_per_minute: null },
  });
  expect((await prove(key))?.rateLimitPerMinute).toBeUndefined();
});

test('the first use is in the log once, and a refused use notes none', async () => {
  const { key, id } = await make({ kind: 'browser', role: 'viewer', origins: [PAGE] });
  const uses = async () =>
    (
      await site.base.database.pool.query(
        "SELECT 1 FROM audit_log WHERE action = 'api_key.first_use' AND target_id = $1",
        [id],
      )
    ).rowCount;
  await expect(prove(key)).rejects.toMatchObject({ kind: 'forbidden' });
  expect(await uses()).toBe(0);
  for (let n = 0; n < 3; n += 1) await prove(key, { origin: PAGE });
  expect(await uses()).toBe(1);
});

test('of another workspace is not there, to the operator neither', async () => {
  const { id } = await make({ role: 'viewer' });
  const as = await asKey(OPERATOR_KEY, { 'x-workspace-id': site.base.workspaceId });
  for (const [operation, body] of [
    ['updateApiKey', { name: 'x' }],
    ['rotateApiKey', {}],
    ['deleteApiKey', undefined],
  ] as const)
    expect(await site.refusal(operation, { ...as, params: { key_id: id }, body })).toBe(
      'api_key.item.not_found',
    );
});
