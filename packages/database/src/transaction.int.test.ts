import { eq, sql } from 'drizzle-orm';
import { integer, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, type WorkspaceId } from '@automatos/kernel';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';
import { executePrepared, type Database, type Tx } from './index.ts';

const notes = pgTable('notes', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  workspaceId: uuid('workspace_id').notNull(),
  body: text('body').notNull(),
});

let test: TestDatabase;
let database: Database;
let mine: WorkspaceId;
let theirs: WorkspaceId;

beforeAll(async () => {
  test = await createTestDatabase({ poolSize: 20 });
  ({ database, workspaceId: mine, otherWorkspaceId: theirs } = test);
  await database.pool.query(`
    CREATE TABLE notes (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, workspace_id uuid NOT NULL REFERENCES workspaces (id), body text NOT NULL);
    SELECT automatos_protect('notes');
    CREATE TABLE private_things (id int);
    CREATE TABLE catalogue (id int); INSERT INTO catalogue VALUES (1);
    SELECT automatos_share_read('catalogue')`);
});
afterAll(() => test.close());

const codeOf = async (work: Promise<unknown>): Promise<string | undefined> => {
  try {
    await work;
    return undefined;
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } };
    return code ?? cause?.code;
  }
};
const add = (workspaceId: WorkspaceId, body: string) => (tx: Tx) =>
  tx.insert(notes).values({ workspaceId, body });

