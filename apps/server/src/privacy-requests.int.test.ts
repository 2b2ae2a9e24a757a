import type {
  consentPurposeSchema,
  DataRequest,
  ProcessingRecord,
  restrictionSchema,
} from '@automatos/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { invite, PASSWORD, startPrivacyProduct } from './testing/privacy-product.ts';
import type { Person, PrivacyProduct } from './testing/privacy-product.ts';

/** The six requests, consents and records of processing through the whole product. */

type ConsentPurposeView = z.output<typeof consentPurposeSchema>;
type RestrictionView = z.output<typeof restrictionSchema>;

let product: PrivacyProduct;
/** Owner of the shared workspace and administrator of the platform. */
let root: Person;
/** Administrator of the shared workspace only. */
let eve: Person;
/** Member of it, with a workspace of his own. */
let ben: Person;

beforeAll(async () => {
  product = await startPrivacyProduct();
  root = await product.signUp({ name: 'Root Person', email: 'root@example.com' });
  eve = await product.signUp({ name: 'Eve Example', email: 'eve@example.com' });
  ben = await product.signUp({ name: 'Ben Benson', email: 'ben@example.com' });
  await invite(root, eve, 'admin');
  await invite(root, ben, 'member');
});
afterAll(() => product.close());

type Sent = [path: string, body?: unknown];
type Problem = { code: string; detail: string };
const place = () => ({ 'x-workspace-id': root.workspaceId });
/** In the shared workspace. */
const as = async <Body>(who: Person, method: string, ...[path, body]: Sent) => {
  const answer = await who.send<Body>(method, path, body, place());
  expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  return answer.body;
};
const refused = async (who: Person, method: string, ...[path, body]: Sent) => {
  const answer = await who.send<Problem>(method, path, body, place());
  return `${answer.status} ${answer.body.code}`;
};
const own = (who: Person, body: object) =>
  as<DataRequest>(who, 'POST', '/api/gdpr/me/requests', body);
const step = (who: Person, id: string, ...[name, body = {}]: [name: string, body?: object]) =>
  as<DataRequest>(who, 'POST', `/api/gdpr/requests/${id}/${name}`, body);
const query = <Row extends object>(text: string, values: unknown[] = []) =>
  product.database.pool.query<Row>(text, values).then(({ rows }) => rows);
/** Takes a request down for somebody and records how it was verified. */
async function filedFor(by: Person, email: string, body: object): Promise<DataRequest> {
  const made = await as<DataRequest>(by, 'POST', '/api/gdpr/requests', {
    ...body,
    subject_email: email,
  });
  return step(by, made.id, 'verify', { note: 'showed a passport at the desk' });
}

test('the record of processing begins with what the product does, and is the workspace’s own', async () => {
  const path = '/api/gdpr/processing-records';
  const list = () => as<{ items: ProcessingRecord[] }>(eve, 'GET', `${path}?limit=100`);
  const { items } = await list();
  expect(items.map(({ key }) => key)).toEqual(
    expect.arrayContaining(['accounts', 'sessions', 'audit', 'runs', 'model_calls', 'security']),
  );
  const made = await as<ProcessingRecord>(eve, 'POST', path, {
    name: '=Payroll',
    purpose: 'Pay people',
    legal_basis: 'contract',
    data_categories: ['Salary'],
    subject_categories: ['Employees'],
    retention: 'Ten years',
  });
  expect(made).toMatchObject({ source: 'workspace', key: null, recipients: [] });
  expect(
    await as(eve, 'PATCH', `${path}/${made.id}`, { recipients: ['Tax office'] }),
  ).toMatchObject({ recipients: ['Tax office'], name: '=Payroll' });
  const csv = await as<string>(eve, 'GET', `${path}/export?format=csv`);
  expect(csv).toContain("'=Payroll,Pay people,contract");
  const webhooks = items.find(({ key }) => key === 'webhooks');
  await as(eve, 'DELETE', `${path}/${webhooks?.id}`);
  expect((await list()).items.map(({ key }) => key)).not.toContain('webhooks');
  expect((await list()).items).toHaveLength(items.length);
  expect(await refused(ben, 'GET', path)).toMatch(/^403 /);
  // Another workspace has its own.
  const elsewhere = await ben.send<{ items: ProcessingRecord[] }>('GET', `${path}?limit=100`);
  expect(elsewhere.body.items.map(({ name }) => name)).not.toContain('=Payroll');
});

