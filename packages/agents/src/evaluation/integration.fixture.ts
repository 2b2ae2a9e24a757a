import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSigned } from '@automatos/testing';
import type { TurnResult } from '../runtime/runtime-types.ts';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';
import { startLocalServer } from './local-server.fixture.ts';

const PAGES = {
  '/ok': { type: 'application/json', body: '{}' },
  '/secret': { status: 401, headers: { 'www-authenticate': 'Bearer realm="shop"' } },
  '/down': { status: 503, headers: { 'retry-after': '120' } },
  '/limited': { status: 429, headers: { 'retry-after': '7' } },
  '/old': { status: 301, headers: { location: '/ok' } },
};

/** A port on which nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const KEY = Buffer.from('a key for the deliveries of this fixture');
const RECEIVED_S = Date.UTC(2026, 2, 10, 12, 0, 0) / 1000;

interface Parts {
  id: string;
  sequence: number;
  ageS?: number;
  /** What is sent instead of what was signed. */
  tampered?: boolean;
  unsigned?: boolean;
  status?: number;
}

/** One line of the recording, signed as Standard Webhooks asks. */
function delivery({ id, sequence, ageS = 2, tampered, unsigned, status = 200 }: Parts): string {
  const body = JSON.stringify({ type: 'order.paid', sequence, note: 'Grüße, “ok”' });
  const signed = RECEIVED_S + sequence * 10 - ageS;
  const signature = createHmac('sha256', KEY).update(`${id}.${signed}.${body}`).digest('base64');
  const headers = unsigned
    ? { 'content-type': 'application/json' }
    : {
        'Webhook-Id': id,
        'Webhook-Timestamp': String(signed),
        'Webhook-Signature': `v1,${signature}`,
      };
  return JSON.stringify({
    time: new Date((RECEIVED_S + sequence * 10) * 1000).toISOString(),
    headers,
    body: tampered === true ? body.replace('paid', 'free') : body,
    status,
  });
}

const DELIVERIES: readonly Parts[] = [
  { id: 'm1', sequence: 1 },
  { id: 'm2', sequence: 2, ageS: 200 },
  { id: 'm2', sequence: 2 },
  { id: 'm3', sequence: 3, tampered: true },
  { id: 'none', sequence: 3, unsigned: true },
  { id: 'm4', sequence: 4, ageS: 1200 },
  { id: 'm7', sequence: 7 },
  { id: 'm6', sequence: 6 },
  { id: 'm8', sequence: 8, status: 500 },
];

async function writeDeliveries(folder: string): Promise<void> {
  const lines = DELIVERIES.map(delivery);
  await writeFile(join(folder, 'deliveries.jsonl'), `${lines.join('\n')}\n`);
  await writeFile(join(folder, 'secrets.env'), `SHOP_HOOK=whsec_${KEY.toString('base64')}\n`);
}

interface Outputs {
  connection_health?: { connections: { url: string; status: number | null }[]; healthy: number };
  schema_mapping?: { mapping_coverage: number };
  apply_mapping?: { mapped: number; preview: unknown[] };
  webhook_replay?: { signatures: Record<string, number> };
  rate_limit_report?: { rate_limits: { host: string; pacing: unknown }[] };
  sync_plan?: { operations: { kind: string; key: string }[] };
}

const FIRST = {
  customer_id: '1',
  full_name: 'Ada Berg',
  email: 'ada@example.com',
  created_at: '2026-01-01T00:00:00.000Z',
  score: 12,
  status: 'active',
  company_name: 'Berg',
  address: { postal_code: '0150' },
  country_code: 'NO',
  origin: 'crm',
};

function verify(result: TurnResult, made: ReadonlyMap<string, string>): string[] {
  const outputs = Object.fromEntries(
    Object.entries(result.tools).map(([name, { output }]) => [name, output]),
  ) as Outputs;
  const plan = outputs.sync_plan?.operations.map(({ kind, key }) => `${kind} ${key}`).join(', ');
  const pace = outputs.rate_limit_report?.rate_limits.find(
    ({ host }) => host === 'api.example.com',
  )?.pacing;
  const mapping = JSON.parse(made.get('mapping.json') ?? '{"fields":[]}') as {
    fields: { target: string }[];
  };
  const mapped = (made.get('mapped.ndjson') ?? '').trim().split('\n').length;
  const expectations: readonly (readonly [string, unknown, unknown])[] = [
    ['the plan', plan, 'create z1, create k9, update b2, delete x3, delete x2, delete x1'],
    ['the pace', pace, { requests_per_minute: 48, interval_ms: 1250 }],
    ['the first record', outputs.apply_mapping?.preview[0], FIRST],
    ['mapped records', mapped, 3],
    ['signatures', outputs.webhook_replay?.signatures, { invalid: 1, missing: 1, valid: 7 }],
    ['healthy connections', outputs.connection_health?.healthy, 2],
    [
      'mapped fields',
      mapping.fields
        .map(({ target }) => target)
        .toSorted()
        .join(),
      'address.city,address.postal_code,birth_date,company_name,created_at,customer_id,email,full_name,origin,score,status',
    ],
  ];
  const secret = KEY.toString('base64');
  return [
    ...expectations
      .filter(([, is, should]) => JSON.stringify(is) !== JSON.stringify(should))
      .map(([name, is]) => `${name}: ${JSON.stringify(is)}`),
    ...(JSON.stringify(result).includes(secret) ? ['the secret is in the result'] : []),
  ];
}

export const integrationFixture: AgentFixture = {
  agent: 'integration',
  async prepare(folder) {
    await copyFixtureFiles('integration', folder);
    await writeDeliveries(folder);
    const server = await startLocalServer(PAGES);
    const certificate = createSelfSigned({
      names: ['127.0.0.1'],
      notBefore: new Date('2020-01-01'),
      notAfter: new Date('2099-01-01'),
    });
    const encrypted = await startLocalServer(PAGES, certificate);
    const file = (name: string): string => join(folder, name);
    return {
      task: {
        task_type: 'integration',
        parameters: {
          urls: [
            ...['/ok', '/secret', '/down', '/limited', '/old', '/missing'].map(
              (path) => server.url + path,
            ),
            `http://127.0.0.1:${await closedPort()}/`,
            `${encrypted.url}/ok`,
          ],
          source_schema: file('crm-contact.json'),
          target_schema: file('shop-customer.json'),
          samples: file('contacts.ndjson'),
          records: file('contacts.ndjson'),
          mapping: file('mapping.json'),
          deliveries: file('deliveries.jsonl'),
          secrets: file('secrets.env'),
          secret_name: 'SHOP_HOOK',
          http_log: file('traffic.jsonl'),
          source_records: file('ours.json'),
          target_records: file('theirs.json'),
          base_records: file('before.json'),
          deletes: true,
        },
      },
      expected: await readExpected('integration'),
      verify: (result, made) => Promise.resolve(verify(result, made)),
      close: async () => {
        await server.close();
        await encrypted.close();
      },
    };
  },
};
