import type { PlatformError } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { createSchemaCompiler } from './schema-compiler.ts';

const { compile: compileSchema, checkInputs } = createSchemaCompiler();

const SCHEMA = {
  type: 'object',
  properties: {
    path: { type: 'string', format: 'folder', minLength: 1 },
    mode: { enum: ['fast', 'slow'], default: 'fast' },
    nested: { type: 'object', properties: { n: { type: 'integer' } } },
  },
  required: ['path'],
  additionalProperties: false,
};

describe('checkInputs', () => {
  it("fills defaults and leaves the caller's object alone", () => {
    const inputs = { path: 'src' };
    expect(checkInputs(SCHEMA, inputs)).toEqual({ path: 'src', mode: 'fast' });
    expect(inputs).toEqual({ path: 'src' });
  });

  it('reports all problems with pointers and suggestions', () => {
    let thrown: unknown;
    try {
      checkInputs(SCHEMA, { mode: 'fats', nested: { n: 'x' }, pth: 1 });
    } catch (error) {
      thrown = error;
    }
    expect((thrown as PlatformError).code).toBe('recipes.inputs.invalid');
    expect((thrown as PlatformError).errors).toEqual(
      expect.arrayContaining([
        { pointer: '/inputs/path', message: 'is required' },
        {
          pointer: '/inputs/pth',
          message: 'unknown field "pth"; did you mean "path"?',
          suggestion: 'path',
        },
        { pointer: '/inputs/mode', message: 'must be one of fast, slow', suggestion: 'fast' },
        { pointer: '/inputs/nested/n', message: 'must be integer' },
      ]),
    );
  });
});

describe('compileSchema', () => {
  it('gives a pattern that explodes no more than its time', () => {
    const check = compileSchema({ type: 'string', pattern: '^(a|a)*$' });
    expect(check(`${'a'.repeat(40)}b`)[0]?.message).toContain('takes too long');
  });

  it('keeps patterns apart', () => {
    const check = compileSchema({
      type: 'object',
      properties: { a: { pattern: '^a+$' }, b: { pattern: '^b+$' } },
    });
    expect(check({ a: 'aaa', b: 'bbb' })).toEqual([]);
    expect(check({ a: 'bbb', b: 'aaa' })).toHaveLength(2);
    expect(check({ a: 'b'.repeat(50), b: 'b'.repeat(50) })).toHaveLength(1);
  });

  it('refuses an endless schema', () => {
    expect(() => compileSchema({ description: 'x'.repeat(100_001) })).toThrow('is longer than');
  });
});
