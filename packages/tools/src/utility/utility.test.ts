import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestBench } from '../test-executor.fixture.ts';
import type { TestBench } from '../test-executor.fixture.ts';
import { formatDecimal } from './decimal.ts';
import { evaluateExpression } from './evaluate-expression.ts';
import { queryJson } from './json-path.ts';
import { formatMoment, parseMoment } from './zoned-time.ts';

let bench: TestBench;
const notes = new Map<string, string>();
beforeAll(async () => {
  bench = await createTestBench({
    services: () => ({
      scratchpad: {
        read: (key) => {
          const text = notes.get(key);
          return Promise.resolve(text === undefined ? null : { text, updatedAt: 'now' });
        },
        list: () =>
          Promise.resolve(
            [...notes].map(([key, text]) => ({ key, chars: text.length, updatedAt: 'now' })),
          ),
        write: (key, text) => Promise.resolve(void notes.set(key, text)),
      },
    }),
  });
});
afterAll(() => bench.close());
const value = (text: string) => formatDecimal(evaluateExpression(text));

describe('calculator', () => {
  test.each([
    ['0.1 + 0.2', '0.3'],
    ['2 + 3 * 4 ^ 2', '50'],
    ['-2 ^ 2', '-4'],
    ['2 ^ 3 ^ 2', '512'],
    ['2 ^ -2', '0.25'],
    ['(1200 * 1.19) / 12', '119'],
    ['10 / 3', '3.333333333333333333333333333333'],
    ['-7 % 3', '-1'],
    ['200 * 15%', '30'],
    ['round(2.345, 2)', '2.35'],
    ['round(-2.5)', '-3'],
    ['floor(-1.2) + ceil(1.2)', '0'],
    ['sqrt(2)', '1.414213562373095048801688724210'.replace(/0$/, '')],
    ['sqrt(0.0001)', '0.01'],
    ['avg(1, 2, 3, 4) + median(5, 1, 9)', '7.5'],
    ['99999999999999999999 + 1', '100000000000000000000'],
    ['1.5e3 − 0'.replace('−', '-'), '1500'],
    ['max(1, 2.5) × 2 ÷ 5', '1'],
  ])('%s = %s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test.each([
    '1 +',
    '(1',
    '1 / 0',
    'x + 1',
    'alert(1)',
    'constructor',
    '2 ^ 99999',
    '1;2',
    `${'('.repeat(200)}1`,
    '2 ^ 0.5',
  ])('%s is refused, soon', (expression) => {
    expect(() => value(expression)).toThrow(
      expect.objectContaining({ code: 'tools.calculator.invalid' }),
    );
  });

  test('takes variables', async () => {
    const outcome = await bench.run('calculator', {
      expression: 'net * 1.2',
      variables: { net: 12.5 },
    });
    expect(outcome).toMatchObject({
      status: 'success',
      output: { value: '15', number: 15 },
      tainted: false,
    });
  });
});

