/**
 * The wire conversation, message by message. Run over the embedded gate and over a real server with the same
 * expectations: what differs between the two would show here.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './testing/index.ts';
import { frontend as send, openWire, type WireClient } from './testing/wire-client.ts';

let test: TestDatabase;
const open: WireClient[] = [];

async function wire(): Promise<WireClient> {
  const client = await openWire(test.database.pool);
  open.push(client);
  return client;
}

beforeAll(async () => {
  test = await createTestDatabase();
  await test.database.pool.query('CREATE TABLE items (id int PRIMARY KEY, name text)');
});
afterEach(async () => {
  for (const client of open.splice(0)) {
    await client.talk([send.sync(), send.query('ROLLBACK; TRUNCATE items')], {
      type: 'Z',
      count: 2,
    });
    client.destroy();
  }
});
afterAll(() => test.close());

interface Case {
  name: string;
  messages: Uint8Array[];
  expected: string[];
  /** How many ready messages end it; default 1. */
  readies?: number;
}

const intro = [
  send.query('BEGIN'),
  send.query("INSERT INTO items VALUES (1, 'one'), (2, 'two'), (3, NULL)"),
];
const introAnswers = ['C BEGIN', 'Z T', 'C INSERT 0 3', 'Z T'];

const cases: Case[] = [
  {
    name: 'simple query',
    messages: [send.query("SELECT 1 AS a, 'x' AS b, NULL AS c")],
    expected: ['T a:23 | b:25 | c:25', 'D 1 | x | NULL', 'C SELECT 1', 'Z I'],
  },
  { name: 'empty query', messages: [send.query('')], expected: ['I', 'Z I'] },
  {
    name: 'several statements in one query',
    messages: [send.query('SELECT 1 AS a; SELECT 2 AS b')],
    expected: ['T a:23', 'D 1', 'C SELECT 1', 'T b:23', 'D 2', 'C SELECT 1', 'Z I'],
  },
  {
    name: 'error in a simple query',
    messages: [send.query('SELECT 1/0')],
    expected: ['E ERROR | 22012 | division by zero', 'Z I'],
  },
  {
    name: 'syntax error in a simple query',
    messages: [send.query('SELEC 1')],
    expected: ['E ERROR | 42601 | syntax error at or near "SELEC"', 'Z I'],
  },
  {
    name: 'error in the middle of several statements undoes those before it',
    messages: [
      send.query('INSERT INTO items VALUES (9); SELECT 1/0; SELECT 3'),
      send.query('SELECT count(*) AS n FROM items'),
    ],
    readies: 2,
    expected: [
      'C INSERT 0 1',
      'E ERROR | 22012 | division by zero',
      'Z I',
      'T n:20',
      'D 0',
      'C SELECT 1',
      'Z I',
    ],
  },
  {
    name: 'error in parse',
    messages: [
      send.parse('', 'SELECT * FROM nowhere'),
      send.bind('', ''),
      send.execute(''),
      send.sync(),
    ],
    expected: ['E ERROR | 42P01 | relation "nowhere" does not exist', 'Z I'],
  },
  {
    name: 'error in bind',
    messages: [
      send.parse('', 'SELECT $1::int AS a'),
      send.bind('', '', ['x']),
      send.execute(''),
      send.sync(),
    ],
    expected: ['1', 'E ERROR | 22P02 | invalid input syntax for type integer: "x"', 'Z I'],
  },
  {
    name: 'wrong number of parameters',
    messages: [send.parse('', 'SELECT $1::int AS a'), send.bind('', '', []), send.sync()],
    expected: [
      '1',
      'E ERROR | 08P01 | bind message supplies 0 parameters, but prepared statement "" requires 1',
      'Z I',
    ],
  },
  {
    name: 'error in execute',
    messages: [
      send.parse('', 'SELECT 1/(id-$1) AS a FROM generate_series(1, 2) AS id'),
      send.bind('', '', ['1']),
      send.execute(''),
      send.sync(),
    ],
    expected: ['1', '2', 'E ERROR | 22012 | division by zero', 'Z I'],
  },
  {
    name: 'a pipeline goes on after the Sync of a failed part',
    messages: [
      send.parse('', 'SELECT 1/(id-1) FROM generate_series(1, 1) AS id'),
      send.bind('', ''),
      send.execute(''),
      send.sync(),
      send.parse('', 'SELECT 5 AS a'),
      send.bind('', ''),
      send.execute(''),
      send.sync(),
    ],
    readies: 2,
    expected: [
      '1',
      '2',
      'E ERROR | 22012 | division by zero',
      'Z I',
      '1',
      '2',
      'D 5',
      'C SELECT 1',
      'Z I',
    ],
  },
  {
    name: 'a failed transaction refuses statements until its rollback',
    messages: [
      send.query('BEGIN'),
      send.query('SELECT 1/0'),
      send.query('SELECT 1'),
      send.query('ROLLBACK'),
    ],
    readies: 4,
    expected: [
      'C BEGIN',
      'Z T',
      'E ERROR | 22012 | division by zero',
      'Z E',
      'E ERROR | 25P02 | current transaction is aborted, commands ignored until end of transaction block',
      'Z E',
      'C ROLLBACK',
      'Z I',
    ],
  },
  {
    name: 'commit of a failed transaction is a rollback',
    messages: [send.query('BEGIN'), send.query('SELECT 1/0'), send.query('COMMIT')],
    readies: 3,
    expected: ['C BEGIN', 'Z T', 'E ERROR | 22012 | division by zero', 'Z E', 'C ROLLBACK', 'Z I'],
  },
  {
    name: 'savepoint brings a failed transaction back',
    messages: [
      send.query('BEGIN; SAVEPOINT s'),
      send.query('SELECT 1/0'),
      send.query('ROLLBACK TO s'),
      send.query('COMMIT'),
    ],
    readies: 4,
    expected: [
      'C BEGIN',
      'C SAVEPOINT',
      'Z T',
      'E ERROR | 22012 | division by zero',
      'Z E',
      'C ROLLBACK',
      'Z T',
      'C COMMIT',
      'Z I',
    ],
  },
  {
    name: 'warning of a commit outside of a transaction',
    messages: [send.query('COMMIT')],
    expected: ['N WARNING | 25P01 | there is no transaction in progress', 'C COMMIT', 'Z I'],
  },
  {
    name: 'notice',
    messages: [send.query("DO $$ BEGIN RAISE NOTICE 'hello %', 3 USING HINT = 'a hint'; END $$")],
    expected: ['N NOTICE | 00000 | hello 3 | a hint', 'C DO', 'Z I'],
  },
  {
    name: 'raised error with detail and hint',
    messages: [
      send.query(
        "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = 'AB123', DETAIL = 'd', HINT = 'h'; END $$",
      ),
    ],
    expected: ['E ERROR | AB123 | no | d | h', 'Z I'],
  },
  {
    name: 'unique violation',
    messages: [send.query("INSERT INTO items VALUES (1, 'a'), (1, 'b')")],
    expected: [
      'E ERROR | 23505 | duplicate key value violates unique constraint "items_pkey" | Key (id)=(1) already exists.',
      'Z I',
    ],
  },
  {
    name: 'named statement, executed twice',
    messages: [
      send.parse('mine', 'SELECT $1::int + 1 AS a'),
      send.bind('', 'mine', ['1']),
      send.execute(''),
      send.bind('', 'mine', ['2']),
      send.execute(''),
      send.sync(),
    ],
    expected: ['1', '2', 'D 2', 'C SELECT 1', '2', 'D 3', 'C SELECT 1', 'Z I'],
  },
  {
    name: 'statement name taken',
    messages: [send.parse('twice', 'SELECT 1'), send.parse('twice', 'SELECT 2'), send.sync()],
    expected: ['1', 'E ERROR | 42P05 | prepared statement "twice" already exists', 'Z I'],
  },
  {
    name: 'unknown statement name',
    messages: [send.bind('', 'never'), send.execute(''), send.sync()],
    expected: ['E ERROR | 26000 | prepared statement "never" does not exist', 'Z I'],
  },
  {
    name: 'closed statement is gone',
    messages: [
      send.parse('brief', 'SELECT 1'),
      send.close('S', 'brief'),
      send.bind('', 'brief'),
      send.sync(),
    ],
    expected: ['1', '3', 'E ERROR | 26000 | prepared statement "brief" does not exist', 'Z I'],
  },
  {
    name: 'description of a statement',
    messages: [
      send.parse('seen', 'SELECT id, name FROM items WHERE id = $1'),
      send.describe('S', 'seen'),
      send.sync(),
    ],
    expected: ['1', 't 23', 'T id:23 | name:25', 'Z I'],
  },
  {
    name: 'description of a statement without rows',
    messages: [send.parse('', 'TRUNCATE items'), send.describe('S', ''), send.sync()],
    expected: ['1', 't', 'n', 'Z I'],
  },
  {
    name: 'portal read in parts',
    messages: [
      ...intro,
      send.parse('', 'SELECT id FROM items ORDER BY id'),
      send.bind('p', ''),
      send.execute('p', 2),
      send.sync(),
      send.execute('p', 2),
      send.close('P', 'p'),
      send.sync(),
    ],
    readies: 4,
    expected: [
      ...introAnswers,
      '1',
      '2',
      'D 1',
      'D 2',
      's',
      'Z T',
      'D 3',
      'C SELECT 1',
      '3',
      'Z T',
    ],
  },
  {
    name: 'copy to the client',
    messages: [...intro, send.query('COPY items TO STDOUT')],
    readies: 3,
    expected: [...introAnswers, 'H', 'd 1\tone', 'd 2\ttwo', 'd 3\t\\N', 'c', 'C COPY 3', 'Z T'],
  },
  {
    name: 'cursor by name',
    messages: [
      ...intro,
      send.query('DECLARE c CURSOR FOR SELECT id FROM items ORDER BY id'),
      send.query('FETCH 1 FROM c'),
    ],
    readies: 4,
    expected: [...introAnswers, 'C DECLARE CURSOR', 'Z T', 'T id:23', 'D 1', 'C FETCH 1', 'Z T'],
  },
];