test('a consent counts for the text that was shown, until it is withdrawn, and each decision is kept', async () => {
  const purpose = await as<ConsentPurposeView>(eve, 'POST', '/api/gdpr/consent-purposes', {
    key: 'newsletter',
    name: 'Newsletter',
    text: 'May we write to you?',
  });
  const path = '/api/gdpr/me/consents';
  const mine = async () =>
    (await as<{ items: { given: boolean; version: number | null }[] }>(ben, 'GET', path)).items[0];
  expect(await mine()).toMatchObject({ given: false, version: null });
  const give = { given: true, version: 1 };
  expect(await as(ben, 'PUT', `${path}/newsletter`, give)).toMatchObject({ given: true });
  await as(eve, 'PATCH', `/api/gdpr/consent-purposes/${purpose.id}`, { text: 'Twice a day?' });
  expect(await mine()).toMatchObject({ given: true, version: 1, purpose: { version: 2 } });
  expect(await refused(ben, 'PUT', `${path}/newsletter`, give)).toBe(
    '409 privacy.consent.outdated',
  );
  await as(ben, 'PUT', `${path}/newsletter`, { given: true, version: 2 });
  expect(await as(ben, 'PUT', `${path}/newsletter`, { given: false, version: 2 })).toMatchObject({
    given: false,
  });
  const proof = await as<{ items: { given: boolean; version: number; text_hash: string }[] }>(
    eve,
    'GET',
    `/api/gdpr/consents?purpose=newsletter&user_id=${ben.id}`,
  );
  expect(proof.items.map(({ given, version }) => [given, version])).toEqual([
    [false, 2],
    [true, 2],
    [true, 1],
  ]);
  expect(new Set(proof.items.map(({ text_hash: hash }) => hash)).size).toBe(2);
  expect(await refused(ben, 'GET', '/api/gdpr/consents')).toMatch(/^403 /);
});

test('access is answered at once to whoever proves that it is them, and only to them', async () => {
  const done = await own(ben, { type: 'access' });
  expect(done).toMatchObject({
    status: 'completed',
    subject: { id: ben.id },
    verification: { method: 'session' },
    export: { formats: ['json', 'markdown'] },
  });
  expect(done.history.map(({ action }) => action)).toEqual([
    'received',
    'verified',
    'started',
    'completed',
  ]);
  const file = `/api/gdpr/me/requests/${done.id}/export`;
  const report = await as<{ person: object; processing: object[]; data: Record<string, object[]> }>(
    ben,
    'GET',
    file,
  );
  expect(report.person).toEqual({ id: ben.id, email: 'ben@example.com', name: 'Ben Benson' });
  expect(report.processing.length).toBeGreaterThan(5);
  expect(Object.keys(report.data)).toEqual(
    expect.arrayContaining([
      'Account and ways to sign in',
      'Sessions: where and with what somebody signed in',
      'Audit log: who did what',
      'Consents given and withdrawn',
    ]),
  );
  const text = JSON.stringify(report);
  expect(text).not.toContain('eve@example.com');
  for (const { password } of await query<{ password: string }>('SELECT password FROM accounts'))
    expect(text).not.toContain(password);
  expect(await as<string>(ben, 'GET', `${file}?format=markdown`)).toContain('## Your rights');
  expect(await refused(eve, 'GET', file)).toBe('404 data_request.item.not_found');
  const asAdmin = `/api/gdpr/requests/${done.id}/export`;
  expect(await refused(eve, 'GET', asAdmin)).toBe('404 privacy_export.item.not_found');
  await query("UPDATE privacy_exports SET expires_at = now() - interval '1 second'");
  expect(await refused(ben, 'GET', file)).toBe('404 privacy_export.item.not_found');
});

