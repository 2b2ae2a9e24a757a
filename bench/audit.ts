/**
 * What the audit log costs a request: the same edge, once with it and once without, in one run.
 * `node bench/audit.ts` on the embedded database, or on AUTOMATOS_TEST_DATABASE_URL.
 */
import { createTestDatabase, databaseKind } from '@automatos/database/testing';
import { createAuditLog, verifyChain } from '@automatos/identity';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { startEdge, testRoute } from '../apps/server/src/testing/edge-fixture.ts';
import { median, table } from './measure.ts';

const REQUESTS = 400;
const ROUNDS = 5;
const { database, close } = await createTestDatabase({ poolSize: 10 });
const audit = createAuditLog({ database, clock: systemClock, logger: silentLogger });
const done = () => Promise.resolve({});
const routes = () => [
  testRoute(
    {
      operationId: 'changeThing',
      method: 'POST',
      path: '/change',
      permission: 'agents:write',
      status: 204,
    },
    done,
  ),
  testRoute(
    {
      operationId: 'useThing',
      method: 'POST',
      path: '/use',
      permission: 'agents:read',
      status: 204,
    },
    done,
  ),
  testRoute(
    { operationId: 'readThing', path: '/read', permission: 'agents:read', status: 204 },
    done,
  ),
];
const open = { rateLimitPerMinute: 1e9, rateLimitPrincipalPerMinute: 1e9 };
const edges = {
  without: await startEdge(routes(), { audit: null, settings: open }),
  with: await startEdge(routes(), { audit, settings: open }),
};

/** Mean µs of a request with `at` of them under way at once. */
async function cost(kind: keyof typeof edges, path: string, at: number): Promise<number> {
  let left = REQUESTS;
  const headers = { authorization: 'Bearer owner' };
  const method = path === '/read' ? 'GET' : 'POST';
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: at }, async () => {
      while (left-- > 0) await edges[kind].edge.inject({ method, url: path, headers });
    }),
  );
  return ((performance.now() - startedAt) * 1000) / REQUESTS;
}

const rows: Record<string, string | number>[] = [];
for (const [path, name] of [
  ['/read', 'GET, not recorded'],
  ['/use', 'POST that changes nothing, recorded beside the answer'],
  ['/change', 'POST that changes something, stored before the answer'],
] as const) {
  for (const at of [1, 20]) {
    const samples = { without: [] as number[], with: [] as number[] };
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of ['without', 'with'] as const)
        samples[kind].push(await cost(kind, path, at));
    const [without, recorded] = [median(samples.without), median(samples.with)];
    rows.push({
      request: name,
      'at once': at,
      'without, µs': Math.round(without),
      'with, µs': Math.round(recorded),
      'audit, µs': Math.round(recorded - without),
    });
  }
}
process.stdout.write(`${databaseKind()} database\n\n${table(rows)}\n`);
for (const each of Object.values(edges)) await each.close();

const chain = newId() as WorkspaceId;
const ROWS = 20_000;
const entry = () => ({
  id: newId(),
  workspaceId: chain,
  actor: { kind: 'user' as const, id: 'u', name: 'Ada', ip: '192.0.2.1', userAgent: 'bench' },
  action: 'thing.change',
  target: { type: 'thing', id: 't', name: 'Thing' },
  outcome: 'success' as const,
  requestId: 'bench-request',
  details: { method: 'POST', route: '/change', status: 204 },
});
const appendStartedAt = performance.now();
await Promise.all(Array.from({ length: ROWS }, () => audit.settle(entry())));
const appendMs = performance.now() - appendStartedAt;
const verifyStartedAt = performance.now();
const { ok, checked } = await verifyChain(database, chain, { rowsMax: ROWS + 1 });
const verifyMs = performance.now() - verifyStartedAt;
process.stdout.write(
  `\nappend ${Math.round((appendMs * 1000) / ROWS)} µs a row in batches; verify ${Math.round((verifyMs * 1000) / checked)} µs a row (${checked} rows, ${ok ? 'whole' : 'broken'})\n`,
);
await audit.close();
await close();
