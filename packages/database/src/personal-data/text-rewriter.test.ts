import { expect, test } from 'vitest';
import { createCorrector, createEraser } from './text-rewriter.ts';

const subject = {
  userId: '01990000-0000-7000-8000-000000000001',
  emails: ['ada.l@example.com'],
  names: ['Ada Lovelace'],
  workspaces: [],
  account: true,
};
const eraser = createEraser(subject);
const of = (name: string) => createEraser({ ...subject, names: [name] });

test.each([
  ['an address in a sentence', 'Write to ada.l@example.com.', 'Write to [erased].'],
  ['in any case', 'ADA.L@Example.COM', 'erased@erased.invalid'],
  ['in a URL', '?to=%3Cada.l%40example.com%3E', '?to=%3C[erased]%3E'],
  ['not inside of a longer address', 'nada.l@example.com', 'nada.l@example.com'],
  ['nor of a longer host', 'ada.l@example.com.au', 'ada.l@example.com.au'],
  ['the id', `by ${subject.userId}`, 'by erased'],
  ['not inside of a longer id', `x-${subject.userId}`, `x-${subject.userId}`],
  ['a name over lines', 'Dear ADA\n  lovelace!', 'Dear [erased]!'],
  ['a name after an escape', String.raw`line\nAda Lovelace`, String.raw`line\n[erased]`],
  ['a name in a URL', 'name=Ada%20Lovelace', 'name=[erased]'],
  ['not inside of words', 'Ada Lovelaces, Nada Lovelace', 'Ada Lovelaces, Nada Lovelace'],
])('%s', (_name, before, after) => {
  expect(eraser.value(before, false)).toBe(after);
});

test('values, members and texts inside of JSON, also as text in JSON', () => {
  const inner = JSON.stringify({ to: 'ada.l@example.com', text: '"\nAda Lovelace"' });
  expect(
    eraser.json({ 'ada.l@example.com': 1, list: ['Ada Lovelace', { deep: inner }], n: 2, b: null }),
  ).toEqual({
    '[erased]': 1,
    list: ['[erased]', { deep: '{"to":"erased@erased.invalid","text":"\\"\\n[erased]\\""}' }],
    n: 2,
    b: null,
  });
  // A text that holds nothing of the person stays as it was written.
  expect(eraser.text('{ "a":  1 }')).toBe('{ "a":  1 }');
});

test('a name of one word goes only where it is all of a value that is a name', () => {
  const one = of('Grace');
  expect(one.text('Grace under pressure')).toBe('Grace under pressure');
  expect(one.value('grace', true)).toBe('[erased]');
  expect(one.value('Grace', false)).toBe('Grace');
  expect(one.json({ name: 'Grace', created_by: 'Grace', status: 'Grace' })).toEqual({
    name: '[erased]',
    created_by: '[erased]',
    status: 'Grace',
  });
  expect(one.value("Grace's workspace", true)).toBe("[erased]'s workspace");
});

test.each([
  ['Zoë Ångström'],
  ['Иван Петров'],
  ['李 小龍'],
  ['Ada "Q" Lovelace'],
  ["O'Neil (x) [y] $1"],
])('the name %s, composed or not, and inside of JSON', (name) => {
  const rewriter = of(name);
  for (const form of [name, name.normalize('NFD'), name.toUpperCase()])
    expect(rewriter.text(`of ${form}, now`)).toBe('of [erased], now');
  expect(rewriter.json({ a: JSON.stringify({ b: `of ${name}` }) })).toEqual({
    a: '{"b":"of [erased]"}',
  });
  expect(rewriter.needles.some((needle) => `${name} ${name.toLowerCase()}`.includes(needle))).toBe(
    true,
  );
});

test('files that are text are rewritten, others are told apart', () => {
  expect(Buffer.from(eraser.bytes(Buffer.from('x Ada Lovelace')) ?? []).toString()).toBe(
    'x [erased]',
  );
  expect(eraser.bytes(Buffer.from([0xff, 0xfe, 0x00]))).toBeNull();
});

test('a correction puts the right words in, without markers', () => {
  const corrector = createCorrector([{ wrong: 'Lovelase', right: '$& Lovelace' }]);
  expect(corrector.text('Ada Lovelase, Lovelases')).toBe('Ada $& Lovelace, Lovelases');
  expect(corrector.marks).toBe(false);
});

test('what is shown of a row of others is a few words around the place', () => {
  const text = `${'a'.repeat(200)} Ada Lovelace ${'b'.repeat(200)}`;
  const [place = ''] = eraser.occurrences({ text });
  expect(place).toContain('Ada Lovelace');
  expect(place.length).toBeLessThan(200);
  expect(eraser.occurrences({ other: 'text' })).toEqual([]);
});