describe('workspace scope', () => {
  it('holds for a prepared statement that its connection planned for the owner before', async () => {
    // One connection, so that every transaction meets the same plan.
    const single = await createTestDatabase({ poolSize: 1 });
    const statement = { name: 'scope_probe', text: 'SELECT slug FROM workspaces', values: [] };
    const slugs = (tx: Tx) => executePrepared<{ slug: string }>(tx, statement);
    const all = await single.database.system(slugs);
    expect(all.length).toBeGreaterThan(1);
    expect(await single.database.workspace(single.workspaceId, slugs)).toEqual([{ slug: 'test' }]);
    const other = await single.database.workspace(single.otherWorkspaceId, slugs);
    expect(other).toEqual([{ slug: 'other' }]);
    expect(await single.database.system(slugs)).toHaveLength(all.length);
    await single.close();
  });

  it('shows and takes only rows of its workspace; system sees all', async () => {
    await database.workspace(mine, add(mine, 'mine'));
    await database.workspace(theirs, add(theirs, 'theirs'));
    expect(
      await database.workspace(mine, (tx) => tx.select({ body: notes.body }).from(notes)),
    ).toEqual([{ body: 'mine' }]);
    expect(
      await database.system((tx) =>
        tx.select({ body: notes.body }).from(notes).orderBy(notes.body),
      ),
    ).toEqual([{ body: 'mine' }, { body: 'theirs' }]);
    expect(await codeOf(database.workspace(mine, add(theirs, 'smuggled')))).toBe('42501');
    expect(
      await codeOf(database.workspace(mine, (tx) => tx.update(notes).set({ workspaceId: theirs }))),
    ).toBe('42501');
    const touched = await database.workspace(mine, (tx) =>
      tx.update(notes).set({ body: 'x' }).where(eq(notes.body, 'theirs')).returning(),
    );
    expect(touched).toEqual([]);
    expect(
      await database.workspace(mine, (tx) => tx.execute(sql`SELECT id FROM workspaces`)),
    ).toMatchObject({ rows: [{ id: mine }] });
  });

  it('shows nothing without a workspace, even to the restricted role itself', async () => {
    await database.workspace(mine, add(mine, 'hidden'));
    const rows = await database.system(async (tx) => {
      await tx.execute(sql`SET LOCAL ROLE automatos_app`);
      return (await tx.execute(sql`SELECT count(*)::int AS n FROM notes`)).rows;
    });
    expect(rows).toEqual([{ n: 0 }]);
  });

  it('does not reach tables that were not given to it', async () => {
    expect(
      await codeOf(database.workspace(mine, (tx) => tx.execute(sql`SELECT * FROM private_things`))),
    ).toBe('42501');
    expect(
      await codeOf(
        database.workspace(mine, (tx) => tx.execute(sql`SELECT * FROM schema_migrations`)),
      ),
    ).toBe('42501');
    expect(
      await codeOf(
        database.workspace(mine, (tx) => tx.execute(sql`INSERT INTO catalogue VALUES (2)`)),
      ),
    ).toBe('42501');
    expect(
      await codeOf(
        database.system(async (tx) => {
          await tx.execute(sql`SET LOCAL ROLE automatos_app`);
          await tx.execute(sql`ALTER TABLE notes DISABLE ROW LEVEL SECURITY`);
        }),
      ),
    ).toBe('42501');
    expect(
      await codeOf(
        database.workspace(mine, (tx) => tx.execute(sql`SELECT automatos_protect('catalogue')`)),
      ),
    ).toBe('42501');
    expect(
      await database.workspace(mine, (tx) => tx.execute(sql`SELECT id FROM catalogue`)),
    ).toMatchObject({ rows: [{ id: 1 }] });
  });

  it('gains nothing from any setting: the policy asks for the role', async () => {
    const count = await database.system(async (tx) => {
      await tx.execute(sql`SET LOCAL ROLE automatos_app`);
      await tx.execute(
        sql`SELECT set_config('app.system', 'on', true), set_config('app.role', 'system', true)`,
      );
      await tx.execute(sql`SET LOCAL row_security = on`);
      return (await tx.execute(sql`SELECT count(*)::int AS n FROM notes`)).rows;
    });
    expect(count).toEqual([{ n: 0 }]);
    expect(
      await codeOf(
        database.workspace(mine, (tx) =>
          tx.execute(
            sql`SELECT * FROM notes, (SELECT 1) AS x WHERE pg_has_role('automatos_app', 'pg_read_all_data', 'MEMBER')`,
          ),
        ),
      ),
    ).toBeUndefined();
  });

  it.each([
    'RESET ROLE',
    'SET ROLE postgres',
    'set local role none',
    'SET SESSION AUTHORIZATION DEFAULT',
    'RESET ALL',
    'COMMIT',
    'END',
    'ROLLBACK',
    'select 1; COMMIT',
    'DISCARD ALL',
    "SET LOCAL app.workspace_id = ''",
    "SELECT set_config('app.workspace_id', '', true)",
  ])('refuses %s', async (statement) => {
    const body = `note of ${statement}`;
    const attempt = database.workspace(mine, async (tx) => {
      await add(mine, body)(tx);
      await tx.execute(sql.raw(statement));
    });
    expect(await codeOf(attempt)).toBe('database.scope.escape');
    const left = await database.system((tx) => tx.select().from(notes).where(eq(notes.body, body)));
    expect(left).toEqual([]);
  });

  it('allows words like commit inside data and identifiers', async () => {
    await database.workspace(mine, add(mine, '; COMMIT; RESET ROLE'));
    const { rows } = await database.workspace(mine, (tx) =>
      tx.execute(sql`SELECT 1 AS committed, 2 AS "end" FROM catalogue`),
    );
    expect(rows).toEqual([{ committed: 1, end: 2 }]);
  });

  it('refuses an id that is not a UUID', async () => {
    expect(
      await codeOf(database.workspace("x'; RESET ROLE; --" as WorkspaceId, async () => undefined)),
    ).toBe('database.scope.invalid');
  });

  it('leaks nothing in 200 concurrent transactions of both workspaces, some of which fail', async () => {
    await database.system((tx) => tx.delete(notes));
    const seen: string[] = [];
    const tasks = Array.from({ length: 200 }, (_, index) => async () => {
      const own = index % 2 === 0 ? mine : theirs;
      if (index % 10 === 9) return void (await database.system((tx) => tx.execute(sql`SELECT 1`)));
      const work = database.workspace(own, async (tx) => {
        await add(own, `note ${index}`)(tx);
        const rows = await tx.select({ workspaceId: notes.workspaceId }).from(notes);
        for (const row of rows) if (row.workspaceId !== own) seen.push(row.workspaceId);
        if (index % 7 === 0) throw new Error('rolled back on purpose');
      });
      await work.catch((error: Error) => {
        if (error.message !== 'rolled back on purpose') throw error;
      });
    });
    await Promise.all(tasks.map((task) => task()));
    expect(seen).toEqual([]);
    const kept = tasks
      .map((_, index) => index)
      .filter((index) => index % 10 !== 9 && index % 7 !== 0).length;
    expect(await database.system((tx) => tx.$count(notes))).toBe(kept);
    const { rows } = await database.pool.query(
      `SELECT current_user = session_user AS own, coalesce(current_setting('app.workspace_id', true), '') AS scope`,
    );
    expect(rows).toEqual([{ own: true, scope: '' }]);
  });
});