test('who has not proven themselves for ten minutes is asked to', async () => {
  await query(
    "UPDATE sessions SET verified_at = now() - interval '11 minutes' WHERE user_id = $1",
    [ben.id],
  );
  const filed = await own(ben, { type: 'portability' });
  expect(filed).toMatchObject({ status: 'received', verification: null, export: null });
  const verify = `/api/gdpr/me/requests/${filed.id}/verify`;
  expect(await refused(ben, 'POST', verify)).toBe('403 security.step_up.required');
  expect(await refused(eve, 'POST', `/api/gdpr/requests/${filed.id}/execute`, {})).toBe(
    '409 privacy.request.wrong_status',
  );
  expect(await refused(ben, 'POST', '/api/gdpr/me/requests', { type: 'portability' })).toBe(
    '409 privacy.request.already_open',
  );
  await as(ben, 'POST', '/api/auth/mfa/step-up', { password: PASSWORD });
  expect(await as(ben, 'POST', verify)).toMatchObject({ status: 'completed' });
  const exported = await as<{ data: Record<string, { data: object }[]> }>(
    ben,
    'GET',
    `/api/gdpr/me/requests/${filed.id}/export`,
  );
  expect(exported.data['Account and ways to sign in']).toMatchObject([
    { data: { name: 'Ben Benson', email: 'ben@example.com' } },
  ]);
});

test('requests taken down: only for members, verified by a note, handed over by whoever executed them', async () => {
  const file = { type: 'access', subject_email: 'nobody@example.com' };
  expect(await refused(eve, 'POST', '/api/gdpr/requests', file)).toBe(
    '404 privacy.subject.not_member',
  );
  const { id } = await filedFor(eve, 'ben@example.com', { type: 'access' });
  const done = await step(eve, id, 'execute');
  // His account is used elsewhere too, so the workspace gets what is its own.
  expect(done).toMatchObject({ status: 'completed', result: { account: false, workspaces: 1 } });
  const report = await as<{ data: object }>(eve, 'GET', `/api/gdpr/requests/${id}/export`);
  expect(Object.keys(report.data)).not.toContain('Account and ways to sign in');
  expect(await refused(root, 'GET', `/api/gdpr/requests/${id}/export`)).toMatch(/^404 /);
  const { history } = await as<DataRequest>(eve, 'GET', `/api/gdpr/requests/${id}`);
  expect(history.map(({ action, by }) => `${action} ${by}`)).toEqual([
    'received administrator',
    'verified administrator',
    'started administrator',
    'completed administrator',
    'fetched administrator',
  ]);
  const audit = await as<{ items: { action: string }[] }>(
    root,
    'GET',
    `/api/audit?target=${id}&limit=100`,
  );
  expect(audit.items.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['data_request.create', 'data_request.verify', 'data_request.execute']),
  );
});

