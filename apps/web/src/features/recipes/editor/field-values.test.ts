import { describe, expect, it } from 'vitest';
import { applyToValue, type Json } from './document/json-edit.ts';
import { put, read, shown } from './field-values.ts';
import type { FormField } from './fields.ts';
import { ABOUT_FIELDS, SETTINGS_FIELDS, stepForm } from './fields.ts';
import { STEP_TYPES } from './step-types.ts';

const field = (kind: FormField['kind'], rest: Partial<FormField> = {}): FormField => ({
  path: ['x'],
  label: 'X',
  kind,
  ...rest,
});

describe('field values', () => {
  it.each<[FormField['kind'], Json]>([
    ['text', 'a'],
    ['number', 3],
    ['ratio', 0.5],
    ['money', 1_500_000],
    ['duration', 60_000],
    ['words', ['a', 'b']],
    ['json', { a: [1] }],
  ])('%s: what is shown is read as the same', (kind, value) => {
    expect(read(field(kind), shown(field(kind), value) ?? '')).toEqual({ value });
  });

  it('shows as JSON what is of another form, so that nothing is lost', () => {
    expect([
      shown(field('text'), { items: 'x' }),
      shown(field('number'), 'three'),
      shown(field('words'), [1]),
    ]).toEqual([null, null, null]);
  });

  it('an emptied field leaves its key out, unless it is needed', () => {
    expect(read(field('text'), '')).toEqual({ value: undefined });
    expect(read(field('text', { needed: true }), '')).toEqual({ value: '' });
    expect(read(field('number'), 'x')).toHaveProperty('error');
    expect(read(field('json'), '{')).toHaveProperty('error');
  });

  it('takes an emptied group along, but never a step or an input', () => {
    const recipe: Json = {
      execution: { mode: 'parallel' },
      steps: [{ retry: { max_attempts: 2 } }],
      inputs: { properties: { a: { title: 'A' } } },
    };
    const without = (path: (string | number)[]) =>
      put(recipe, path, undefined).reduce(applyToValue, recipe);
    expect(without(['execution', 'mode'])).not.toHaveProperty('execution');
    expect(without(['steps', 0, 'retry', 'max_attempts'])).toMatchObject({ steps: [{}] });
    expect(without(['inputs', 'properties', 'a', 'title'])).toMatchObject({
      inputs: { properties: { a: {} } },
    });
    expect(put(recipe, ['budget', 'max_tokens'], undefined)).toEqual([]);
  });

  it.each(STEP_TYPES)('the form of $type asks no place twice', ({ type }) => {
    const { main, more } = stepForm(type);
    const places = [...main, ...more].map(({ path }) => path.join('.'));
    expect(places).toEqual([...new Set(places)]);
  });

  it('the forms of the head ask no place twice', () => {
    const places = [...ABOUT_FIELDS, ...SETTINGS_FIELDS].map(({ path }) => path.join('.'));
    expect(places).toEqual([...new Set(places)]);
  });
});
