import { describe, expect, it } from 'vitest';
import { createScopeCheck, staysInScope } from './statement-guard.ts';

describe('statements inside a workspace transaction', () => {
  it.each([
    'select 1',
    '  /* why /* nested */ still */ SELECT 1 -- because; RESET ROLE',
    '(SELECT 1) UNION (SELECT 2)',
    'WITH a AS (SELECT 1) INSERT INTO b SELECT * FROM a',
    `UPDATE members SET role = 'owner', "role" = $1 WHERE id = $2`,
    "SELECT 'it''s; RESET ROLE; ' AS a, E'\\'; COMMIT; ' AS b, $$; RESET ROLE; $$ AS c, $x$ $$; COMMIT $x$ AS d",
    'SELECT a AS "set; reset role" FROM t',
    'SELECT "a""; COMMIT; " FROM t',
    'SAVEPOINT s1; RELEASE SAVEPOINT s1; ROLLBACK TO s1; rollback work to savepoint s1',
    'INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = excluded.b;',
    '',
  ])('may be %s', (text) => {
    expect(staysInScope(text)).toBe(true);
  });

  it.each([
    'RESET ROLE',
    'SET "role" = none',
    'SET/**/ROLE none',
    'SELECT 1;/* */ReSeT role',
    // Each hides its second statement from a reader that takes the first for longer than it is.
    "SELECT E'\\\\'; RESET ROLE; --'",
    "SELECT '\\'; RESET ROLE; --'",
    "SELECT 'a' /* ' */; RESET ROLE; --'",
    'SELECT a$b$ FROM t; RESET ROLE; SELECT a$b$',
    'SELECT $a$ $b$ $a$; COMMIT; SELECT $b$',
    'SELECT "\'"; COMMIT; SELECT "\'"',
    "SELECT 1 -- '\n; COMMIT; --'",
    "SELECT 1 -- '\r; COMMIT; --'",
    'SELECT pg_catalog . "set_config" (a, b, true)',
    'SELECT Set_Config(a, b, true)',
    `SELECT U&"\\0073et_config"('role', 'none', true)`,
    "SELECT ts_stat('select 1')",
    "SELECT query_to_xml('select 1', true, true, '')",
    'ROLLBACK',
    'ROLLBACK WORK',
    'COMMIT AND CHAIN',
    'DO $$ BEGIN END $$',
    'CALL p()',
    'COPY t TO STDOUT',
    'EXPLAIN ANALYZE SELECT 1',
    'LISTEN a',
    '/* no end',
    "SELECT 'no end",
    'SELECT $tag$ no end',
    '; ; COMMIT',
  ])('may not be %s', (text) => {
    expect(staysInScope(text)).toBe(false);
  });

  it('keeps verdicts without mixing them up, also when there are many', () => {
    const check = createScopeCheck();
    for (let n = 0; n < 4100; n += 1) check(`SELECT ${n}`);
    expect([check('SELECT 1'), check('COMMIT'), check('SELECT 1'), check('COMMIT')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  // Read in a time that grows with its square, a text as long as this would take hours.
  it.each(['/*', "E'\\\\", '$a$b', '""', "''", '--', 'U&'])(
    'comes to the end of %s without end',
    (piece) => {
      expect([true, false]).toContain(staysInScope(piece.repeat(2_000_000)));
    },
  );
});
