import type { JsonObject, PlatformError } from '@automatos/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCondition } from './condition.ts';
import { evaluateCondition } from './evaluate-condition.ts';
import type { Scope } from './render.ts';
import { checkRooted, checkRootedCondition, evaluateRooted, renderRooted } from './rooted.ts';

function scope(inputs: JsonObject): Scope {
  return {
    names: {
      keys: new Set(['scan']),
      byPosition: ['scan'],
      previous: 'scan',
      locals: new Set(['item', 'loop']),
    },
    inputs,
    results: new Map([['scan', { value: { findings_total: 3, summary: 'bad' }, main: 3 }]]),
    run: { id: 'run-1', started_at: '2026-01-02T03:04:05.000Z', findings: [] },
    locals: new Map<string, JsonObject>([
      ['item', { path: 'src/a.ts' }],
      ['loop', { iteration: 2, max: 3, previous: {} }],
    ]),
  };
}

const INPUTS = {
  n: 3,
  yes: true,
  no: false,
  text: 'abc',
  list: [1, 'two', null, { a: 1, b: [2] }],
  none: null,
  object: { b: 2, a: 1 },
};

function thrownBy(work: () => unknown): PlatformError | null {
  try {
    work();
  } catch (error) {
    return error as PlatformError;
  }
  return null;
}

describe('evaluateCondition', () => {
  it.each([
    ['{{inputs.yes}}', true],
    ['not {{inputs.yes}}', false],
    ['{{steps.scan.findings_total}} > 0 and not {{inputs.no}}', true],
    ['{{inputs.n}} >= 3 and {{inputs.n}} <= 3 and {{inputs.n}} < 4', true],
    ["{{inputs.text}} == 'abc'", true],
    ['{{inputs.text}} != "abc"', false],
    ["{{inputs.text}} < 'abd'", true],
    ["'b' in {{inputs.text}}", true],
    ["{{inputs.text}} contains 'x'", false],
    ["'two' in {{inputs.list}}", true],
    ["'two' not in {{inputs.list}}", false],
    ['{{inputs.list}} contains null', true],
    ["{{inputs.text}} in ['x', 'abc']", true],
    ['{{inputs.none}} == null', true],
    ['{{inputs.list[3]}} == {{inputs.list[3]}}', true],
    ["{{inputs.object | json}} == '{}'", false],
    ['{{inputs.n}} == 3.0', true],
    ['{{inputs.n}} == -3', false],
    // `and` binds tighter than `or`, `not` tighter than `and`.
    ['true or true and false', true],
    ['(true or true) and false', false],
    ['not false and false', false],
    ['not (false and false)', true],
    ['{{item.path}} == "src/a.ts" and {{loop.iteration}} < {{loop.max}}', true],
    ['{{loop.previous.scan.findings_total | default: 0}} > 0', false],
    ['{{inputs.missing | default: false}}', false],
    // What need not be known is not looked at.
    ['{{inputs.yes}} or {{inputs.missing}}', true],
    ['{{inputs.no}} and {{inputs.missing}} == 1', false],
    ['{input.n} == 3 and {scan} == 3', true],
    ['{{ inputs.n }}==3', true],
    ['\n{{inputs.yes}}\n and\ttrue ', true],
  ])('%s', (source, wanted) => expect(evaluateCondition(source, scope(INPUTS))).toBe(wanted));

  it('compares objects by value', () => {
    const source = '{{inputs.a}} == {{inputs.b}} and {{inputs.a}} in {{inputs.list}}';
    const inputs = { a: { x: 1, y: [2] }, b: { y: [2], x: 1 }, list: [{ y: [2], x: 1 }] };
    expect(evaluateCondition(source, scope(inputs))).toBe(true);
  });

  it.each([
    ['{{inputs.missing}} == 1', 'recipes.reference.missing', 'has no field "missing"'],
    ['{{inputs.n}}', 'recipes.condition.invalid', 'is number, not true or false'],
    ['{{inputs.n}} and true', 'recipes.condition.invalid', 'is number, not true or false'],
    ["{{inputs.n}} < 'a'", 'recipes.condition.invalid', 'compares number with string'],
    ['{{inputs.none}} > 1', 'recipes.condition.invalid', 'compares null with number'],
    ['1 in {{inputs.text}}', 'recipes.condition.invalid', 'looks for number in string'],
    ['{{inputs.n', 'recipes.condition.invalid', 'expected "}}"'],
  ])('%s says why not', (source, code, message) => {
    const error = thrownBy(() => evaluateCondition(source, scope(INPUTS)));
    expect(error?.code).toBe(code);
    expect(error?.message).toContain(message);
  });
});