test('every kind of data of a workspace is deleted by its age when somebody says so, with evidence', async () => {
  type Kinds = { items: { category: string; scope: string; min_days: number }[] };
  const { items } = await as<Kinds>(eve, 'GET', '/api/gdpr/retention');
  const kinds = items.filter(({ scope }) => scope === 'workspace');
  for (const { category, min_days: days } of kinds)
    await as(eve, 'PUT', `/api/gdpr/retention/${category}`, { days });
  // Emptied in the log of this workspace, and in that of no other.
  await query('ALTER TABLE audit_log DISABLE TRIGGER USER');
  await query("UPDATE audit_log SET at = at - interval '100 days' WHERE sequence = 1");
  await query('ALTER TABLE audit_log ENABLE TRIGGER USER');
  const old = () =>
    query<{ workspace_id: string }>(
      "SELECT workspace_id FROM audit_log WHERE personal IS NOT NULL AND at < now() - interval '90 days'",
    );
  const before = (await old()).map((row) => row.workspace_id);
  expect(before).toEqual(expect.arrayContaining([root.workspaceId]));
  const names = kinds.map(({ category }) => category);
  const planned = await as<{ items: object[] }>(eve, 'GET', '/api/gdpr/retention/preview');
  expect(planned.items).toHaveLength(names.length);
  const done = await as<{ id: string; deleted: { category: string; rows: number }[] }>(
    eve,
    'POST',
    '/api/gdpr/retention/run',
  );
  expect(done).toMatchObject({ trigger: 'person', error: null });
  expect(done.deleted.map(({ category }) => category)).toEqual(names);
  expect(done.deleted.find(({ category }) => category === 'audit_personal')?.rows).toBe(1);
  expect((await old()).map((row) => row.workspace_id)).toEqual(
    before.filter((id) => id !== root.workspaceId),
  );
  const runs = await as<{ items: { trigger: string }[] }>(eve, 'GET', '/api/gdpr/retention/runs');
  // After three in the morning the clock has asked for one too.
  expect(runs.items.filter(({ trigger }) => trigger === 'person')).toEqual([done]);
});

test('administrators of other workspaces see nothing, members neither', async () => {
  const { items } = await as<{ items: DataRequest[] }>(eve, 'GET', '/api/gdpr/requests');
  expect(items.length).toBeGreaterThan(1);
  const elsewhere = await ben.send<{ items: DataRequest[] }>('GET', '/api/gdpr/requests');
  expect(elsewhere.body.items).toEqual([]);
  expect((await ben.send('GET', `/api/gdpr/requests/${items[0]?.id}`)).status).toBe(404);
  expect(await refused(ben, 'GET', '/api/gdpr/requests')).toMatch(/^403 /);
});

test('rectification: texts by the workspace, the account by the person or the platform', async () => {
  const persona = { slug: 'speaker', name: 'Speaker', category: 'custom', prompt: 'x' };
  await as(ben, 'POST', '/api/personas', { ...persona, description: 'As Benjamin Bensen says' });
  expect(await refused(ben, 'POST', '/api/gdpr/me/requests', { type: 'rectification' })).toBe(
    '400 privacy.request.incomplete',
  );
  const wrong = await filedFor(eve, 'ben@example.com', {
    type: 'rectification',
    corrections: { name: 'Benjamin Benson' },
  });
  expect(await refused(eve, 'POST', `/api/gdpr/requests/${wrong.id}/execute`, {})).toBe(
    '403 privacy.request.account_of_person',
  );
  await step(eve, wrong.id, 'refuse', { reason: 'Please ask for it yourself.' });
  const filed = await own(ben, {
    type: 'rectification',
    corrections: {
      name: 'Benjamin Benson',
      email: 'Benjamin@Example.com',
      texts: [{ wrong: 'Benjamin Bensen', right: 'Benjamin Benson' }],
    },
  });
  expect(await step(eve, filed.id, 'execute')).toMatchObject({
    status: 'completed',
    result: { account: ['name', 'email'], texts: 1, rows: { agents: { personas: 1 } } },
  });
  expect(
    await query('SELECT name, email, email_verified FROM users WHERE id = $1', [ben.id]),
  ).toEqual([{ name: 'Benjamin Benson', email: 'benjamin@example.com', email_verified: false }]);
  expect(await query("SELECT description FROM personas WHERE slug = 'speaker'")).toEqual([
    { description: 'As Benjamin Benson says' },
  ]);
  const taken = await own(ben, {
    type: 'rectification',
    corrections: { email: 'eve@example.com' },
  });
  expect(await refused(eve, 'POST', `/api/gdpr/requests/${taken.id}/execute`, {})).toBe(
    '409 identity.email.taken',
  );
  await step(eve, taken.id, 'refuse', { reason: 'The address belongs to somebody else.' });
});

