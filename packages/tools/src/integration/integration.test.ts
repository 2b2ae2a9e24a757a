import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';
import type { Health } from './health.ts';
import { judgeConnection } from './judge-connection.ts';
import { mapRecord, type MappedField } from './mapping-document.ts';
import { matchFields } from './match-fields.ts';
import { planSync } from './plan-sync.ts';
import { fieldsOfRecords, fieldsOfSchema, type Field } from './read-fields.ts';
import { deliveryId, verifySignature, type Scheme } from './verify-signature.ts';

let bench: TestBench;
let server: Server;
let origin = '';
const seen: { headers: IncomingMessage['headers']; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ headers: request.headers, body });
      response.writeHead(body.includes('bad') ? 422 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  bench = await createTestBench({ outboundAllow: [origin.slice(7)] });
});
afterAll(async () => {
  await bench.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Published by the vendors, put together so that no scanner takes them for live secrets. */
const EVERYBODY = "It's a Secret to Everybody";
const SLACK = ['8f742231b10e8888', 'abcd99yyyzzz85a5'].join('');
const SLACK_BODY =
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
const STANDARD = ['whsec_', 'MfKQ9r8GKYqrTwjU', 'PD8ILPZIo2LaLaSw'].join('');

describe('signatures', () => {
  const vectors: [Scheme, string, Record<string, string>, string][] = [
    [
      'github',
      EVERYBODY,
      {
        'x-hub-signature-256':
          'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
      },
      'Hello, World!',
    ],
    [
      'github',
      EVERYBODY,
      {
        'x-hub-signature':
          'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9',
      },
      'Hello World!',
    ],
    [
      'slack',
      SLACK,
      {
        'x-slack-request-timestamp': '1531420618',
        'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      },
      SLACK_BODY,
    ],
    [
      'standard_webhooks',
      STANDARD,
      {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
      '{"test": 2432232314}',
    ],
  ];
  it.each(vectors)(
    'of %s as published hold, and break with one byte',
    (...[scheme, secret, headers, body]) => {
      expect(verifySignature({ headers, body }, scheme, secret)).toBe('valid');
      expect(verifySignature({ headers, body: `${body} ` }, scheme, secret)).toBe('invalid');
      expect(verifySignature({ headers: {}, body }, scheme, secret)).toBe('missing');
    },
  );

  it('of Slack and Stripe have their ids in the body', () => {
    expect(deliveryId({ headers: {}, body: '{"id":"evt_1"}' }, 'stripe')).toBe('evt_1');
    expect(deliveryId({ headers: {}, body: '{"event_id":"Ev1"}' }, 'slack')).toBe('Ev1');
  });
});

describe('webhooks', () => {
  it('are sent again only where it is granted, once each, with their bytes and headers', async () => {
    const line = (id: string, body: string) =>
      JSON.stringify({
        time: '2026-03-01T10:00:00Z',
        headers: { 'X-GitHub-Delivery': id, Host: 'old', Cookie: 'a=b' },
        body,
      });
    await bench.write(
      'hooks.jsonl',
      [line('d1', '{ "a":1 }'), line('d1', '{ "a":1 }'), line('d2', 'bad')].join('\n'),
    );
    const input = { deliveries: 'hooks.jsonl', resend_to: `${origin}/hook` };
    expect(
      await bench.run('webhook_replay', input, {
        grants: [{ tool: 'webhook_replay', level: 'read_only' }],
      }),
    ).toMatchObject({ status: 'denied' });
    expect(seen).toEqual([]);
    const outcome = await bench.run('webhook_replay', input);
    expect(
      seen.map(({ body, headers }) => [
        body,
        headers['x-github-delivery'],
        headers['idempotency-key'],
        headers.cookie,
      ]),
    ).toEqual([
      ['{ "a":1 }', 'd1', 'd1', undefined],
      ['bad', 'd2', 'd2', undefined],
    ]);
    expect(outcome.findings.map(({ rule, location }) => [rule, location?.line])).toEqual([
      ['webhook.replay_failed', 3],
      ['webhook.duplicate', 2],
    ]);
  });

  it('with a secret that is not there are an error, not unchecked', async () => {
    await bench.write('secrets.env', 'OTHER=x\n');
    expect(
      await bench.run('webhook_replay', {
        deliveries: 'hooks.jsonl',
        secrets: 'secrets.env',
        secret_name: 'MINE',
      }),
    ).toMatchObject({ error: { code: 'tools.secret.not_found' } });
    expect(
      await bench.run('webhook_replay', { deliveries: 'hooks.jsonl', secret_name: 'MINE' }),
    ).toMatchObject({ error: { code: 'tools.secret.not_found' } });
  });
});

describe('connections', () => {
  const health: Health = {
    url: 'https://api.example.com/',
    reachable: true,
    status: 200,
    latency_ms: 20,
    redirects: [],
    auth: null,
    tls: {
      protocol: 'TLSv1.3',
      issuer: 'CA',
      valid_to: '2026-04-01T00:00:00.000Z',
      days_left: 90,
      problem: null,
    },
    retry_after: null,
    error: null,
  };
  const rules = (more: Partial<Health>) =>
    judgeConnection({ ...health, ...more }, { slowMs: 100, expiryDays: 21 }).map(
      ({ rule }) => rule,
    );
  it.each([
    ['well', {}, []],
    ['slow', { latency_ms: 101 }, ['connection.slow']],
    [
      'near the end of its certificate',
      { tls: { ...health.tls, days_left: 5 } as Health['tls'] },
      ['connection.tls_expiring'],
    ],
    [
      'untrusted',
      { reachable: false, tls: { ...health.tls, problem: 'CERT_HAS_EXPIRED' } as Health['tls'] },
      ['connection.tls_invalid'],
    ],
    [
      'open to everybody on the way',
      { url: 'http://api.example.com/', tls: null },
      ['connection.unencrypted'],
    ],
    ['not made for GET', { status: 405 }, ['connection.client_error']],
  ])('that are %s', (_, more, wanted) => {
    expect(rules(more)).toEqual(wanted);
  });

  it('come from the servers of an API description too; without an address there is an error', async () => {
    await bench.write(
      'openapi.json',
      JSON.stringify({ openapi: '3.1.0', servers: [{ url: `${origin}/v1` }] }),
    );
    expect(
      (await bench.run('connection_health', { connection: 'openapi.json' })).output,
    ).toMatchObject({ connections: [{ url: `${origin}/v1`, status: 200 }], healthy: 1 });
    expect(await bench.run('connection_health', {})).toMatchObject({
      error: { code: 'tools.connection.no_url' },
    });
  });
});

describe('mappings', () => {
  const field = (path: string, more: Partial<Field> = {}): Field => ({
    path,
    type: 'string',
    format: null,
    enum: null,
    required: false,
    maxLength: null,
    hasDefault: false,
    constant: undefined,
    nullable: false,
    ...more,
  });
  it.each([
    ['orderId', 'order_id', 1],
    ['e-mail', 'emailAddress', 0.92],
    ['zip', 'postalCode', 0.92],
    ['Kundennummer', 'color', undefined],
    ['billing.city', 'shipping.city', 0.65],
  ])('%s → %s', (source, target, confidence) => {
    const match = matchFields([field(source)], [field(target)])[0];
    expect(match?.confidence).toBe(confidence);
  });

  it.each([
    ['to_boolean', 'Yes', true],
    ['to_boolean', 'perhaps', 'flag: "perhaps" is neither true nor false'],
    ['to_integer', '1,204', 1204],
    ['from_epoch', 1767225600000, '2026-01-01T00:00:00.000Z'],
    ['to_date', '2026-01-01 23:30:00', '2026-01-01'],
    ['to_array', 'x', ['x']],
    ['to_string', { a: 1 }, '{"a":1}'],
  ] as const)('%s of %j', (transform, value, wanted) => {
    const mapping: MappedField = { target: 'flag', sources: ['v'], transform, required: true };
    const { mapped, problems } = mapRecord(
      { v: value as never },
      { version: 1, fields: [mapping] },
    );
    expect(problems[0] ?? mapped['flag']).toEqual(wanted);
  });

  it('read schemas with references and samples alike', () => {
    const schema = {
      type: 'object',
      $defs: {
        place: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
      properties: { home: { $ref: '#/$defs/place' } },
      required: ['home'],
    };
    expect(fieldsOfSchema(schema)).toMatchObject([
      { path: 'home.city', type: 'string', required: true },
    ]);
    expect(
      fieldsOfRecords([
        { value: { home: { city: 'Oslo' }, n: 1 }, line: 1 },
        { value: { home: { city: 'Voss' }, n: 1.5 }, line: 2 },
      ]),
    ).toMatchObject([
      { path: 'home.city', type: 'string', required: true },
      { path: 'n', type: 'number', required: true },
    ]);
  });

  it('cannot set what an object inherits', () => {
    const fields: MappedField[] = [
      {
        target: '__proto__.polluted',
        sources: [],
        transform: 'constant',
        required: true,
        value: 'yes',
      },
    ];
    mapRecord({}, { version: 1, fields });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('that are no mapping document are refused', async () => {
    await bench.write('rows.json', '[{"a":1}]');
    expect(
      await bench.run('apply_mapping', { mapping: '{"version":2}', records: 'rows.json' }),
    ).toMatchObject({ error: { code: 'tools.mapping.invalid' } });
  });
});

describe('synchronisation', () => {
  const side = (...records: Record<string, string>[]) =>
    new Map(records.map((value, index) => [value['id'] ?? '', { value, line: index + 1 }]));
  const kinds = (
    source: ReturnType<typeof side>,
    target: ReturnType<typeof side>,
    base: ReturnType<typeof side> | null = null,
  ) => planSync({ source, target, base, removes: true }).map(({ kind, key }) => `${kind} ${key}`);

  it('without a common state does not overwrite what changed later', () => {
    expect(
      kinds(
        side({ id: 'a', n: '1', updated_at: '2026-01-01' }),
        side({ id: 'a', n: '2', updated_at: '2026-01-02' }),
      ),
    ).toEqual(['conflict a']);
    expect(
      kinds(
        side({ id: 'a', n: '1', updated_at: '2026-01-03' }),
        side({ id: 'a', n: '2', updated_at: '2026-01-02' }),
      ),
    ).toEqual(['update a']);
  });

  it('with one keeps changes of the other side, and asks when both changed', () => {
    const base = side({ id: 'a', n: '1' }, { id: 'b', n: '1' }, { id: 'c', n: '1' });
    expect(
      kinds(
        side({ id: 'a', n: '1' }),
        side({ id: 'a', n: '2' }, { id: 'b', n: '2' }, { id: 'c', n: '1' }),
        base,
      ),
    ).toEqual(['delete c', 'conflict b', 'same a']);
  });

  it('survives parents in a circle', () => {
    expect(
      kinds(side({ id: 'a', parent_id: 'b' }, { id: 'b', parent_id: 'a' }), side()).toSorted(),
    ).toEqual(['create a', 'create b']);
  });
});

describe('rate limits', () => {
  it('are read from a HAR file', async () => {
    const entry = (second: number, headers: { name: string; value: string }[]) => ({
      startedDateTime: `2026-03-01T10:00:0${second}Z`,
      request: { method: 'GET', url: 'https://a.example/x' },
      response: { status: 200, headers },
    });
    const entries = [
      entry(0, [
        { name: 'RateLimit-Limit', value: '100' },
        { name: 'RateLimit-Remaining', value: '50' },
        { name: 'RateLimit-Reset', value: '3600' },
      ]),
      entry(1, []),
    ];
    await bench.write('traffic.har', JSON.stringify({ log: { entries } }));
    const outcome = await bench.run('rate_limit_report', { http_log: 'traffic.har' });
    expect(outcome.findings).toEqual([]);
    expect(outcome.output).toMatchObject({
      rate_limits: [
        {
          host: 'a.example',
          limit: 100,
          window_s: 3600,
          headroom: 0.5,
          pacing: { requests_per_minute: 1.33 },
        },
      ],
    });
  });

  it('of a file that is no log are an error with its line', async () => {
    await bench.write('bad.jsonl', '{"time":1,"url":"https://a.example/","status":200}\nnothing\n');
    expect(await bench.run('rate_limit_report', { http_log: 'bad.jsonl' })).toMatchObject({
      error: { code: 'tools.data.malformed', message: expect.stringContaining('Line 2') },
    });
  });
});
