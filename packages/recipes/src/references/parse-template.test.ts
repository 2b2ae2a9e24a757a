import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from './parse-template.ts';
import { printReference } from './template.ts';
import type { FilterCall, PathSegment, Reference, TextPart } from './template.ts';

type Part = { text: string } | Pick<Reference, 'root' | 'path' | 'filters'>;

const span = { start: 0, end: 0 };
const identifier = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,8}$/);
const segment: fc.Arbitrary<PathSegment> = fc.oneof(
  identifier.map((name) => ({ kind: 'field' as const, name, ...span })),
  fc.string({ maxLength: 8 }).map((name) => ({ kind: 'field' as const, name, ...span })),
  fc.nat({ max: 999 }).map((index) => ({ kind: 'index' as const, index, ...span })),
);
const filter: fc.Arbitrary<FilterCall> = fc.record({
  name: identifier,
  args: fc.array(
    fc.oneof(fc.string({ maxLength: 8 }), fc.integer(), fc.boolean(), fc.constant(null)),
    { maxLength: 3 },
  ),
  start: fc.constant(0),
  end: fc.constant(0),
});
const reference = fc.record({
  root: identifier,
  path: fc.array(segment, { maxLength: 4 }),
  filters: fc.array(filter, { maxLength: 3 }),
});
/** Text that is rich in what the parser looks for. */
const text = fc
  .array(fc.constantFrom('{', '{', '}', '\\', 'a', ' ', '{name}', '{input.x}', 'é', '\n', '"'), {
    maxLength: 10,
  })
  .map((pieces) => pieces.join(''));

/** Writes parts so that they read back: braces and backslashes of plain text are escaped. */
function printTemplate(parts: readonly Part[]): string {
  let out = '';
  for (const [index, part] of parts.entries()) {
    if (!('text' in part)) {
      out += printReference(part);
      continue;
    }
    const next = parts[index + 1];
    const before = next === undefined ? '' : (/\\*\{*$/.exec(part.text)?.[0] ?? '');
    const plain = part.text.slice(0, part.text.length - before.length);
    out += escapeText(plain) + before.replace(/^\\*/, (slashes) => slashes + slashes);
  }
  return out;
}

function escapeText(plain: string): string {
  return plain.replaceAll(
    /(\\*)(\{{2,}|\{(?=[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*|\[\d{1,9}\])*\}))/g,
    (_whole, slashes: string, braces: string) => `${slashes}${slashes}\\${braces}`,
  );
}

function plainParts(parts: readonly (TextPart | Reference)[]): Part[] {
  return parts.map((part) =>
    part.kind === 'text'
      ? { text: part.text }
      : {
          root: part.root,
          path: part.path.map((one) => ({ ...one, ...span })),
          filters: part.filters.map((one) => ({ ...one, ...span })),
        },
  );
}

describe('parseTemplate', () => {
  it('reads back what was printed', () => {
    // Neighbouring texts would be read as one.
    const parts = fc
      .array(fc.tuple(text, reference), { maxLength: 4 })
      .chain((pairs) => text.map((last) => [...pairs.flat(), last]))
      .map((list): Part[] =>
        list
          .filter((one) => one !== '')
          .map((one): Part => (typeof one === 'string' ? { text: one } : one)),
      );
    fc.assert(
      fc.property(parts, (wanted) => {
        const parsed = parseTemplate(printTemplate(wanted));
        expect(parsed.problems).toEqual([]);
        expect(plainParts(parsed.parts)).toEqual(wanted);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, and keeps every character of a text without openers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), text), (source) => {
        const { parts, problems } = parseTemplate(source);
        for (const problem of problems) expect(problem.start).toBeLessThanOrEqual(source.length);
        expect(parts.length).toBeLessThanOrEqual(source.length);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (source) => {
        const plain = source.replaceAll('{', '(');
        expect(parseTemplate(plain).parts).toEqual([{ kind: 'text', text: plain }]);
      }),
    );
  });

  it.each([
    ['{{inputs.path}}', ['{{inputs.path}}']],
    ['{{ steps.scan.findings[0].rule | upper }}', ['{{steps.scan.findings[0].rule | upper}}']],
    [
      "{{steps['a b'].x | join: ', ' | default: \"}}\"}}",
      ['{{steps["a b"].x | join: ", " | default: "}}"}}'],
    ],
    [
      'a {input.x} b {previous_output} c {step_2_output} d {summary}',
      [
        'a ',
        '{{input.x}}',
        ' b ',
        '{{previous_output}}',
        ' c ',
        '{{step_2_output}}',
        ' d ',
        '{{summary}}',
      ],
    ],
    ['{"a": {{{inputs.x}}}}', ['{"a": {', '{{inputs.x}}', '}}']],
    ['\\{{inputs.x}} and \\{input.x}', ['{{inputs.x}} and {input.x}']],
    ['\\\\{{inputs.x}}', ['\\', '{{inputs.x}}']],
    [
      '{ "json": true } {} { a } regex \\d{3} {1,2}',
      ['{ "json": true } {} { a } regex \\d{3} {1,2}'],
    ],
  ])('%s', (source, wanted) => {
    const { parts, problems } = parseTemplate(source);
    expect(problems).toEqual([]);
    expect(parts.map((part) => (part.kind === 'text' ? part.text : printReference(part)))).toEqual(
      wanted,
    );
  });

  it.each([
    ['{{inputs.path', 13, 'expected "}}", "." or "|", found the end'],
    ['{{}}', 2, 'expected a name such as inputs, steps, previous or run'],
    ['x {{inputs.}} y', 11, 'expected a field name'],
    ['{{inputs.x | }}', 13, 'expected the name of a filter'],
    ['{{inputs.x | default: nope}}', 22, 'expected a quoted text, a number, true, false or null'],
    ['{{steps[-1]}}', 11, 'brackets hold a whole number from 0 or a quoted name'],
  ])('points at what is wrong in %s', (source, start, message) => {
    const { problems } = parseTemplate(source);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
    expect(problems[0]?.start).toBe(start);
  });

  // Read in a time that grows with its square, texts as long as these would take hours.
  it('comes to the end of hostile text', () => {
    const texts = [
      '{'.repeat(2_000_000),
      '{{a.'.repeat(500_000),
      '\\'.repeat(2_000_000),
      `{${'a.'.repeat(1_000_000)}`,
    ];
    for (const text of texts) expect(parseTemplate(text)).toBeDefined();
  });
});