test('restriction: the data stay, work is refused, requests are not, until it is lifted', async () => {
  const filed = await own(ben, { type: 'restriction', details: 'while you check' });
  const done = await step(eve, filed.id, 'execute');
  expect(done).toMatchObject({ status: 'completed', result: { restricted: true } });
  const work = [
    'POST',
    '/api/personas',
    { slug: 'b', name: 'b', category: 'c', description: '', prompt: 'p' },
  ] as const;
  expect(await refused(ben, ...work)).toBe('403 privacy.processing.restricted');
  expect(await refused(ben, 'POST', '/v1/chat/completions', { model: 'm', messages: [] })).toMatch(
    /^4\d\d /,
  );
  await as(ben, 'GET', '/api/personas');
  await as(ben, 'GET', '/api/gdpr/me/requests');
  // Elsewhere he works on.
  expect((await ben.send('POST', work[1], work[2])).status).toBe(201);
  const { items } = await as<{ items: RestrictionView[] }>(eve, 'GET', '/api/gdpr/restrictions');
  expect(items).toMatchObject([{ user: { id: ben.id }, request_id: filed.id }]);
  await as(eve, 'DELETE', `/api/gdpr/restrictions/${items[0]?.id}`);
  await as(ben, ...work);
  const { history } = await as<DataRequest>(ben, 'GET', `/api/gdpr/me/requests/${filed.id}`);
  expect(history.at(-1)).toMatchObject({ action: 'lifted', by: 'administrator' });
});

test('objection: to learning it acts by itself, to a consent it withdraws it, to others somebody says what was done', async () => {
  const learning = await own(ben, { type: 'objection', target: { processing: 'recipe_learning' } });
  expect(await step(eve, learning.id, 'execute')).toMatchObject({
    result: { excluded_from: 'recipe_learning' },
  });
  expect(await query('SELECT user_id, processing FROM privacy_exclusions')).toEqual([
    { user_id: ben.id, processing: 'recipe_learning' },
  ]);
  await as(ben, 'PUT', '/api/gdpr/me/consents/newsletter', { given: true, version: 2 });
  const news = await own(ben, { type: 'objection', target: { purpose: 'newsletter' } });
  expect(await step(eve, news.id, 'execute')).toMatchObject({
    result: { consent_withdrawn: 'newsletter' },
  });
  const proof = await as<{ items: object[] }>(eve, 'GET', '/api/gdpr/consents?limit=1');
  expect(proof.items).toMatchObject([{ given: false, via: 'objection' }]);
  const security = await own(ben, { type: 'objection', target: { processing: 'security' } });
  const execute = `/api/gdpr/requests/${security.id}/execute`;
  expect(await refused(eve, 'POST', execute, {})).toBe('400 privacy.request.incomplete');
  const note = 'Excluded his network from the detector.';
  expect(await as(eve, 'POST', execute, { note })).toMatchObject({
    result: { done_by_hand: note },
  });
});

test('one month, extended once with a reason, refused with one, withdrawn by the person', async () => {
  const filed = await own(ben, { type: 'erasure' });
  const days = (Date.parse(filed.due_at) - Date.parse(filed.received_at)) / 86_400_000;
  expect(days).toBeGreaterThanOrEqual(28);
  expect(days).toBeLessThanOrEqual(31);
  const reason = 'Many systems have to be looked through.';
  const extended = await step(eve, filed.id, 'extend', { months: 2, reason });
  expect(Date.parse(extended.due_at)).toBeGreaterThan(Date.parse(filed.due_at) + 58 * 86_400_000);
  expect(await refused(eve, 'POST', `/api/gdpr/requests/${filed.id}/extend`, { reason })).toBe(
    '409 privacy.request.extended_already',
  );
  expect(await as(ben, 'POST', `/api/gdpr/me/requests/${filed.id}/withdraw`)).toMatchObject({
    status: 'withdrawn',
  });
  expect(await refused(eve, 'POST', `/api/gdpr/requests/${filed.id}/refuse`, { reason })).toBe(
    '409 privacy.request.wrong_status',
  );
});