describe('wire conversation', () => {
  it.each(cases)('$name', async ({ messages, expected, readies }) => {
    const client = await wire();
    expect(await client.talk(messages, { type: 'Z', count: readies ?? 1 })).toEqual(expected);
  });

  it('answers what was flushed before the Sync, and keeps others out until then', async () => {
    const client = await wire();
    const other = await wire();
    expect(
      await client.talk(
        [send.parse('', 'SELECT $1::int AS a'), send.describe('S', ''), send.flush()],
        { type: 'T' },
      ),
    ).toEqual(['1', 't 23', 'T a:23']);
    const meanwhile = other.talk([
      send.parse('', "SELECT 'other' AS b"),
      send.bind('', ''),
      send.execute(''),
      send.sync(),
    ]);
    expect(await client.talk([send.bind('', '', ['7']), send.execute(''), send.sync()])).toEqual([
      '2',
      'D 7',
      'C SELECT 1',
      'Z I',
    ]);
    expect(await meanwhile).toEqual(['1', '2', 'D other', 'C SELECT 1', 'Z I']);
  });

  it('keeps the unnamed statement of a connection while others use theirs', async () => {
    const client = await wire();
    const other = await wire();
    await client.talk([send.parse('', "SELECT 'mine' AS a"), send.sync()]);
    await other.talk([send.parse('', "SELECT 'other' AS a"), send.sync()]);
    expect(await client.talk([send.bind('', ''), send.execute(''), send.sync()])).toEqual([
      '2',
      'D mine',
      'C SELECT 1',
      'Z I',
    ]);
    expect(await other.talk([send.bind('', ''), send.execute(''), send.sync()])).toEqual([
      '2',
      'D other',
      'C SELECT 1',
      'Z I',
    ]);
  });

  it('drops the unnamed statement at a simple query', async () => {
    const client = await wire();
    await client.talk([send.parse('', 'SELECT 1'), send.sync()]);
    await client.talk([send.query('SELECT 2')]);
    expect(await client.talk([send.bind('', ''), send.sync()])).toEqual([
      'E ERROR | 26000 | unnamed prepared statement does not exist',
      'Z I',
    ]);
  });

  it('gives each connection statement names of its own', async () => {
    const one = await wire();
    const two = await wire();
    await one.talk([send.parse('same', "SELECT 'one' AS a"), send.sync()]);
    expect(await two.talk([send.parse('same', "SELECT 'two' AS a"), send.sync()])).toEqual([
      '1',
      'Z I',
    ]);
    expect(await one.talk([send.bind('', 'same'), send.execute(''), send.sync()])).toContain(
      'D one',
    );
    expect(await two.talk([send.bind('', 'same'), send.execute(''), send.sync()])).toContain(
      'D two',
    );
  });
});

