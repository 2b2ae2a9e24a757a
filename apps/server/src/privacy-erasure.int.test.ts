import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DataRequest } from '@automatos/contracts';
import { connectRedis } from '@automatos/database';
import { databaseKind } from '@automatos/database/testing';
import { verifyChain } from '@automatos/identity';
import { silentLogger } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  dumpTables,
  invite,
  PASSWORD,
  readFolder,
  startPrivacyProduct,
} from './testing/privacy-product.ts';
import type { Person, PrivacyProduct } from './testing/privacy-product.ts';
import { totp } from './testing/totp.ts';

/** A person uses everything, is erased by the API, and is then searched for in every table, file and cache. */

const random = randomBytes(6).toString('hex');
const NAME = `Zoë Quillonbeck${random}`;
const EMAIL = `zq.${random}@mail${random}.example`;
const AGENT = `Browser-${random}-of-Zoe`;
/** Typed into things that go as a whole. */
const OWN_WORDS = `canary-words-${random}`;
const redisUrl = databaseKind() === 'server' ? process.env['AUTOMATOS_TEST_REDIS_URL'] : undefined;

const LETTER = `
slug: letter-${random}
name: Letter to ${NAME}
description: Asks ${EMAIL} first.
inputs:
  type: object
  properties: { text: { type: string }, contact: { type: object } }
  required: [text]
steps:
  - step_id: ask
    type: approval
    message: 'Send {{inputs.text}}?'
  - step_id: advice
    agent: documentation
    tools: []
    inputs: { text: '{{inputs.text}}' }
    prompt_template: Write a line about the text.
  - step_id: letter
    type: document
    title: 'Letter to {{inputs.text}}'
    template: |
      # {{inputs.text}}
      {{steps.advice.text}}
  - step_id: file
    type: document
    title: Letter as a file
    format: docx
    template: |
      # {{inputs.text}}
outputs:
  advice: '{{steps.advice.text}}'
`;

let product: PrivacyProduct;
let root: Person;
let zoe: Person;
let receiver: Server;
let runId: string;

