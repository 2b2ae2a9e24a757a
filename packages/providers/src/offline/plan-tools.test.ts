import type { JsonObject } from '@automatos/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSchemaValidator } from '../structured/validate-schema.ts';
import { extractJson } from './extract-json.ts';
import { fillArguments, findPaths } from './fill-arguments.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { parseRequest } from './parse-request.ts';
import type { OfferedTool } from './parse-request.ts';
import { planTools } from './plan-tools.ts';

const validator = createSchemaValidator();
const scan = (name: string, description: string): OfferedTool => ({
  name,
  description,
  schema: { type: 'object', properties: { path: { type: 'string', default: '.' } } },
});
const TOOLS: OfferedTool[] = [
  scan('doc_coverage', 'Measures how many exported symbols are documented'),
  scan('link_check', 'Checks links in Markdown files'),
  {
    name: 'read_file',
    description: 'Reads a text file',
    schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
];
const ROLE =
  'You check documentation. Measure documentation coverage and check the links. Use read_file only to confirm a finding.';

function plan(
  task: string,
  inputs: JsonObject,
  options: { tools?: OfferedTool[]; context?: string } = {},
) {
  const text = `${task}\n\nInputs (JSON):\n\`\`\`json\n${JSON.stringify(inputs)}\n\`\`\`\n${options.context === undefined ? '' : `\nContext:\n${options.context}`}`;
  const request = parseRequest({
    prompt: [
      { role: 'system', content: ROLE },
      { role: 'user', content: [{ type: 'text', text }] },
    ],
    tools: (options.tools ?? TOOLS).map((tool) => ({
      type: 'function',
      name: tool.name,
      description: tool.description,
      inputSchema: tool.schema,
    })),
  });
  return planTools(request, {
    validator,
    report: () => 'report',
    hasMaterial: gatherEvidence(request).handedOver,
  });
}

describe('the target of a task', () => {
  const lint: OfferedTool = {
    name: 'openapi_lint',
    description: 'Checks an API description',
    schema: { type: 'object', properties: { spec: { type: 'string' } }, required: ['spec'] },
  };

  it.each([
    [{ target: 'api.yaml' }, 'api.yaml'],
    [{ target: 'repo', spec: 'repo/api.yaml' }, 'repo/api.yaml'],
  ])('%j serves the file that a tool asks for by another name', (inputs, spec) => {
    expect(plan('Use openapi_lint.', inputs, { tools: [lint] }).calls).toEqual([
      { tool: 'openapi_lint', input: { spec } },
    ]);
  });
});

describe('the base of a comparison', () => {
  const review: OfferedTool = {
    name: 'diff_review',
    description: 'Reviews what changed between two commits',
    schema: {
      type: 'object',
      properties: { path: { type: 'string' }, base: { type: 'string' } },
      required: ['base'],
    },
  };

  it.each([
    [{ target: 'repo', base: 'v1' }, [{ path: 'repo', base: 'v1' }]],
    [{ target: 'repo' }, []],
    [{ path: 'repo' }, []],
  ])('%j: a folder is no commit', (inputs, calls) => {
    expect(plan('Use diff_review.', inputs, { tools: [review] }).calls).toEqual(
      calls.map((input) => ({ tool: 'diff_review', input })),
    );
  });
});

describe('planning by role', () => {
  it('serves a broad request with the tools of the role that the inputs can fill, and reads no folder as a file', () => {
    expect(plan('Review this folder.', { path: 'src' }).calls).toEqual([
      { tool: 'doc_coverage', input: { path: 'src' } },
      { tool: 'link_check', input: { path: 'src' } },
    ]);
  });

  it.each([
    [
      'findings in the inputs',
      {
        path: 'src',
        code: {
          findings: [{ rule: 'r', severity: 'low', message: 'm', evidence: 'e', tool: 't' }],
        },
      },
      undefined,
    ],
    ['summaries in the inputs', { code: { summary: 'Twelve files.' } }, undefined],
    ['a context', { path: 'src' }, '[1] notes\nAll is well.'],
  ])('writes from what is handed over instead: %s', (_name, inputs, context) => {
    expect(
      plan('Write the health report.', inputs, context === undefined ? {} : { context }).calls,
    ).toEqual([]);
  });
});

describe('arguments', () => {
  it('gives each tool the place that its name speaks of', () => {
    const tools = [scan('log_cluster', 'Groups log messages'), scan('git_log', 'Lists commits')];
    const { calls } = plan(
      'Use log_cluster and git_log.',
      { log: 'app.log', repository: 'services/api' },
      { tools },
    );
    expect(calls).toEqual([
      { tool: 'log_cluster', input: { path: 'app.log' } },
      { tool: 'git_log', input: { path: 'services/api' } },
    ]);
  });

  const WORDS = [
    'scan',
    'the',
    'folder',
    'src/app',
    'with',
    'limit',
    '7',
    '"quoted words"',
    'https://example.org/x',
    'name=blue',
    'docs/readme.md',
    'fast',
    'and',
    'slow',
  ];
  const property = fc.oneof(
    fc.constantFrom<JsonObject>(
      { type: 'string' },
      { type: 'integer' },
      { type: 'number', maximum: 5 },
      { type: 'boolean' },
      { type: 'array', items: { type: 'string' } },
      { enum: ['fast', 'slow'] },
      { type: 'string', default: 'from-schema' },
    ),
  );
  const tool = fc.record({
    properties: fc.dictionary(
      fc.constantFrom('path', 'file', 'url', 'query', 'limit', 'name', 'mode', 'flag', 'owner'),
      property,
      { noNullPrototype: true },
    ),
    required: fc.subarray([
      'path',
      'file',
      'url',
      'query',
      'limit',
      'name',
      'mode',
      'flag',
      'owner',
    ]),
  });
  const inputs = fc.dictionary(
    fc.constantFrom('path', 'folder', 'limit', 'target', 'colour', 'urls', 'flag'),
    fc.oneof(
      fc.constantFrom('a/b', 'x.txt', 'true', '12'),
      fc.integer({ min: 0, max: 99 }),
      fc.boolean(),
      fc.array(fc.constantFrom('p', 'q'), { maxLength: 3 }),
    ),
    { noNullPrototype: true },
  );

  it('come from inputs, text or schema only, and always fit the schema', () => {
    fc.assert(
      fc.property(
        tool,
        inputs,
        fc.array(fc.constantFrom(...WORDS), { maxLength: 8 }),
        ({ properties, required }, values, words) => {
          const schema: JsonObject = {
            type: 'object',
            properties,
            required: required.filter((name) => name in properties),
            additionalProperties: false,
          };
          const text = words.join(' ');
          const filled = fillArguments(
            { name: 'a_tool', description: '', schema },
            { inputs: values as JsonObject, text, outputs: [] },
            validator,
          );
          const known = `${JSON.stringify(values)} ${text} ${JSON.stringify(schema)}`;
          for (const input of filled.inputs) {
            expect(validator.check(schema, input)).toEqual([]);
            for (const value of Object.values(input).flat())
              expect(known).toContain(`${value as string}`);
          }
          expect(filled.missing.length === 0 || filled.inputs.length === 0).toBe(true);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([
    ['Read README.md, then src/index.ts.', ['README.md', 'src/index.ts']],
    [
      'Look at ./data and /var/log/app.log (not https://a.b/c.html).',
      ['./data', '/var/log/app.log'],
    ],
    ['Version 1.2.3, e.g. and/or, on/off, `my folder.txt` is skipped.', []],
    ['Compare `a/b.json` with "c.json"', ['a/b.json', 'c.json']],
  ])('paths in %j', (text, paths) => expect(findPaths(text)).toEqual(paths));
});

describe('pasted JSON', () => {
  it('is taken out of the text, whatever brackets and quotes it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())),
        (value) => {
          const { text, values } = extractJson(`Results:\n${JSON.stringify(value)}\nReport them.`);
          expect(values).toEqual([JSON.parse(JSON.stringify(value))]);
          expect(text.replace(/\s+/g, ' ')).toBe('Results: Report them.');
        },
      ),
    );
  });

  it('leaves prose in brackets alone', () => {
    expect(extractJson('see [1] and {braces}: [not json').values).toEqual([]);
  });
});