describe('notifications', () => {
  it('reach every listening connection, the sender included, and no other', async () => {
    const [sender, listener, deaf] = [await wire(), await wire(), await wire()];
    await sender.talk([send.query('LISTEN news')]);
    await listener.talk([send.query('listen "news"')]);
    expect(await sender.talk([send.query("NOTIFY news, 'hello'")])).toEqual([
      'C NOTIFY',
      'A news hello',
      'Z I',
    ]);
    expect(await listener.next()).toBe('A news hello');
    expect(await deaf.talk([send.query('SELECT 1 AS a')])).toEqual([
      'T a:23',
      'D 1',
      'C SELECT 1',
      'Z I',
    ]);
  });

  it('are sent at commit and forgotten at rollback', async () => {
    const [sender, listener] = [await wire(), await wire()];
    await listener.talk([send.query('LISTEN jobs')]);
    await sender.talk(
      [send.query('BEGIN'), send.query("NOTIFY jobs, 'lost'"), send.query('ROLLBACK')],
      { type: 'Z', count: 3 },
    );
    await sender.talk(
      [send.query('BEGIN'), send.query("NOTIFY jobs, 'kept'"), send.query('COMMIT')],
      { type: 'Z', count: 3 },
    );
    expect(await listener.next()).toBe('A jobs kept');
  });

  it('go on for one connection when another stops listening or leaves', async () => {
    const [sender, one, two, three] = [
      await wire(),
      await wire(),
      await wire(),
      await openWire(test.database.pool),
    ];
    for (const client of [one, two, three]) await client.talk([send.query('LISTEN shared')]);
    await one.talk([send.query('UNLISTEN shared')]);
    three.destroy();
    await sender.talk([send.query("NOTIFY shared, 'still'")]);
    expect(await two.next()).toBe('A shared still');
    expect(await one.talk([send.query('SELECT 1 AS a')])).toEqual([
      'T a:23',
      'D 1',
      'C SELECT 1',
      'Z I',
    ]);
    await two.talk([send.query('UNLISTEN *')]);
    expect(await sender.talk([send.query("NOTIFY shared, 'nobody'")])).toEqual(['C NOTIFY', 'Z I']);
    expect(await two.talk([send.query('SELECT 2 AS a')])).toEqual([
      'T a:23',
      'D 2',
      'C SELECT 1',
      'Z I',
    ]);
  });
});