beforeAll(async () => {
  receiver = createServer((request, response) => request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  product = await startPrivacyProduct({
    ...(redisUrl === undefined ? {} : { redisUrl }),
    outboundAllow: `127.0.0.1:${(receiver.address() as AddressInfo).port}`,
  });
  product.vendor.setScript(() => ({
    kind: 'answer',
    text: [`Dear ${NAME}, `, `we write to ${EMAIL}.`],
    usage: { input: 5, output: 7 },
  }));
  root = await product.signUp({ name: 'Root Person', email: 'root@example.com' });
  zoe = await product.signUp({ name: NAME, email: EMAIL, userAgent: AGENT });
  await invite(root, zoe, 'admin');
});
afterAll(async () => {
  await product.close();
  receiver.close();
});

const shared = () => ({ 'x-workspace-id': root.workspaceId });
const ok = async <Body>(sent: Promise<{ status: number; body: Body }>): Promise<Body> => {
  const { status, body } = await sent;
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body;
};
/** Zoë at work in the workspace that others use too. */
const work = <Body>(
  method: string,
  path: string,
  ...[body, headers = {}]: [body?: unknown, headers?: Record<string, string>]
) => ok(zoe.send<Body>(method, path, body, { ...shared(), ...headers }));

/** Everything that a person can leave a trace by. */
async function useEverything(): Promise<void> {
  await ok(zoe.send('PUT', '/api/providers/router', CACHES, { ...shared(), 'if-match': '*' }));
  await work('POST', '/api/workflow-recipes', { yaml: LETTER });
  await work('POST', '/api/webhooks', {
    name: `Webhook of ${NAME}`,
    url: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/${random}`,
    events: ['*'],
  });
  await work('POST', '/api/auth/api-keys', { name: `${NAME}'s laptop`, role: 'member' });
  await work('POST', '/api/credentials', {
    type: 'custom',
    name: `Credential of ${NAME}`,
    fields: { one: 'x' },
  });
  await work('POST', '/api/personas', {
    slug: `persona-${random}`,
    name: `Voice of ${NAME}`,
    category: 'custom',
    description: `Speaks like ${EMAIL}`,
    prompt: `You are ${NAME}.`,
  });
  await run();
  const messages = [{ role: 'user', content: `What does ${NAME} (${EMAIL}) like? ${OWN_WORDS}` }];
  for (let n = 0; n < 2; n++)
    await work('POST', '/v1/chat/completions', { model: 'openai-compatible/fake-model', messages });
  await failToSignIn();
  // Something that looks like an attack, with the person in it.
  await zoe.send('GET', `/api/runs?search=${encodeURIComponent(`' OR 1=1 -- ${EMAIL}`)}`);
  await work('GET', `/api/workflow-recipes?search=${encodeURIComponent('../../etc/passwd')}`).catch(
    () => undefined,
  );
  const purpose = { key: `news-${random}`, name: 'News', text: 'May we write?' };
  await ok(root.send('POST', '/api/gdpr/consent-purposes', purpose));
  await work('PUT', `/api/gdpr/me/consents/${purpose.key}`, { given: true, version: 1 });
  await work<DataRequest>('POST', '/api/gdpr/me/requests', { type: 'access', details: OWN_WORDS });
  await work('POST', '/api/auth/ticket');
  await ok(
    root.send('PATCH', `/api/workspaces/${root.workspaceId}`, { name: `Project of ${NAME}` }),
  );
  await enableSecondFactor();
  // At home, where nobody else is.
  await ok(
    zoe.send('POST', '/api/personas', {
      slug: 'own',
      name: OWN_WORDS,
      category: 'custom',
      description: OWN_WORDS,
      prompt: OWN_WORDS,
    }),
  );
}

const CACHES = {
  cache: {
    mode: 'always',
    semantic: {
      similarity: 0.95,
      embedding: { provider: 'openai-compatible', model: 'fake-embedding' },
    },
  },
};

async function run(): Promise<void> {
  const started = await work<{ id: string }>(
    'POST',
    `/api/workflow-recipes/letter-${random}/execute`,
    {
      inputs: {
        text: `the person ${NAME.toUpperCase()} <${EMAIL.toUpperCase()}>`,
        contact: { name: NAME, email: EMAIL, [EMAIL]: { note: `said "hello ${NAME}"\n${EMAIL}` } },
      },
    },
    { 'idempotency-key': `key-${random}-0123456789` },
  );
  runId = started.id;
  const open = () =>
    work<{ items: { id: string; run_id: string }[] }>('GET', '/api/approvals?status=open');
  await expect.poll(async () => (await open()).items.length, { timeout: 30_000 }).toBe(1);
  const [approval] = (await open()).items;
  await work('POST', `/api/approvals/${approval?.id}/decision`, {
    decision: 'approve',
    comment: `Yes, says ${NAME}`,
  });
  await expect
    .poll(async () => (await work<{ status: string }>('GET', `/api/runs/${runId}`)).status, {
      timeout: 30_000,
    })
    .toBe('completed');
}

async function enableSecondFactor(): Promise<void> {
  const begun = await work<{ secret: string }>('POST', '/api/auth/mfa/enrol', {
    password: PASSWORD,
  });
  await work('POST', '/api/auth/mfa/confirm', { code: totp(begun.secret) });
  // A sign-in that waits for its second step.
  const response = await fetch(`${product.url}/api/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': AGENT },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  expect(await response.json()).toMatchObject({ mfa_required: true });
}

/** The sealed secret of the second factor, which no search for words finds. */
const sealed = async (): Promise<number> => {
  const { rows } = await product.database.pool.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM credential_secrets WHERE type = 'second_factor'",
  );
  return rows[0]?.n ?? 0;
};
/** Sign-ins that failed, with the browser they came from. */
const failedSignIns = async (): Promise<number> => {
  const { rows } = await product.database.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM audit_log
     WHERE action = 'auth.sign_in' AND outcome <> 'success' AND target_id = $1 AND personal->>'user_agent' = $2`,
    [zoe.id, AGENT],
  );
  return rows[0]?.n ?? 0;
};

async function failToSignIn(): Promise<void> {
  for (let n = 0; n < 3; n++)
    await fetch(`${product.url}/api/auth/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': AGENT },
      body: JSON.stringify({ email: EMAIL, password: `wrong ${PASSWORD}` }),
    });
}

const inRedis = async (): Promise<string> => {
  if (redisUrl === undefined) return '';
  const { redis } = connectRedis({ url: redisUrl, logger: silentLogger, shared: 'test' });
  await expect.poll(() => redis.status).toBe('ready');
  const keys = await redis.keys(`automatos:answers:${root.workspaceId}:*`);
  const values = keys.length === 0 ? [] : await redis.mget(keys);
  redis.disconnect();
  return [...keys, ...values].join('\n');
};

/** Tables and files in which a word is found, in any case. */
async function placesOf(words: readonly string[]): Promise<string[]> {
  const places = [
    ...(await dumpTables(product.database)),
    ...[...(await readFolder(product.dataDir))].map(
      ([name, content]) => [`file ${name}`, content.toString('utf8')] as const,
    ),
    ['redis', await inRedis()] as const,
  ];
  return places.flatMap(([name, text]) => {
    const folded = text.toLowerCase();
    const found = words.filter((word) => folded.includes(word.toLowerCase()));
    return found.map((word) => `${name}: ${word}`);
  });
}

const tablesOf = (places: readonly string[]) => [
  ...new Set(places.map((place) => place.slice(0, place.indexOf(':')))),
];

test(
  'a person who used everything is nowhere after the erasure',
  { timeout: 180_000 },
  async () => {
    await useEverything();
    // Both are written a moment after the request that they are of.
    await expect.poll(failedSignIns, { timeout: 30_000 }).toBe(3);
    await expect
      .poll(async () => tablesOf(await placesOf([EMAIL])), { timeout: 30_000, interval: 300 })
      .toContain('public.threat_assessments');
    expect(await sealed()).toBe(1);
    const before = await placesOf([NAME, EMAIL, zoe.id, AGENT, OWN_WORDS]);
    // The search finds what is there, also in the tables of the durable engine and in both caches.
    expect(tablesOf(before)).toEqual(
      expect.arrayContaining([
        'public.users',
        'public.sessions',
        'public.members',
        'public.runs',
        'public.run_steps',
        'public.events',
        'public.run_artifacts',
        'public.run_approvals',
        'public.recipes',
        'public.recipe_versions',
        'public.api_keys',
        'public.credentials',
        'public.personas',
        'public.webhooks',
        'public.webhook_deliveries',
        'public.llm_semantic_answers',
        'public.audit_log',
        'public.privacy_exports',
        'public.privacy_consents',
        'public.threat_assessments',
        'public.threat_counts',
        'public.user_mfa',
        'public.mfa_backup_codes',
        'public.mfa_challenges',
        'public.idempotency_keys',
        'public.invitations',
        'dbos.operation_outputs',
        ...(redisUrl === undefined ? [] : ['redis']),
      ]),
    );
    const filed = await work<DataRequest>('POST', '/api/gdpr/me/requests', { type: 'erasure' });
    expect(filed).toMatchObject({ status: 'verified', verification: { method: 'session' } });
    const done = await ok(
      root.send<DataRequest>('POST', `/api/gdpr/requests/${filed.id}/execute`, {}),
    );
    expect(done).toMatchObject({
      status: 'completed',
      subject: null,
      details: '',
      result: { account: 'erased', workspaces_deleted: 1 },
    });
    expect(JSON.stringify(done)).not.toContain(zoe.id);

    expect(await placesOf([NAME, EMAIL, AGENT])).toEqual([]);
    // What was typed at home is gone with the workspace; the id is left in the chain alone, where it says nothing any more.
    expect(tablesOf(await placesOf([zoe.id]))).toEqual(['public.audit_log']);
    expect(await placesOf([zoe.workspaceId])).not.toContain(
      `public.workspaces: ${zoe.workspaceId}`,
    );
    expect(await placesOf([OWN_WORDS])).toEqual([]);
    expect(await failedSignIns()).toBe(0);
    expect(await sealed()).toBe(0);
    expect((await dumpTables(product.database)).get('public.llm_semantic_answers')).toBe('');

    await theRestStillWorks();
  },
);

async function theRestStillWorks(): Promise<void> {
  for (const workspaceId of [root.workspaceId, zoe.workspaceId])
    expect(
      await verifyChain(product.database, workspaceId as WorkspaceId, { rowsMax: 100_000 }),
    ).toMatchObject({ ok: true, complete: true, firstBreak: null });
  expect((await zoe.send('GET', '/api/auth/session')).status).toBe(401);
  const again = await fetch(`${product.url}/api/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: EMAIL, password: PASSWORD }),
  });
  expect(again.status).toBe(401);
  // Others go on: the run is there without the person, its recipe can be read and run again.
  const left = await ok(
    root.send<{ inputs: unknown; created_by: string }>('GET', `/api/runs/${runId}`),
  );
  expect(left).toMatchObject({
    created_by: '[erased]',
    inputs: {
      text: 'the person [erased] <[erased]>',
      contact: { name: '[erased]', email: 'erased@erased.invalid' },
    },
  });
  await ok(root.send('GET', `/api/workflow-recipes/letter-${random}`));
  const started = await ok(
    root.send<{ id: string }>('POST', `/api/workflow-recipes/letter-${random}/execute`, {
      inputs: { text: 'somebody' },
    }),
  );
  await ok(root.send('POST', `/api/runs/${started.id}/cancel`));
}