describe('dates', () => {
  const date = (input: object) => bench.run('date_time', input);

  test.each([
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T03:30:00+02:00'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T02:30:00+02:00'],
    ['2026-07-01T12:00:00Z', 'Asia/Kolkata', '2026-07-01T17:30:00+05:30'],
    ['2026-01-01', 'America/New_York', '2026-01-01T00:00:00-05:00'],
    ['2024-02-29T23:59:59.5+14:00', 'UTC', '2024-02-29T09:59:59Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(formatMoment(parseMoment(text, zone), zone)).toBe(expected);
  });

  test.each([
    [
      { operation: 'convert', date: '2026-11-22T03:15:00Z', to_zone: 'Asia/Tokyo' },
      '2026-11-22T12:15:00+09:00',
    ],
    [{ operation: 'add', date: '2026-01-31', add: { months: 1 } }, '2026-02-28T00:00:00Z'],
    [
      { operation: 'add', date: '2026-03-28T12:00', zone: 'Europe/Berlin', add: { days: 1 } },
      '2026-03-29T12:00:00+02:00',
    ],
    [
      { operation: 'add', date: '2026-03-28T12:00', zone: 'Europe/Berlin', add: { hours: 24 } },
      '2026-03-29T13:00:00+02:00',
    ],
    [
      {
        operation: 'business_days',
        date: '2026-12-23',
        business_days: 2,
        holidays: ['2026-12-24', '2026-12-25'],
      },
      '2026-12-29T00:00:00Z',
    ],
  ])('%j → %s', async (input, result) => {
    expect((await date(input)).output).toMatchObject({ result });
  });

  test('differences and business days are counted', async () => {
    expect(
      (await date({ operation: 'difference', date: '2026-01-01', until: '2026-03-01' })).output,
    ).toMatchObject({ days: 59 });
    expect(
      (await date({ operation: 'business_days', date: '2026-11-16', until: '2026-11-30' })).output,
    ).toMatchObject({ business_days: 10 });
  });

  test.each([
    [{ operation: 'convert', date: '2026-02-30' }],
    [{ operation: 'convert', date: 'tomorrow' }],
    [{ operation: 'now', zone: 'Mars/Olympus' }],
    [{ operation: 'difference', date: '2026-01-01' }],
    [{ operation: 'add', date: '2026-01-01', add: { years: 9000 } }],
  ])('%j is refused with the way out', async (input) => {
    expect(await date(input)).toMatchObject({
      status: 'error',
      error: { code: 'tools.date.invalid' },
    });
  });
});

describe('json_query', () => {
  const store = {
    items: [
      { id: 1, name: 'cup', price: 8.5, tags: ['new'] },
      { id: 2, name: 'pot', price: 20, tags: [] },
    ],
    meta: { 'a b': { id: 3 }, 'x/y': null },
  };
  test.each([
    ['items[*].name', ['cup', 'pot']],
    ['$.items[-1].id', [2]],
    ['..id', [1, 2, 3]],
    ['items[?(@.price < 10)].name', ['cup']],
    ['items[?(@.tags contains "new")].id', [1]],
    ["items[?(@.name == 'pot')].price", [20]],
    ['items[0:1].id', [1]],
    ['meta["a b"].id', [3]],
    ['items.length', []],
    ['', [store]],
  ])('%s', (query, expected) => {
    expect(queryJson(store, query).map((match) => match.value)).toEqual(expected);
  });

  test('names where things stand, reads files, and refuses what is no path', async () => {
    await bench.write('store.json', JSON.stringify(store));
    expect(await bench.run('json_query', { path: 'store.json', query: 'meta.*' })).toMatchObject({
      output: {
        total: 2,
        matches: [{ pointer: '/meta/a b' }, { pointer: '/meta/x~1y', value: null }],
      },
    });
    expect(await bench.run('json_query', { value: {}, query: 'a[' })).toMatchObject({
      error: { code: 'tools.query.invalid' },
    });
    expect(await bench.run('json_query', { query: 'a' })).toMatchObject({
      error: { code: 'tools.arguments.invalid' },
    });
  });
});

test('text_diff gives hunks with their lines', async () => {
  const left = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const right = left.with(9, 'changed');
  const outcome = await bench.run('text_diff', {
    left: left.join('\n'),
    right: right.join('\n'),
    context_lines: 1,
  });
  expect(outcome.output).toEqual({
    identical: false,
    added: 1,
    removed: 1,
    diff: '@@ -9,3 +9,3 @@\n line 9\n-line 10\n+changed\n line 11',
  });
});

test('notes of a run are written, added to and read; without a run that is said', async () => {
  await bench.run('scratchpad_write', { key: 'plan', text: 'one' });
  await bench.run('scratchpad_write', { key: 'plan', text: 'two', append: true });
  expect(await bench.run('scratchpad_read', { key: 'plan' })).toMatchObject({
    output: { text: 'one\ntwo' },
  });
  expect(await bench.run('scratchpad_read')).toMatchObject({
    output: { notes: [{ key: 'plan', chars: 7 }] },
  });
  const alone = await createTestBench();
  expect(await alone.run('scratchpad_read')).toMatchObject({
    error: { code: 'tools.service.missing' },
  });
  await alone.close();
});
