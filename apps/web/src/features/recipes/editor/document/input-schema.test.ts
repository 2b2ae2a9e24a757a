import { describe, expect, it } from 'vitest';
import {
  addInput,
  asKind,
  inputKind,
  inputRows,
  INPUT_KINDS,
  removeInput,
  renameInput,
  require,
} from './input-schema.ts';
import { applyToValue, type Edit, type Json } from './json-edit.ts';

const recipe: Json = {
  inputs: {
    type: 'object',
    properties: { path: { type: 'string', format: 'folder' }, deep: { type: 'boolean' } },
    required: ['path'],
  },
  steps: [
    {
      prompt_template:
        'See {{inputs.path}} and {{ inputs.path | default: inputs.path_two }}, not inputs.path',
    },
  ],
};
const after = (edits: Edit[]) =>
  edits.reduce(applyToValue, recipe) as Record<string, Record<string, Json>>;

describe('inputs builder', () => {
  it.each(INPUT_KINDS)('a field of kind %s is read back as that kind', (kind) => {
    expect(inputKind(asKind({ title: 'T', enum: [1] }, kind))).toBe(kind);
    expect(asKind({ title: 'T' }, kind)).toMatchObject({ title: 'T' });
  });

  it('leaves what it does not know to JSON', () => {
    expect(inputKind({ type: 'string', format: 'email' })).toBe('other');
    expect(inputKind({ anyOf: [] })).toBe('other');
    expect(inputKind('nonsense')).toBe('other');
  });

  it('renames an input with what names it', () => {
    const next = after(renameInput(recipe, 'path', 'folder'));
    expect(next['inputs']).toMatchObject({
      required: ['folder'],
      properties: { folder: { format: 'folder' } },
    });
    expect(JSON.stringify(next['steps'])).toContain(
      'See {{inputs.folder}} and {{ inputs.folder | default: inputs.path_two }}, not inputs.path',
    );
    expect(renameInput(recipe, 'path', 'deep')).toEqual([]);
  });

  it('adds, requires and removes', () => {
    expect(inputRows(applyToValue({}, addInput({})[0] as Edit))).toMatchObject([
      { name: 'input_1', kind: 'text' },
    ]);
    expect(after(require(recipe, 'deep', true))['inputs']).toMatchObject({
      required: ['path', 'deep'],
    });
    expect(after(removeInput(recipe, 'path'))['inputs']).toEqual({
      type: 'object',
      properties: { deep: { type: 'boolean' } },
    });
  });
});
