import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId, silentLogger, systemClock } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { createAuditLog } from './audit-log.ts';
import type { AuditLog } from './audit-log.ts';
import { runInAuditScope } from './audit-scope.ts';
import type { AuditScope } from './audit-scope.ts';
import { erasePersonal, selectRows } from './audit-store.ts';
import type { AuditEntry } from './audit-types.ts';
import { verifyChain } from './verify-chain.ts';

let base: TestDatabase;
let audit: AuditLog;
let workspaceId: WorkspaceId;

beforeAll(async () => {
  base = await createTestDatabase({ poolSize: 10 });
  audit = createAuditLog({ database: base.database, clock: systemClock, logger: silentLogger });
});
afterAll(async () => {
  await audit.close();
  await base.close();
});
// Rows cannot be taken out, so each test has a chain of its own.
beforeEach(() => {
  workspaceId = newId() as WorkspaceId;
});

function entry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: newId(),
    workspaceId,
    actor: { kind: 'user', id: 'u1', name: 'Ada', ip: '192.0.2.7', userAgent: 'test' },
    action: 'recipe.update',
    target: { type: 'recipe', id: 'r1', name: 'Release check' },
    outcome: 'success',
    requestId: 'request-1',
    details: { fields: ['name', 'steps'] },
    ...more,
  };
}

const rowsOf = (id = workspaceId) =>
  base.database.workspace(id, (tx) => selectRows(tx, sql`WHERE true ORDER BY sequence`));
const verify = (options: Partial<Parameters<typeof verifyChain>[2]> = {}) =>
  verifyChain(base.database, workspaceId, { rowsMax: 100_000, ...options });

async function fill(count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await audit.settle(entry({ requestId: `request-${n}` }));
}

/** What only the owner of the database can do: the rules of the table switched off. */
async function asOwner(...statements: string[]): Promise<void> {
  const client = await base.database.pool.connect();
  try {
    await client.query(
      [
        'BEGIN',
        'ALTER TABLE audit_log DISABLE TRIGGER USER',
        ...statements,
        'ALTER TABLE audit_log ENABLE TRIGGER USER',
        'COMMIT',
      ]
        .join(';')
        .replaceAll('$WS', `'${workspaceId}'`),
    );
  } finally {
    client.release();
  }
}

