import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import type { Tx } from '@automatos/database';
import { APP_ROLE } from '@automatos/database';
import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillTables, tablesOfWorkspaces } from './fill-tables.fixture.ts';
import { createMarkers } from './markers.fixture.ts';

/** The database's own wall, asked directly in the role that workspace transactions have. */

/** Tables without a workspace, and what the restricted role may do with them. Whoever adds one here has thought about it. */
const WITHOUT_WORKSPACE: Readonly<Record<string, 'nothing' | 'read'>> = {
  accounts: 'nothing',
  encryption_keys: 'read',
  instance: 'nothing',
  mfa_backup_codes: 'nothing',
  mfa_challenges: 'nothing',
  oidc_sign_ins: 'nothing',
  provider_buckets: 'nothing',
  provider_circuits: 'nothing',
  provider_slots: 'nothing',
  revoked_tokens: 'nothing',
  run_executors: 'nothing',
  schema_migrations: 'nothing',
  sessions: 'nothing',
  sign_in_tries: 'nothing',
  threat_profiles: 'nothing',
  token_keys: 'nothing',
  user_mfa: 'nothing',
  users: 'nothing',
  verifications: 'nothing',
};
/** Guarded by another column than `workspace_id`. */
const OWN_COLUMN: Readonly<Record<string, string>> = { workspaces: 'id' };
/** What the restricted role may not even do in its own workspace, by table. */
const LESS_THAN_ALL: Readonly<Record<string, readonly string[]>> = {
  audit_log: ['UPDATE', 'DELETE'],
  audit_pending: ['SELECT', 'UPDATE', 'DELETE'],
};

/** Tables whose rows a trigger keeps as they are, with its code. */
const NEVER_CHANGES: Readonly<Record<string, string>> = { recipe_versions: '23514' };

let base: TestDatabase;
let tables: string[];
/** Rows of a fresh database. */
let people: Record<string, number>;

beforeAll(async () => {
  base = await createTestDatabase();
  people = await countPeople();
  const markers = createMarkers();
  for (const id of [base.workspaceId, base.otherWorkspaceId]) await fillRows(id, markers);
  tables = [...(await tablesOfWorkspaces(base.database)), ...Object.keys(OWN_COLUMN)];
});
afterAll(() => base.close());