describe('transactions', () => {
  it('fail with our own error, not one wrapped by the query builder', async () => {
    const attempt = database.workspace(mine, (tx) => tx.execute(sql`RESET ROLE`));
    await expect(attempt).rejects.toMatchObject({
      name: 'PlatformError',
      code: 'database.scope.escape',
    });
  });

  it('undo everything when the callback throws, and pass its error on', async () => {
    const boom = new Error('boom');
    const attempt = database.workspace(mine, async (tx) => {
      await add(mine, 'never')(tx);
      throw boom;
    });
    await expect(attempt).rejects.toBe(boom);
    expect(
      await database.system((tx) => tx.select().from(notes).where(eq(notes.body, 'never'))),
    ).toEqual([]);
  });

  it('nest as savepoints of the transaction given', async () => {
    const id = newId();
    await database.workspace(mine, async (tx) => {
      await add(mine, `${id} outer`)(tx);
      await tx
        .transaction(async (inner) => {
          await inner.insert(notes).values({ workspaceId: mine, body: `${id} inner` });
          throw new Error('inner only');
        })
        .catch(() => undefined);
    });
    const rows = await database.system((tx) =>
      tx
        .select({ body: notes.body })
        .from(notes)
        .where(sql`${notes.body} LIKE ${`${id}%`}`),
    );
    expect(rows).toEqual([{ body: `${id} outer` }]);
  });

  it('refuse a second transaction inside the callback at once, instead of waiting for themselves', async () => {
    const attempt = database.workspace(mine, async () =>
      database.system((tx) => tx.execute(sql`SELECT 1`)),
    );
    expect(await codeOf(attempt)).toBe('database.transaction.nested');
    const byPool = database.workspace(mine, async () => database.pool.query('SELECT 1'));
    expect(await codeOf(byPool)).toBe('database.transaction.nested');
    expect((await database.pool.query('SELECT 1 AS x')).rows).toEqual([{ x: 1 }]);
  });

  it('refuse use after the end, when the connection may serve another workspace', async () => {
    let kept: Tx | undefined;
    await database.workspace(mine, async (tx) => void (kept = tx));
    expect(await codeOf(Promise.resolve(kept?.execute(sql`SELECT 1`)))).toBe(
      'database.transaction.closed',
    );
  });

  it('fail at commit when a deferred constraint does, and leave the connection usable', async () => {
    await database.pool.query(
      'CREATE TABLE late (id int, CONSTRAINT late_once UNIQUE (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    expect(
      await codeOf(database.system((tx) => tx.execute(sql`INSERT INTO late VALUES (1), (1)`))),
    ).toBe('23505');
    expect((await database.pool.query('SELECT count(*)::int AS n FROM late')).rows).toEqual([
      { n: 0 },
    ]);
  });
});