test('rows are dense, chained and verify', async () => {
  await fill(5);
  const rows = await rowsOf();
  expect(rows.map((row) => row.sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(rows.slice(1).map((row) => row.prevHash)).toEqual(
    rows.slice(0, -1).map((row) => row.hash),
  );
  expect(rows[0]).toMatchObject({ actorId: 'u1', personal: { name: 'Ada', ip: '192.0.2.7' } });
  expect(await verify()).toMatchObject({ ok: true, checked: 5, to: 5, complete: true });
  expect(await verify({ rowsMax: 2 })).toMatchObject({ ok: true, checked: 2, complete: false });
  expect(await verify({ from: 3 })).toMatchObject({ ok: true, checked: 3, to: 5 });
});

const DAMAGES: [string, string[], object][] = [
  [
    'a changed text',
    [`UPDATE audit_log SET action = 'recipe.read' WHERE workspace_id = $WS AND sequence = 3`],
    { kind: 'changed', sequence: 3 },
  ],
  [
    'a changed time',
    [`UPDATE audit_log SET at = at - interval '1 hour' WHERE workspace_id = $WS AND sequence = 3`],
    { kind: 'changed', sequence: 3 },
  ],
  [
    'changed personal data',
    [
      `UPDATE audit_log SET personal = jsonb_set(personal, '{name}', '"Eve"') WHERE workspace_id = $WS AND sequence = 3`,
    ],
    { kind: 'changed', sequence: 3 },
  ],
  [
    'a missing row',
    [`DELETE FROM audit_log WHERE workspace_id = $WS AND sequence = 3`],
    { kind: 'missing', sequence: 3 },
  ],
  [
    'the first row missing',
    [`DELETE FROM audit_log WHERE workspace_id = $WS AND sequence = 1`],
    { kind: 'missing', sequence: 1 },
  ],
  [
    'a missing row, the rest renumbered',
    [
      `DELETE FROM audit_log WHERE workspace_id = $WS AND sequence = 3`,
      `UPDATE audit_log SET sequence = sequence + 999 WHERE workspace_id = $WS AND sequence > 3`,
      `UPDATE audit_log SET sequence = sequence - 1000 WHERE workspace_id = $WS AND sequence > 999`,
    ],
    { kind: 'missing', sequence: 3 },
  ],
  [
    'two rows exchanged',
    [
      `UPDATE audit_log SET sequence = 1000 WHERE workspace_id = $WS AND sequence = 3`,
      `UPDATE audit_log SET sequence = 3 WHERE workspace_id = $WS AND sequence = 4`,
      `UPDATE audit_log SET sequence = 4 WHERE workspace_id = $WS AND sequence = 1000`,
    ],
    { kind: 'reordered', sequence: 3 },
  ],
  [
    'a copy of a row put in, the rest renumbered',
    [
      `UPDATE audit_log SET sequence = sequence + 1000 WHERE workspace_id = $WS AND sequence >= 3`,
      `UPDATE audit_log SET sequence = sequence - 999 WHERE workspace_id = $WS AND sequence >= 1000`,
      `INSERT INTO audit_log SELECT workspace_id, 3, gen_random_uuid(), version, at, 'user', 'forged', action, target_type, target_id,
         target_name, outcome, request_id, details, personal, personal_hash, (SELECT hash FROM audit_log WHERE workspace_id = $WS AND sequence = 2), hash
       FROM audit_log WHERE workspace_id = $WS AND sequence = 2`,
    ],
    { kind: 'inserted', sequence: 3 },
  ],
];

test.each(DAMAGES)('verify finds %s', async (_name, statements, found) => {
  await fill(6);
  await asOwner(...statements);
  expect(await verify()).toMatchObject({ ok: false, firstBreak: found });
});

test('verify finds a well-formed row that was put in with its own hash', async () => {
  await fill(4);
  const rows = await rowsOf();
  const { rowHash } = await import('./audit-hash.ts');
  const second = rows[1] as (typeof rows)[number];
  const forged = { ...second, id: newId(), sequence: 3, prevHash: second.hash, actorId: 'forged' };
  await asOwner(
    `UPDATE audit_log SET sequence = sequence + 1000 WHERE workspace_id = $WS AND sequence >= 3`,
    `UPDATE audit_log SET sequence = sequence - 999 WHERE workspace_id = $WS AND sequence >= 1000`,
    `INSERT INTO audit_log SELECT workspace_id, 3, '${forged.id}', version, at, actor_kind, 'forged', action, target_type, target_id,
       target_name, outcome, request_id, details, personal, personal_hash, '${second.hash}', '${rowHash(forged)}'
     FROM audit_log WHERE workspace_id = $WS AND sequence = 2`,
  );
  expect(await verify()).toMatchObject({ firstBreak: { kind: 'inserted', sequence: 3 } });
});

test('a cut tail is found with an anchor only', async () => {
  await fill(4);
  const anchor = { sequence: 4, hash: (await rowsOf())[3]?.hash ?? '' };
  expect(await verify({ anchor })).toMatchObject({ ok: true });
  await asOwner(`DELETE FROM audit_log WHERE workspace_id = $WS AND sequence >= 3`);
  expect(await verify()).toMatchObject({ ok: true, to: 2 });
  expect(await verify({ anchor })).toMatchObject({ firstBreak: { kind: 'anchor', sequence: 3 } });
});

test('the role of workspace transactions can add and read, nothing else', async () => {
  await fill(2);
  const attempt = (statement: string) =>
    base.database.workspace(workspaceId, (tx) => tx.execute(sql.raw(statement)));
  for (const statement of [
    `UPDATE audit_log SET action = 'x.y'`,
    `UPDATE audit_log SET personal = NULL`,
    'DELETE FROM audit_log',
    'SELECT * FROM audit_pending',
    'DELETE FROM audit_pending',
  ])
    await expect(attempt(statement), statement).rejects.toMatchObject({ cause: { code: '42501' } });
  await expect(attempt('TRUNCATE audit_log')).rejects.toMatchObject({
    code: 'database.scope.escape',
  });
  await base.database.workspace(workspaceId, (tx) => audit.append(tx, entry()));
  expect(await verify()).toMatchObject({ ok: true, checked: 3 });
});

test('even the owner changes and removes nothing while the rules stand, and nobody forks, skips or backdates', async () => {
  await fill(2);
  const owner = (statement: string) =>
    base.database.pool.query(statement.replaceAll('$WS', `'${workspaceId}'`));
  for (const statement of [
    `UPDATE audit_log SET action = 'x.y' WHERE workspace_id = $WS`,
    'DELETE FROM audit_log WHERE workspace_id = $WS',
    'TRUNCATE audit_log',
  ])
    await expect(owner(statement), statement).rejects.toThrow('rows are only added');
  const copy = (sequence: string, at: string, prev: string) =>
    owner(`INSERT INTO audit_log SELECT workspace_id, ${sequence}, gen_random_uuid(), version, ${at}, actor_kind, actor_id, action,
      target_type, target_id, target_name, outcome, request_id, details, personal, personal_hash, ${prev}, hash
      FROM audit_log WHERE workspace_id = $WS AND sequence = 2`);
  await expect(copy('2', 'clock_timestamp()', 'prev_hash')).rejects.toThrow('does not follow');
  await expect(copy('4', 'clock_timestamp()', 'hash')).rejects.toThrow('does not follow');
  await expect(copy('3', 'clock_timestamp()', 'prev_hash')).rejects.toThrow('does not follow');
  await expect(copy('3', `clock_timestamp() + interval '1 day'`, 'hash')).rejects.toThrow(
    'time of the database',
  );
  await expect(copy('3', `at - interval '1 second'`, 'hash')).rejects.toThrow(
    'time of the database',
  );
});

test('a person can be erased and the chain still holds', async () => {
  await fill(2);
  await audit.settle(
    entry({ actor: { kind: 'user', id: 'u-erase', name: 'Bob', ip: '198.51.100.9' } }),
  );
  expect(await base.database.system((tx) => erasePersonal(tx, 'u-erase'))).toBe(1);
  expect((await rowsOf())[2]).toMatchObject({ actorId: 'u-erase', personal: null });
  expect(await verify()).toMatchObject({ ok: true, checked: 3, erased: 1 });
});

test('50 appends at once from several connections keep one chain', async () => {
  await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 2 === 0
        ? base.database.workspace(workspaceId, (tx) => audit.append(tx, entry()))
        : audit.settle(entry()),
    ),
  );
  const rows = await rowsOf();
  expect(rows.map((row) => row.sequence)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
  expect(await verify()).toMatchObject({ ok: true, checked: 50 });
});

test('a transaction that is rolled back leaves neither row nor gap', async () => {
  await fill(1);
  const failing = base.database.workspace(workspaceId, async (tx) => {
    await audit.append(tx, entry());
    throw new Error('the change failed');
  });
  await expect(failing).rejects.toThrow('the change failed');
  await fill(1);
  expect((await rowsOf()).map((row) => row.sequence)).toEqual([1, 2]);
});

test('the same entry sent twice is one row', async () => {
  const twice = entry();
  await audit.begin(twice);
  await audit.settle(twice);
  await audit.settle(twice);
  expect(await rowsOf()).toHaveLength(1);
  const { rowCount } = await base.database.pool.query('SELECT 1 FROM audit_pending WHERE id = $1', [
    twice.id,
  ]);
  expect(rowCount).toBe(0);
});

test('a request whose process died is recorded as interrupted, a noted entry as it is', async () => {
  const begun = entry();
  await audit.begin(begun);
  await base.database.workspace(workspaceId, (tx) =>
    audit.note(tx, entry({ action: 'run.start' })),
  );
  await audit.seal();
  expect((await rowsOf()).map((row) => row.action)).toEqual(['run.start']);
  await base.database.pool.query(
    `UPDATE audit_pending SET created_at = created_at - interval '16 minutes' WHERE id = $1`,
    [begun.id],
  );
  await audit.seal();
  expect((await rowsOf())[1]).toMatchObject({ outcome: 'failure', details: { interrupted: true } });
});

test('a change that was recorded in its own transaction is not recorded again', async () => {
  const scope: AuditScope = {
    id: newId(),
    requestId: 'r',
    action: 'api_key.create',
    workspaceId,
    actor: { kind: 'user', id: 'u1', name: 'Ada' },
    target: { type: '', id: '', name: '' },
    details: {},
    appended: false,
  };
  await runInAuditScope(scope, () =>
    base.database.workspace(workspaceId, (tx) =>
      audit.appendRequest(tx, workspaceId, { type: 'api_key', id: 'k1', name: 'CI' }),
    ),
  );
  expect(scope.appended).toBe(true);
  await audit.settle(entry({ id: scope.id }));
  expect(await rowsOf()).toMatchObject([{ action: 'api_key.create', target: { id: 'k1' } }]);
});

test('secrets are in no row, by name and by look', async () => {
  const canary = 'sk-canary0123456789abcdef';
  await audit.settle(
    entry({
      actor: { kind: 'user', id: 'u', name: 'A', userAgent: `tool ${canary}` },
      target: { type: 'x', id: canary, name: `Bearer ${canary}` },
      details: {
        password: 'hunter2-canary',
        nested: { note: `key ${canary}`, api_key: 7 },
        [canary]: 1,
      },
    }),
  );
  const noted = entry({ details: { token: 'hunter2-canary', text: canary } });
  await base.database.workspace(workspaceId, (tx) => audit.note(tx, noted));
  const { rows } = await base.database.pool.query(
    `SELECT row_to_json(l)::text AS text FROM audit_log l WHERE workspace_id = $1
     UNION ALL SELECT row_to_json(p)::text FROM audit_pending p WHERE workspace_id = $1`,
    [workspaceId],
  );
  expect(rows).toHaveLength(2);
  expect(JSON.stringify(rows)).not.toContain('canary');
  await audit.seal();
});

test('a workspace sees its own chain only', async () => {
  await fill(2);
  expect(await rowsOf(newId() as WorkspaceId)).toEqual([]);
  const other = base.database.workspace(newId() as WorkspaceId, (tx) => audit.append(tx, entry()));
  await expect(other).rejects.toMatchObject({ cause: { code: '42501' } });
});

test('random histories verify, and any single mutation is found', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const history = fc.array(
    fc.record({
      name: text,
      id: text,
      outcome: fc.constantFrom('success' as const, 'denied' as const, 'failure' as const),
      details: fc.dictionary(
        text,
        fc.oneof(text, fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
      ),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const columns = fc.constantFrom(
    `actor_id = actor_id || 'x'`,
    `action = action || 'x'`,
    `target_name = target_name || 'x'`,
    `target_id = target_id || 'x'`,
    `outcome = CASE outcome WHEN 'success' THEN 'denied' ELSE 'success' END`,
    `at = at + interval '1 millisecond'`,
    `details = details || '{"x-added": 1}'`,
    `request_id = request_id || 'x'`,
    `personal = personal || '{"ip": "203.0.113.1"}'`,
    `personal_hash = md5(personal_hash)`,
    `prev_hash = md5(prev_hash)`,
    `hash = md5(hash)`,
    `version = version + 1`,
    `id = gen_random_uuid()`,
  );
  const property = fc.asyncProperty(history, columns, fc.nat(), async (entries, column, at) => {
    workspaceId = newId() as WorkspaceId;
    await base.database.system(async (tx) => {
      for (const { name, id, outcome, details } of entries)
        await audit.append(tx, entry({ target: { type: 't', id, name }, outcome, details }));
    });
    expect(await verify()).toMatchObject({ ok: true, checked: entries.length });
    const sequence = (at % entries.length) + 1;
    await asOwner(
      `UPDATE audit_log SET ${column} WHERE workspace_id = $WS AND sequence = ${sequence}`,
    );
    const { firstBreak } = await verify();
    expect(firstBreak?.sequence).toBe(sequence);
  });
  await fc.assert(property, { numRuns: 40 });
});