async function countPeople(): Promise<Record<string, number>> {
  const { rows } = await base.database.pool.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM accounts) AS accounts,
       (SELECT count(*)::int FROM api_keys) AS keys, (SELECT count(*)::int FROM members) AS members`,
  );
  return rows[0] ?? {};
}

/** People and master keys belong to no workspace and are pointed at by rows of one. */
async function fillRows(workspaceId: string, markers: ReturnType<typeof createMarkers>) {
  await base.database.pool.query(
    `INSERT INTO users (id, name, email) VALUES ($1, $1, $1 || '@example.com') ON CONFLICT DO NOTHING`,
    [markers.mark()],
  );
  await base.database.pool.query(
    `INSERT INTO encryption_keys (id, state, created_at, changed_at) VALUES ('key', 'current', now(), now()) ON CONFLICT DO NOTHING`,
  );
  await fillTables(base.database, workspaceId, markers);
}

const column = (table: string) => OWN_COLUMN[table] ?? 'workspace_id';
const privileges = async (table: string) => {
  const { rows } = await base.database.pool.query<{ privilege: string }>(
    `SELECT p AS privilege FROM unnest(ARRAY['SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER']) p
     WHERE has_table_privilege($1, format('public.%I', $2::text), p)`,
    [APP_ROLE, table],
  );
  return rows.map((row) => row.privilege);
};

/** A transaction in the restricted role, in one workspace or in none; nothing of it stays. */
async function restricted<T>(
  scope: string | null,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await base.database.pool.connect();
  try {
    await client.query(`BEGIN; SET LOCAL ROLE ${APP_ROLE}`);
    if (scope !== null) await client.query(`SET LOCAL app.workspace_id = '${scope}'`);
    return await work(client);
  } finally {
    await client.query('ROLLBACK');
    client.release();
  }
}

const readable = async () => {
  const all = await Promise.all(
    tables.map(async (table) => [table, await privileges(table)] as const),
  );
  return all.filter(([, may]) => may.includes('SELECT')).map(([table]) => table);
};
const countRows = async (client: pg.PoolClient, names: readonly string[], where: string) => {
  const parts = names.map(
    (name) =>
      `SELECT '${name}' AS name, count(*)::int AS rows FROM "${name}" WHERE ${where.replaceAll('$scope', column(name))}`,
  );
  const { rows } = await client.query<{ name: string; rows: number }>(parts.join(' UNION ALL '));
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
};

describe('the restricted role', () => {
  test('is neither superuser nor owner of anything, and passes no policy by', async () => {
    const { rows } = await base.database.pool.query(
      `SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb,
         (SELECT count(*)::int FROM pg_class c WHERE c.relowner = r.oid) AS owns,
         (SELECT count(*)::int FROM pg_auth_members m WHERE m.member = r.oid) AS memberships
       FROM pg_roles r WHERE rolname = $1`,
      [APP_ROLE],
    );
    expect(rows).toEqual([
      {
        rolsuper: false,
        rolbypassrls: false,
        rolcanlogin: false,
        rolcreaterole: false,
        rolcreatedb: false,
        owns: 0,
        memberships: 0,
      },
    ]);
  });

  test('sees no row of any table without a workspace, and only those of its own with one', async () => {
    const names = await readable();
    expect(names.length).toBeGreaterThan(40);
    for (const scope of [null, '01990000-0000-7000-8000-0000000000ee']) {
      const seen = await restricted(scope, (client) => countRows(client, names, 'true'));
      expect(Object.entries(seen).filter(([, rows]) => rows > 0)).toEqual([]);
    }
    const foreign = await restricted(base.workspaceId, (client) =>
      countRows(client, names, `$scope <> '${base.workspaceId}' OR $scope IS NULL`),
    );
    expect(Object.entries(foreign).filter(([, rows]) => rows > 0)).toEqual([]);
    const own = await restricted(base.workspaceId, (client) => countRows(client, names, 'true'));
    const empty = Object.entries(own).flatMap(([name, rows]) => (rows === 0 ? [name] : []));
    // Each table holds a row of both workspaces, but those that take no made-up ones.
    expect(empty.toSorted()).toEqual(['audit_log', 'outbox', 'run_places']);
  });

  test('puts no row into another workspace, moves none there, changes and removes none of it', async () => {
    const problems: string[] = [];
    for (const table of tables) {
      const may = await privileges(table);
      const scope = column(table);
      if (may.includes('UPDATE')) {
        const moved = await attempt((client) =>
          client.query(`UPDATE "${table}" SET "${scope}" = $1`, [base.otherWorkspaceId]),
        );
        if (moved !== '42501' && moved !== '0' && moved !== NEVER_CHANGES[table])
          problems.push(`${table} moved: ${moved}`);
        const changed = await attempt((client) =>
          client.query(`UPDATE "${table}" SET "${scope}" = "${scope}" WHERE "${scope}" = $1`, [
            base.otherWorkspaceId,
          ]),
        );
        if (changed !== '0') problems.push(`${table} changed: ${changed}`);
      }
      if (may.includes('DELETE')) {
        const removed = await attempt((client) =>
          client.query(`DELETE FROM "${table}" WHERE "${scope}" = $1`, [base.otherWorkspaceId]),
        );
        if (removed !== '0') problems.push(`${table} removed: ${removed}`);
      }
      const { rows } = await base.database.pool.query<{ row: object }>(
        `SELECT to_jsonb(t) AS row FROM "${table}" t WHERE "${scope}" = $1 LIMIT 1`,
        [base.otherWorkspaceId],
      );
      if (rows[0] === undefined) continue;
      const put = await attempt((client) =>
        client.query(
          `INSERT INTO "${table}" OVERRIDING SYSTEM VALUE SELECT * FROM jsonb_populate_record(NULL::"${table}", $1::jsonb)`,
          [JSON.stringify(rows[0]?.row)],
        ),
      );
      if (put !== '42501') problems.push(`${table} put: ${put}`);
    }
    expect(problems).toEqual([]);
  });

  test.each([
    ['a role', 'CREATE ROLE intruder SUPERUSER'],
    ['itself', `ALTER ROLE ${APP_ROLE} BYPASSRLS`],
    ['a policy', 'DROP POLICY workspace_scope ON agents'],
    ['a policy beside', 'CREATE POLICY all_of_it ON agents USING (true)'],
    ['row-level security', 'ALTER TABLE agents DISABLE ROW LEVEL SECURITY'],
    ['a table', 'DROP TABLE agents'],
    ['its contents', 'TRUNCATE agents'],
    ['a function', `SELECT automatos_protect('agents')`],
    ['rights', `GRANT ALL ON users TO ${APP_ROLE}`],
    ['the schema', 'CREATE TABLE public.copy_of_all AS SELECT 1'],
    ['row security as a setting', 'SET row_security = off; SELECT count(*) FROM agents'],
    ['people', 'SELECT * FROM users'],
    ['sessions', 'SELECT token FROM sessions'],
    ['files of the server', `SELECT pg_read_file('/etc/passwd')`],
    ['programs', `COPY agents TO PROGRAM 'cat'`],
  ])('cannot change or read %s', async (_what, statement) => {
    expect(await attempt((client) => client.query(statement))).toMatch(/^(?:42|0A|28|22)/);
  });
});

/** Rows that a statement reached in the restricted role of the first workspace, or the code of its refusal. */
async function attempt(run: (client: pg.PoolClient) => Promise<pg.QueryResult>): Promise<string> {
  return restricted(base.workspaceId, async (client) => {
    try {
      return String((await run(client)).rowCount ?? 0);
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  });
}

test('a fresh database knows nobody', () => {
  expect(people).toEqual({ users: 0, accounts: 0, keys: 0, members: 0 });
});

describe('every table', () => {
  test('with a workspace is guarded, also against its owner, by the same rule', async () => {
    const { rows } = await base.database.pool.query<{
      name: string;
      rule: string;
      checked: string;
    }>(
      `SELECT c.relname AS name, p.qual AS rule, p.with_check AS checked FROM pg_class c
       LEFT JOIN pg_policies p ON p.schemaname = 'public' AND p.tablename = c.relname AND p.roles = ARRAY[$1::name]
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r','p') AND c.relname = ANY($2)
         AND c.relrowsecurity AND c.relforcerowsecurity`,
      [APP_ROLE, tables],
    );
    const guarded = rows.map(({ name, rule, checked }) => `${name} ${rule === checked} ${rule}`);
    const expected = tables.map(
      (name) =>
        `${name} true (${column(name)} = (NULLIF(current_setting('app.workspace_id'::text, true), ''::text))::uuid)`,
    );
    expect(guarded.toSorted()).toEqual(expected.toSorted());
  });

  test('without one is on the reviewed list, with no more rights than that says', async () => {
    const { rows } = await base.database.pool.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r','p','v','m','f')`,
    );
    const others = rows.map((row) => row.name).filter((name) => !tables.includes(name));
    expect(others.toSorted()).toEqual(Object.keys(WITHOUT_WORKSPACE).toSorted());
    const found = await Promise.all(others.map(async (name) => [name, await privileges(name)]));
    const expected = others.map((name) => [
      name,
      WITHOUT_WORKSPACE[name] === 'read' ? ['SELECT'] : [],
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  test('gives the restricted role reading and writing of rows, and nothing that passes policies by', async () => {
    for (const table of tables) {
      const less = LESS_THAN_ALL[table] ?? [];
      const expected = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].filter(
        (each) => !less.includes(each),
      );
      expect([table, await privileges(table)]).toEqual([table, expected]);
    }
  });

  test('no view, function or sequence runs with more rights than its caller', async () => {
    const { rows: functions } = await base.database.pool.query(
      `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef`,
    );
    expect(functions).toEqual([]);
    const { rows: schemas } = await base.database.pool.query(
      `SELECT nspname FROM pg_namespace WHERE has_schema_privilege($1, oid, 'CREATE') OR (nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('public','information_schema') AND has_schema_privilege($1, oid, 'USAGE'))`,
      [APP_ROLE],
    );
    expect(schemas.filter(({ nspname }) => !String(nspname).startsWith('pg_temp'))).toEqual([]);
  });
});

