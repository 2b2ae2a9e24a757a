import { describe, expect, it } from 'vitest';
import { offsetOf, placeOf, problemsAt, withSuggestion } from './problems.ts';

const TEXT =
  "slug: a\nsteps:\n  - step_id: x\n    agnt: 'sekurity'\n    prompt_template: Look at {{inputs.pth}} and {step_1}\n";

describe('problems', () => {
  it.each([
    [
      'a key',
      {
        line: 4,
        column: 5,
        message: 'unknown field "agnt"; did you mean "agent"?',
        suggestion: 'agent',
      },
      "    agent: 'sekurity'",
    ],
    [
      'a value in quotes',
      { line: 4, column: 11, message: 'there is no agent "sekurity"', suggestion: 'security' },
      "    agnt: 'security'",
    ],
    [
      'a part of a reference',
      { line: 5, column: 39, message: 'there is no input "pth"', suggestion: 'path' },
      '{{inputs.path}} and',
    ],
    [
      'a part that begins with its dot',
      {
        line: 5,
        column: 38,
        message: 'inputs has no field "pth"; did you mean "path"?',
        suggestion: 'path',
      },
      '{{inputs.path}} and',
    ],
    [
      'a word inside the reference it points to',
      { line: 5, column: 30, message: 'no input is called "pth"', suggestion: 'path' },
      '{{inputs.path}} and',
    ],
    [
      'a whole reference',
      { line: 5, column: 49, message: 'names no step', suggestion: '{x}' },
      'and {x}\n',
    ],
  ])('a suggestion replaces %s', (_name, problem, expected) => {
    expect(withSuggestion(TEXT, { pointer: '', ...problem })).toContain(expected);
  });

  it('does nothing without a suggestion, or where nothing can be replaced', () => {
    expect(withSuggestion(TEXT, { pointer: '', message: 'x', line: 1, column: 1 })).toBeNull();
    expect(
      withSuggestion('a: 1\n\n', {
        pointer: '',
        message: 'x',
        line: 2,
        column: 1,
        suggestion: 'b',
      }),
    ).toBeNull();
  });

  it('finds the place by the pointer when the server gave none, and never beyond the text', () => {
    expect(placeOf(TEXT, { pointer: '/steps/0/agnt', message: '' })).toEqual({
      line: 4,
      column: 5,
    });
    expect(offsetOf('ab\ncd', 9, 9)).toBe(5);
  });

  it('belongs to a field and to what holds it, not to a neighbour with a longer number', () => {
    const problems = [
      { pointer: '/steps/1/name', message: '' },
      { pointer: '/steps/10', message: '' },
    ];
    expect(problemsAt(problems, '/steps/1')).toEqual([problems[0]]);
  });
});
