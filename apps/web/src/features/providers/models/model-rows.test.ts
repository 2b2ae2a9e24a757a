import type { Model } from '@automatos/sdk';
import { expect, test } from 'vitest';
import type { ModelPrice } from '../provider-types.ts';
import { filterRows, joinPrices, NO_FILTER, sortRows } from './model-rows.ts';

const model = (id: string, input: number | null, window: number | null): Model => ({
  provider: 'acme',
  id,
  name: `Model ${id}`,
  context_window: window,
  output_limit: null,
  price: { input_micros: input, output_micros: input, cached_input_micros: null },
  capabilities: id === 'b' ? ['tools'] : [],
  status: 'ga',
  usable: id !== 'c',
});
const price = (id: string, input: number, source: ModelPrice['source']): ModelPrice => ({
  provider: 'acme',
  model: id,
  input_micros: input,
  output_micros: input,
  cached_input_micros: null,
  cache_write_micros: null,
  source,
  version: '1',
});

const rows = joinPrices(
  [model('a', 3, 10), model('b', null, null), model('c', 1, 99)],
  [price('a', 2, 'operator'), price('house', 7, 'operator')],
);

test('the price in use wins, and a price without a model is shown too', () => {
  expect(
    rows.map(({ id, listed, price: { input_micros, source } }) => [
      id,
      listed,
      input_micros,
      source,
    ]),
  ).toEqual([
    ['a', true, 2, 'operator'],
    ['b', true, null, 'none'],
    ['c', true, 1, 'package'],
    ['house', false, 7, 'operator'],
  ]);
});

test('unknown prices and windows stand last', () => {
  expect(sortRows(rows, 'input').map(({ id }) => id)).toEqual(['c', 'a', 'house', 'b']);
  expect(sortRows(rows, 'window').map(({ id }) => id)).toEqual(['c', 'a', 'b', 'house']);
});

test('filters by words, capability, source of the price and usability', () => {
  const found = (filter: Partial<typeof NO_FILTER>) =>
    filterRows(rows, { ...NO_FILTER, ...filter }).map(({ id }) => id);
  expect(found({ search: 'ACME model b' })).toEqual(['b']);
  expect(found({ capability: 'tools' })).toEqual(['b']);
  expect(found({ source: 'operator' })).toEqual(['a', 'house']);
  expect(found({ usableOnly: true })).toEqual(['a', 'b']);
  expect(found({ provider: 'other' })).toEqual([]);
});
