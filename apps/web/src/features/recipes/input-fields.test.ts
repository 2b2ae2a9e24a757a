import { describe, expect, it } from 'vitest';
import { errorsByField, inputFields, labelOf, toInputs } from './input-fields.ts';

const schema = {
  type: 'object',
  required: ['path', 'depth'],
  properties: {
    path: { type: 'string', format: 'folder', description: 'Folder to review' },
    depth: { type: 'integer', minimum: 1, maximum: 5, default: 2 },
    ratio: { type: 'number' },
    mode: { enum: ['fast', 'deep'], default: 'fast' },
    strict: { type: 'boolean', default: true },
    ignore: { type: 'array', items: { type: 'string' }, default: ['dist', 'vendor'] },
    options: { type: 'object' },
    owner_name: { type: ['string', 'null'], pattern: '^[a-z]+$', maxLength: 8 },
  },
};
const fields = inputFields(schema);
const initial = Object.fromEntries(fields.map((field) => [field.name, field.initial]));

describe('input fields', () => {
  it('makes one field per property with kind, label, help, default and whether it is needed', () => {
    expect(
      fields.map(({ name, kind, required, initial: value }) => [name, kind, required, value]),
    ).toEqual([
      ['path', 'path', true, ''],
      ['depth', 'integer', true, '2'],
      ['ratio', 'number', false, ''],
      ['mode', 'choice', false, 'fast'],
      ['strict', 'boolean', false, true],
      ['ignore', 'lines', false, 'dist\nvendor'],
      ['options', 'json', false, ''],
      ['owner_name', 'text', false, ''],
    ]);
    expect(fields[0]).toMatchObject({ help: 'Folder to review', placeholder: '/path/to/folder' });
    expect(labelOf('owner_name')).toBe('Owner name');
  });

  it('gives no fields for a schema without properties or for something else', () => {
    expect(inputFields({ type: 'object' })).toEqual([]);
    expect(inputFields(null)).toEqual([]);
  });

  it('turns what the form holds into typed inputs and leaves empty optional ones out', () => {
    const { inputs, errors } = toInputs(fields, {
      ...initial,
      path: ' /srv/project ',
      options: '{"a":1}',
    });
    expect(errors).toEqual({});
    expect(inputs).toEqual({
      path: '/srv/project',
      depth: 2,
      mode: 'fast',
      strict: true,
      ignore: ['dist', 'vendor'],
      options: { a: 1 },
    });
  });

  it.each([
    ['path', '', 'Path is needed.'],
    ['depth', '9', 'Enter at most 5.'],
    ['depth', '0', 'Enter at least 1.'],
    ['depth', '1.5', 'Enter a whole number.'],
    ['ratio', 'much', 'Enter a number.'],
    ['mode', 'other', 'Choose one of the list.'],
    ['owner_name', 'UPPER', 'This does not match the pattern ^[a-z]+$.'],
    ['owner_name', 'abcdefghi', 'Enter at most 8 characters.'],
  ])('refuses %s = %j', (name, value, message) => {
    const { errors } = toInputs(fields, { ...initial, path: '/srv', [name]: value });
    expect(errors).toEqual({ [name]: message });
  });

  it('says where JSON cannot be read', () => {
    expect(toInputs(fields, { ...initial, path: '/s', options: '{a' }).errors['options']).toContain(
      'not valid JSON',
    );
  });

  it("puts the server's errors at their fields and keeps the rest", () => {
    const { byField, rest } = errorsByField(fields, [
      { pointer: '/inputs/path', message: 'outside the allowed folders' },
      { pointer: '#/inputs/ignore/0', message: 'too long' },
      { pointer: '/owner_name', message: 'unknown' },
      { pointer: '/title', message: 'too long' },
      { pointer: '', message: 'body is broken' },
    ]);
    expect(byField).toEqual({
      path: 'outside the allowed folders',
      ignore: 'too long',
      owner_name: 'unknown',
    });
    expect(rest).toEqual(['/title: too long', 'body is broken']);
  });
});