describe('reads of a workspace without a transaction around them', () => {
  const bodies = (tx: Tx) => tx.select({ body: notes.body }).from(notes);

  it('have the same walls, each statement for itself, on a connection that others use too', async () => {
    const single = await createTestDatabase({ poolSize: 1 });
    const { database: db, workspaceId: a, otherWorkspaceId: b } = single;
    const slugs = (tx: Tx) => tx.execute<{ slug: string }>(sql`SELECT slug FROM workspaces`);
    const seen = async (result: Promise<{ rows: { slug: string }[] }>) =>
      (await result).rows.map(({ slug }) => slug);
    expect(await seen(db.workspaceReads(a, slugs))).toEqual(['test']);
    expect((await seen(db.system(slugs))).length).toBeGreaterThan(1);
    expect(await seen(db.workspaceReads(b, slugs))).toEqual(['other']);
    expect((await seen(db.systemStatements(slugs))).length).toBeGreaterThan(1);
    const both = await db.workspaceReads(a, async (tx) => [await slugs(tx), await slugs(tx)]);
    expect(both.map(({ rows }) => rows)).toEqual([[{ slug: 'test' }], [{ slug: 'test' }]]);
    // Nothing of the scope is left on the connection.
    const left = await db.pool.query(
      "SELECT current_user <> 'automatos_app' AS free, coalesce(current_setting('app.workspace_id', true), '') AS workspace",
    );
    expect(left.rows).toEqual([{ free: true, workspace: '' }]);
    await single.close();
  });

  it('hold with values, by name, and after a statement that failed', async () => {
    await database.workspace(mine, add(mine, 'read me'));
    await database.workspace(theirs, add(theirs, 'not me'));
    const where = (body: string) => (tx: Tx) =>
      tx.select({ body: notes.body }).from(notes).where(eq(notes.body, body));
    expect(await database.workspaceReads(mine, where('read me'))).toEqual([{ body: 'read me' }]);
    expect(await database.workspaceReads(mine, where('not me'))).toEqual([]);
    const named = (tx: Tx) =>
      executePrepared<{ body: string }>(tx, {
        name: 'reads_probe',
        text: 'SELECT body FROM notes WHERE body = $1',
        values: ['not me'],
      });
    for (let count = 0; count < 3; count += 1) {
      expect(await database.workspaceReads(mine, named)).toEqual([]);
      expect(await database.workspaceReads(theirs, named)).toEqual([{ body: 'not me' }]);
    }
    const broken = (tx: Tx) => tx.execute(sql`SELECT 1 / 0`);
    expect(await codeOf(database.workspaceReads(mine, broken))).toBe('22012');
    const rows = await database.workspaceReads(mine, bodies);
    expect(rows.map(({ body }) => body)).not.toContain('not me');
  });

  it('refuse writes, locks, other scopes, and use after the end', async () => {
    const refused = (work: (tx: Tx) => Promise<unknown>) =>
      codeOf(database.workspaceReads(mine, work));
    expect(await refused(add(mine, 'written'))).toBe('25006');
    expect(await refused((tx) => tx.select().from(notes).for('update'))).toBe('25006');
    expect(await refused((tx) => tx.execute(sql`SELECT * FROM private_things`))).toBe('42501');
    for (const escape of [
      'RESET ROLE',
      'COMMIT',
      "SELECT set_config('app.workspace_id', 'x', false)",
    ])
      expect(await refused((tx) => tx.execute(sql.raw(escape)))).toBe('database.scope.escape');
    let kept: Tx | undefined;
    await database.workspaceReads(mine, (tx) => {
      kept = tx;
      return Promise.resolve();
    });
    expect(await codeOf(bodies(kept as Tx))).toBe('database.transaction.closed');
    expect(await codeOf(database.workspaceReads('x' as WorkspaceId, bodies))).toBe(
      'database.scope.invalid',
    );
  });

  it('many at once keep apart', async () => {
    const seen = await Promise.all(
      Array.from({ length: 200 }, (_, at) =>
        database.workspaceReads(at % 2 === 0 ? mine : theirs, (tx) =>
          tx.select({ workspaceId: notes.workspaceId }).from(notes),
        ),
      ),
    );
    for (const [at, rows] of seen.entries()) {
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map(({ workspaceId }) => workspaceId))).toEqual(
        new Set([at % 2 === 0 ? mine : theirs]),
      );
    }
  });
});