test('an erasure by one workspace leaves the account and the other workspaces alone', async () => {
  await ben.send('POST', '/api/personas', {
    slug: 'home',
    name: 'Home of Benjamin Benson',
    category: 'c',
    description: '',
    prompt: 'p',
  });
  const { id } = await filedFor(eve, 'benjamin@example.com', { type: 'erasure' });
  expect(await step(eve, id, 'execute')).toMatchObject({
    status: 'completed',
    subject: null,
    result: { workspaces_deleted: 0, workspaces_covered: 1 },
  });
  expect(await refused(ben, 'GET', '/api/personas')).toMatch(/^403 /);
  expect((await ben.send('GET', '/api/personas/home')).body).toMatchObject({
    name: 'Home of Benjamin Benson',
  });
  expect(await query("SELECT description FROM personas WHERE slug = 'speaker'")).toEqual([
    { description: 'As [erased] says' },
  ]);
  expect(await query('SELECT name FROM users WHERE id = $1', [ben.id])).toHaveLength(1);
});

test('the last owner hands over first, the last administrator stays, runs end first', async () => {
  const { body: team } = await ben.send<{ id: string }>('POST', '/api/workspaces', {
    name: 'Team',
  });
  const inTeam = (who: Person, method: string, ...[path, body]: Sent) =>
    who.send<never>(method, path, body, { 'x-workspace-id': team.id });
  await invite({ ...ben, workspaceId: team.id }, eve, 'admin');
  const filed = (await inTeam(ben, 'POST', '/api/gdpr/me/requests', { type: 'erasure' }))
    .body as DataRequest;
  const execute = () => inTeam(eve, 'POST', `/api/gdpr/requests/${filed.id}/execute`, {});
  const first = await execute();
  expect(first).toMatchObject({
    status: 409,
    body: { code: 'privacy.erasure.last_owner', detail: expect.stringContaining('Team') },
  });
  await ben.send('PATCH', `/api/workspaces/${team.id}/members/${eve.id}`, { role: 'owner' });
  const started = await startWaitingRun(ben);
  expect(await execute()).toMatchObject({
    status: 409,
    body: { code: 'privacy.erasure.runs_open' },
  });
  await query("UPDATE runs SET status = 'cancelled', finished_at = now() WHERE id = $1", [started]);
  expect(await execute()).toMatchObject({ status: 200, body: { status: 'completed' } });
  expect(await query('SELECT id FROM users WHERE id = $1', [ben.id])).toEqual([]);
  expect(await query('SELECT id FROM workspaces WHERE id = $1', [ben.workspaceId])).toEqual([]);

  const last = await own(root, { type: 'erasure' });
  await as(root, 'PATCH', `/api/workspaces/${root.workspaceId}/members/${eve.id}`, {
    role: 'owner',
  });
  expect(await refused(eve, 'POST', `/api/gdpr/requests/${last.id}/execute`, {})).toBe(
    '409 privacy.erasure.last_administrator',
  );
});

/** A run of the person that has not ended, as the worker leaves one that waits for somebody. */
async function startWaitingRun(by: Person): Promise<string> {
  const id = '01990000-0000-7000-8000-0000000000ff';
  await query(
    `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, created_by_kind, created_by_id, created_by_name, created_at)
     VALUES ($1, $2, 'recipe', 't', 'waiting_approval', '{}', '{}', 'user', $3, 'Benjamin Benson', now())`,
    [id, by.workspaceId, by.id],
  );
  return id;
}
