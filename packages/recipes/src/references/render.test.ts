import type { JsonObject, JsonValue, PlatformError } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { renderText, renderValue } from './render.ts';
import type { Scope } from './render.ts';

const finding = (severity: string, path: string, line: number) => ({
  rule: 'no-eval',
  severity,
  message: 'a | b',
  location: { path, line },
  evidence: 'eval(x)',
  fix: 'Do not.',
  tool: 'sast_scan',
});

const scan: JsonObject = {
  output: { files: 3, list: ['a', 'b'], none: null },
  summary: 'done',
  findings: [finding('low', 'b.ts', 2), finding('critical', 'a.ts', 1)],
  findings_total: 2,
};

function scope(inputs: JsonObject = {}): Scope {
  const results = new Map([
    ['scan', { value: scan, main: scan['output'] ?? null }],
    ['write', { value: { text: 'Hello', object: null }, main: 'Hello' }],
  ]);
  return {
    names: {
      keys: new Set(['scan', 'write', 'later']),
      byPosition: ['scan', 'write'],
      previous: 'write',
      locals: new Set(),
    },
    inputs: {
      path: 'src',
      n: 3,
      ok: true,
      list: [1, 'two', null],
      md: '# A\n```\n# no\n```\n## B\n#c',
      ...inputs,
    },
    results,
    locals: new Map(),
    run: { id: 'run-1', started_at: '2026-01-02T03:04:05.000Z', findings: [] },
  };
}

describe('a template that is only one reference keeps the type', () => {
  it.each<[string, JsonValue]>([
    ['{{inputs.n}}', 3],
    ['{{inputs.ok}}', true],
    ['{{inputs.list}}', [1, 'two', null]],
    ['{{steps.scan.output}}', scan['output'] ?? null],
    ['{{steps.scan.output.list[1]}}', 'b'],
    ['{{steps.scan.output.none}}', null],
    ['{{previous}}', { text: 'Hello', object: null }],
    ['{{previous.text}}', 'Hello'],
    ['{{run.id}}', 'run-1'],
    ['{input.n}', 3],
    ['{previous_output}', 'Hello'],
    ['{step_1_output}', scan['output'] ?? null],
    ['{step_1_output.files}', 3],
    ['{write}', 'Hello'],
    ['{{steps.scan.findings | length}}', 2],
    ['{{inputs.list | first}}', 1],
    ['{{inputs.missing | default: 7}}', 7],
    ["{{inputs.list | map: 'x'}}", [null, null, null]],
  ])('%s', (template, wanted) => expect(renderValue(template, scope())).toEqual(wanted));

  it('inside lists and objects as well', () => {
    expect(renderValue({ a: ['{{inputs.n}}', 'n={{inputs.n}}'], b: 1 }, scope())).toEqual({
      a: [3, 'n=3'],
      b: 1,
    });
  });
});

describe('in a text', () => {
  it.each([
    ['{{inputs.path}}/{{inputs.n}} {{inputs.ok}}', 'src/3 true'],
    ['{{inputs.list}}', '[1,"two",null]'],
    ['{{steps.scan.output | json: 1}}', JSON.stringify(scan['output'], null, 1)],
    ['{{inputs.path | upper}} {{inputs.path | lower | truncate: 2}}', 'SRC sr…'],
    ["{{inputs.list | join: '; '}}", '1; two; null'],
    ['{{inputs.list | bullet_list}}', '- 1\n- two\n- null'],
    ['{{steps.scan | severity_counts}}', '1 critical, 1 low'],
    ['{{run.findings | severity_counts}}', 'no findings'],
    ['{{run.started_at | date}}', '2026-01-02 03:04 UTC'],
    ["{{run.started_at | date: 'DD.MM.YYYY'}}", '02.01.2026'],
    ['{{inputs.md | headings: 3}}', '### A\n```\n# no\n```\n#### B\n#c'],
    ["{{inputs.ok | choose: 'yes', 'no'}}", 'yes'],
    ["{{inputs.missing | upper | default: 'none'}}", 'none'],
    ["{{steps.scan.output.none | default: 'none'}}", 'none'],
    ['{unknown} {"a": {"b": 1}} \\{{inputs.n}}', '{unknown} {"a": {"b": 1}} {{inputs.n}}'],
  ])('%s', (template, wanted) => expect(renderText(template, scope())).toBe(wanted));

  it('a table of findings has place, severity, rule, tool and fix, worst first, and survives bars', () => {
    expect(renderText('{{steps.scan | findings_table}}', scope()).split('\n')).toEqual([
      '| Where | Severity | Rule | Finding | Tool | Fix |',
      '| --- | --- | --- | --- | --- | --- |',
      '| `a.ts:1` | critical | `no-eval` | a \\| b | `sast_scan` | Do not. |',
      '| `b.ts:2` | low | `no-eval` | a \\| b | `sast_scan` | Do not. |',
    ]);
    expect(renderText('{{steps.scan | findings_table: 1}}', scope())).toContain(
      '… and 1 more findings.',
    );
  });

  it('a table of objects shows fields inside fields, and the keys of an object of objects', () => {
    const tools = {
      secret_scan: { status: 'success', output: { skipped: { binary: 2 } } },
      lint: { status: 'error' },
    };
    expect(
      renderText(
        "{{inputs.tools | table: 'name', 'status', 'output.skipped'}}",
        scope({ tools }),
      ).split('\n'),
    ).toEqual([
      '| name | status | skipped |',
      '| --- | --- | --- |',
      '| secret_scan | success | binary: 2 |',
      '| lint | error | – |',
    ]);
  });
});

describe('what is missing is an error, never an empty text', () => {
  it.each([
    ['{{inputs.missing}}', 'the inputs has no field "missing"'],
    ['{{steps.later.text}}', 'step "later" left no result'],
    ['{{steps.scan.output.files.x}}', 'has no field "x"'],
    ['{{steps.scan.output.list[9]}}', 'has no item "9"'],
    ['{{inputs.n | upper}}', 'the filter "upper" takes string, not number'],
    ['{{inputs.path | date}}', '"src" is no time'],
    ['{{inputs.constructor}}', 'has no field "constructor"'],
    ['{{steps.scan.__proto__}}', 'has no field "__proto__"'],
  ])('%s', (template, message) => {
    let thrown: unknown = null;
    try {
      renderText(template, scope());
    } catch (error) {
      thrown = error;
    }
    expect((thrown as PlatformError).code).toBe('recipes.reference.missing');
    expect((thrown as PlatformError).message).toContain(message);
  });
});