describe('a workspace transaction of the product', () => {
  const run = (text: string) => async (tx: Tx) => void (await tx.execute(sql.raw(text)));
  const told = (done: Promise<unknown>) =>
    done.then(
      () => 'done',
      (error: { code?: string; cause?: { code?: string } }) => error.code ?? error.cause?.code,
    );
  const inWorkspace = (text: string) => told(base.database.workspace(base.workspaceId, run(text)));
  const inReads = (text: string) => told(base.database.workspaceReads(base.workspaceId, run(text)));

  test.each([
    'SET ROLE postgres',
    'set local role none',
    'SET SESSION AUTHORIZATION DEFAULT',
    'RESET ROLE',
    'RESET ALL',
    'SET "role" = \'none\'',
    'SET LOCAL "role" TO none',
    'SET/**/ROLE/**/none',
    'SET -- \n ROLE none',
    'RESET "role"',
    "SELECT set_config('role', 'none', true)",
    `SELECT pg_catalog."set_config"('role', 'none', true)`,
    "SELECT set_config/**/('role', 'none', true)",
    `SELECT U&"set\\005fconfig"('role', 'none', true)`,
    "DO $$ BEGIN EXECUTE 'SET RO' || 'LE none'; END $$",
    'SELECT 1; RESET ROLE',
    "SELECT 'a;b'; SET ROLE none",
    'COMMIT',
    'ROLLBACK',
    'ABORT',
    "SET app.workspace_id = '01990000-0000-7000-8000-00000000000b'",
    'SET LOCAL "app.workspace_id" = \'01990000-0000-7000-8000-00000000000b\'',
    'PREPARE escape AS SELECT 1',
    'CREATE TEMP TABLE t (a int)',
    `CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RESET ROLE; END $$`,
    'DISCARD ALL',
    'GRANT ALL ON agents TO PUBLIC',
  ])('refuses %s', async (text) => {
    expect(await inWorkspace(text)).toBe('database.scope.escape');
    expect(await inReads(text)).toBe('database.scope.escape');
  });

  test('reads alone are in the same role and workspace, write nothing and leave nothing behind', async () => {
    const { database, workspaceId, otherWorkspaceId } = base;
    const names = await readable();
    const foreign = names.map(
      (name) =>
        `SELECT '${name}' AS name FROM "${name}" WHERE "${column(name)}" IS DISTINCT FROM '${workspaceId}'`,
    );
    const rows = await database.workspaceReads(workspaceId, async (tx: Tx) => [
      ...(await tx.execute(sql.raw(foreign.join(' UNION ALL ')))).rows,
      ...(await tx.execute(sql`SELECT current_user AS name WHERE current_user <> ${APP_ROLE}`))
        .rows,
    ]);
    expect(rows).toEqual([]);
    expect(await inReads(`UPDATE agents SET name = 'x'`)).toBe('25006');
    expect(await inReads(`SELECT token FROM sessions`)).toBe('42501');
    const after = await Promise.all(
      Array.from({ length: 12 }, () =>
        database.pool.query(
          `SELECT current_user = session_user AS own, coalesce(current_setting('app.workspace_id', true), '') AS scope`,
        ),
      ),
    );
    for (const { rows: found } of after) expect(found).toEqual([{ own: true, scope: '' }]);
    expect(
      await database.workspaceReads(
        otherWorkspaceId,
        async (tx: Tx) => (await tx.execute(sql`SELECT id FROM workspaces`)).rows,
      ),
    ).toEqual([{ id: otherWorkspaceId }]);
  });

  test.each([
    'SELECT 1',
    "SELECT 'set role; reset all; commit' AS text",
    'WITH a AS (SELECT 1 AS b) SELECT * FROM a',
    'UPDATE members SET "role" = role WHERE false',
    'SAVEPOINT one; RELEASE SAVEPOINT one',
    '/* why */ SELECT 1 -- because',
    '(SELECT 1) UNION (SELECT 2)',
    "SELECT pg_notify('channel', 'x')",
  ])('lets %s through', async (text) => {
    expect(await inWorkspace(text)).toBe('done');
  });
});
