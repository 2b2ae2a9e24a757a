/**
 * What the threat detector costs a request: alone over the product's own traffic, and at the edge, the same requests once with
 * it and once without, in one run. `node bench/threats.ts` on the embedded database, or on AUTOMATOS_TEST_DATABASE_URL.
 */
import { jsonObjectSchema, runRoutes } from '@automatos/contracts';
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import { createThreats } from '@automatos/identity';
import { silentLogger, systemClock } from '@automatos/kernel';
import { startEdge, testRoute } from '../apps/server/src/testing/edge-fixture.ts';
import { ownTraffic } from '../apps/server/src/testing/threat-traffic/own-traffic.ts';
import { median, table } from './measure.ts';

const ROUNDS = 5;
const REQUESTS = 600;
const { database, close } = await createTestDatabase({ poolSize: 10 });
const threats = createThreats({ database, clock: systemClock, logger: silentLogger });
await threats.start();

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;

const traffic = await ownTraffic();
for (const { facts } of traffic) threats.assess(facts);
const alone = [...Map.groupBy(traffic, ({ source }) => source), ['all', traffic] as const].map(
  ([source, own]) => {
    const times = Array.from({ length: ROUNDS }, () =>
      own.map(({ facts }) => {
        const startedAt = performance.now();
        threats.assess(facts);
        return (performance.now() - startedAt) * 1_000;
      }),
    );
    const of = (share: number) => median(times.map((each) => quantile(each, share)));
    return {
      source,
      requests: own.length,
      p50: Math.round(of(0.5)),
      p95: Math.round(of(0.95)),
      p99: Math.round(of(0.99)),
    };
  },
);
process.stdout.write(`The detector alone, µs\n${table(alone)}\n`);

const any = jsonObjectSchema;
const routes = () => [
  testRoute(
    {
      operationId: 'read',
      path: '/api/read',
      permission: 'runs:read',
      query: runRoutes.list.query,
      response: any,
    },
    () => Promise.resolve({ body: {} }),
  ),
  testRoute(
    {
      operationId: 'chat',
      path: '/v1/chat',
      method: 'POST',
      tag: 'openai',
      permission: 'models:call',
      body: any,
      response: any,
    },
    () => Promise.resolve({ body: {} }),
  ),
];
const settings = { rateLimitPerMinute: 1e9, rateLimitPrincipalPerMinute: 1e9 };
const edges = {
  without: await startEdge(routes(), { settings }),
  with: await startEdge(routes(), { settings, threats }),
};
const SENTENCE = 'Please review the change and tell me what could break. ';
const KINDS = {
  'GET with a query': {
    method: 'GET',
    url: '/api/read?status=completed&search=nightly+build&limit=20',
  },
  'chat, 1 KiB': {
    method: 'POST',
    url: '/v1/chat',
    payload: { messages: [{ role: 'user', content: SENTENCE.repeat(18) }] },
  },
  'chat, 16 KiB': {
    method: 'POST',
    url: '/v1/chat',
    payload: { messages: [{ role: 'user', content: SENTENCE.repeat(300) }] },
  },
} as const;

/** µs of each of many requests, one after the other. */
async function times(edge: keyof typeof edges, request: object): Promise<number[]> {
  const found: number[] = [];
  for (let each = 0; each < REQUESTS; each += 1) {
    const startedAt = performance.now();
    await edges[edge].edge.inject({ ...request, headers: { authorization: 'Bearer owner' } });
    found.push((performance.now() - startedAt) * 1_000);
  }
  return found;
}

const rows: Record<string, string | number>[] = [];
for (const [name, request] of Object.entries(KINDS)) {
  const found: Record<keyof typeof edges, number[][]> = { without: [], with: [] };
  await times('with', request);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const edge of ['without', 'with'] as const) found[edge].push(await times(edge, request));
  const at = (edge: keyof typeof edges, share: number) =>
    median(found[edge].map((each) => quantile(each, share)));
  const [plain, guarded] = [at('without', 0.5), at('with', 0.5)];
  rows.push({
    request: name,
    'p50 without': Math.round(plain),
    'p50 with': Math.round(guarded),
    added: Math.round(guarded - plain),
    'p95 without': Math.round(at('without', 0.95)),
    'p95 with': Math.round(at('with', 0.95)),
  });
}
process.stdout.write(`At the edge (${databaseKind()}), µs\n${table(rows)}\n`);
for (const { close: closeEdge } of Object.values(edges)) await closeEdge();
await threats.close();
await close();