describe('parseCondition', () => {
  it.each([
    ['', 0, 'expected a reference {{…}}, a quoted text, a number, true, false or null'],
    ['{{inputs.a}} =', 13, 'operators are == != < <= > >= in contains and or not'],
    ['{{inputs.a}} && true', 13, 'operators are'],
    ['{{inputs.a}} === 1', 15, 'expected a reference'],
    ['{{inputs.a}} {{inputs.b}}', 13, 'expected an operator'],
    ['{{inputs.a}} == yes', 16, '"yes" is neither a reference {{yes}} nor a quoted text \'yes\''],
    ['steps.scan.total > 0', 0, '"steps.scan.total" needs braces: {{steps.scan.total}}'],
    ['1 < {{inputs.a}} < 3', 17, 'comparisons are not chained; join two by "and"'],
    ['({{inputs.a}}', 13, 'expected ")", found the end'],
    ["{{inputs.a}} in ['a', ", 22, 'expected a reference'],
    ["{{inputs.a}} == 'x", 16, 'expected a reference'],
    ['not', 3, 'expected a reference'],
    [`${'('.repeat(60)}1${')'.repeat(60)}`, 51, 'nests deeper than 50 levels'],
  ])('%s', (source, start, message) => {
    const { condition, problem } = parseCondition(source);
    expect(condition).toBeNull();
    expect(problem?.message).toContain(message);
    expect(problem?.start).toBe(start);
  });

  it('never throws, and stays fast', () => {
    const pieces = [
      '{{inputs.a}}',
      '==',
      'not ',
      'and',
      ' or ',
      '(',
      ')',
      "'",
      '[',
      ',',
      '1',
      ' in ',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(fc.constantFrom(...pieces)).map((all) => all.join('')),
        ),
        (source) => {
          const { condition, problem } = parseCondition(source);
          expect(condition === null).toBe(problem !== null);
          expect(problem?.start ?? 0).toBeLessThanOrEqual(source.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('texts with roots of their own', () => {
  const roots = { body: { action: 'opened', files: ['a'], n: 2 }, headers: { 'x-kind': 'push' } };
  const names = Object.keys(roots);

  it('renders and decides by them alone', () => {
    expect(
      renderRooted(
        { path: '{{body.files[0]}}', files: '{{body.files}}', t: 'n={{body.n}} {x}' },
        roots,
      ),
    ).toEqual({ path: 'a', files: ['a'], t: 'n=2 {x}' });
    expect(
      evaluateRooted("{{body.action}} == 'opened' and {{headers['x-kind']}} == 'push'", roots),
    ).toBe(true);
    expect(thrownBy(() => renderRooted('{{body.missing}}', roots))?.code).toBe(
      'recipes.reference.missing',
    );
    expect(thrownBy(() => renderRooted('{{inputs.x}}', roots))?.code).toBe(
      'recipes.reference.missing',
    );
  });

  it('names what is wrong and where', () => {
    expect(
      checkRooted({ a: ['{{body.x | uper}} {{bdy.x}} {{inputs.x}}', '{{body.x'] }, names),
    ).toMatchObject([
      {
        pointer: '/a/0',
        message: 'there is no filter "uper"; did you mean "upper"?',
        suggestion: 'upper',
        span: { start: 11 },
      },
      { pointer: '/a/0', suggestion: 'body', span: { start: 18, end: 27 } },
      {
        pointer: '/a/0',
        message: 'unknown reference {{inputs…}}; references start with body, headers here',
      },
      { pointer: '/a/1', message: expect.stringContaining('expected "}}"') as string },
    ]);
    expect(checkRooted({ a: '{{body.x}}', b: 1 }, names)).toEqual([]);
    expect(checkRootedCondition('{{body.x}} and', names)).toHaveLength(1);
    expect(checkRootedCondition('{{steps.x}} == 1', names)[0]?.message).toContain(
      'start with body, headers',
    );
    expect(checkRootedCondition('{body.x} == 1', names)[0]?.message).toContain('write {{…}}');
    expect(checkRootedCondition("{{body.x}} == 'a'", names)).toEqual([]);
  });
});
