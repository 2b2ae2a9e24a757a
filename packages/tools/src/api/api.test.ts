import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ToolOutcome } from '../definition.ts';
import { createTestBench, type TestBench } from '../test-executor.fixture.ts';

let bench: TestBench;
const HEAD = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\n';
const OK = "responses: { '200': { description: fine }, default: { description: else } }";

beforeAll(async () => {
  bench = await createTestBench();
});
afterAll(() => bench.close());

function places(outcome: Pick<ToolOutcome, 'findings'>) {
  return outcome.findings.map(
    ({ rule, location }) => `${rule} ${location?.path}:${location?.line}`,
  );
}

async function lint(name: string, text: string) {
  await bench.write(name, text);
  return bench.run('openapi_lint', { spec: name });
}

describe('openapi_lint', () => {
  it('names the line of broken syntax and checks nothing else', async () => {
    const outcome = await lint('broken.yaml', `${HEAD}paths:\n  /a: { get: [\n`);
    expect(outcome).toMatchObject({ status: 'success', output: { schemas_checked: false } });
    expect(outcome.findings[0]).toMatchObject({ rule: 'api.parse_error', severity: 'critical' });
  });

  it('finds the line in JSON that tabs indent', async () => {
    const text =
      '{\n\t"openapi": "3.0.0",\n\t"info": {"title": "T", "version": "1"},\n\t"paths": {\n\t\t"/a": {"get": {"operationId": "a"}}\n\t}\n}';
    expect(places(await lint('tabs.json', text))).toEqual(['api.responses_missing tabs.json:5']);
  });

  it('follows references into other files inside the roots only, and round in circles no further', async () => {
    await bench.write(
      'parts/pet.yaml',
      'Pet:\n  type: object\n  properties:\n    friend: { $ref: "#/Pet" }\n    age: { type: integer, default: old }\n',
    );
    const schema = (ref: string) =>
      `responses: { default: { description: d, content: { application/json: { schema: { $ref: '${ref}' } } } } }`;
    const outcome = await lint(
      'main.yaml',
      `${HEAD}paths:\n  /a: { get: { operationId: a, ${schema('parts/pet.yaml#/Pet')} } }\n  /b: { get: { operationId: b, ${schema('../../etc/hostname')} } }\n  /c: { get: { operationId: c, ${schema('#/x')} } }\nx: { $ref: '#/x' }\n`,
    );
    expect(places(outcome)).toEqual(
      expect.arrayContaining(['api.ref_unresolved main.yaml:5', 'api.ref_unresolved main.yaml:6']),
    );
    expect(outcome.output).toMatchObject({ files: ['main.yaml', 'parts/pet.yaml'] });
  });

  it('stops at aliases that multiply', async () => {
    const rows = Array.from(
      { length: 12 },
      (_, index) =>
        `  a${index + 1}: &a${index + 1} [${Array.from({ length: 10 }, () => `*a${index}`).join(', ')}]`,
    );
    const outcome = await lint(
      'bomb.yaml',
      `${HEAD}x:\n  a0: &a0 [1]\n${rows.join('\n')}\npaths: {}\n`,
    );
    expect(outcome.findings.map(({ rule }) => rule)).toEqual(['api.parse_error']);
  });

  it('reads Swagger 2.0 with its own parameters, and lets innocent things be', async () => {
    const outcome = await lint(
      'old.yaml',
      `swagger: '2.0'\ninfo: { title: T, version: '1' }\nsecurityDefinitions: { key: { type: apiKey, in: query, name: k } }\npaths:\n  /a/{id}:\n    post:\n      operationId: a\n      security: []\n      parameters:\n        - { name: id, in: path, required: true, type: integer, default: x }\n        - { name: b, in: body, schema: { type: object, additionalProperties: true } }\n      ${OK}\n`,
    );
    expect(places(outcome).toSorted()).toEqual([
      'api.default_mismatch old.yaml:10',
      'api.key_in_query old.yaml:3',
    ]);
  });

  it('refuses what is no description', async () => {
    await bench.write('other.yaml', 'a: 1\n');
    expect(await bench.run('openapi_lint', { spec: 'other.yaml' })).toMatchObject({
      status: 'error',
      error: { code: 'tools.api.not_a_spec' },
    });
    expect(
      await bench.run('openapi_diff', { spec: 'broken.yaml', previous: 'other.yaml' }),
    ).toMatchObject({ error: { code: 'tools.api.not_a_spec' } });
    expect(await bench.run('api_mock', { spec: 'broken.yaml' })).toMatchObject({
      error: { code: 'tools.api.malformed' },
    });
  });
});

describe('openapi_diff', () => {
  const spec = (schema: string, path = '/a/{id}') =>
    `${HEAD}paths:\n  ${path}:\n    put:\n      operationId: a\n      security: []\n      parameters: [{ name: ${path.slice(4, -1)}, in: path, required: true, schema: { type: string } }]\n      requestBody: { content: { application/json: { schema: ${schema} } } }\n      responses: { '200': { description: d, content: { application/json: { schema: ${schema} } } } }\n`;

  it.each([
    ['nothing changed', '{ type: integer }', '{ type: integer }', []] as const,
    [
      'integer to number widens requests and breaks readers',
      '{ type: integer }',
      '{ type: number }',
      ['api.breaking_response_type_changed', 'api.changed_request_type_changed'],
    ],
    [
      'an enum that grows breaks readers only',
      '{ enum: [a] }',
      '{ enum: [a, b] }',
      ['api.breaking_response_enum_widened', 'api.changed_request_enum_widened'],
    ],
    [
      'a bound that rises breaks writers only',
      '{ type: integer, minimum: 1 }',
      '{ type: integer, minimum: 5 }',
      ['api.breaking_request_limit_changed', 'api.changed_response_limit_changed'],
    ],
  ])('%s', async (...[, before, after, rules]) => {
    await bench.write('before.yaml', spec(before));
    // Another name of a path parameter is the same request.
    await bench.write('after.yaml', spec(after, '/a/{no}'));
    const outcome = await bench.run('openapi_diff', {
      spec: 'after.yaml',
      previous: 'before.yaml',
    });
    expect(outcome.findings.map(({ rule }) => rule).toSorted()).toEqual(rules);
  });
});

const PETS = `${HEAD}paths:
  /pets/{id}:
    get:
      operationId: getPet
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses:
        '200':
          description: d
          content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
    delete:
      operationId: "evil */ name"
      summary: "*/ throw 1 /*"
      parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
      responses: { '204': { description: gone } }
components:
  schemas:
    Pet:
      type: object
      required: [name, tags, born, code]
      properties:
        name: { type: string, minLength: 6 }
        tags: { type: array, minItems: 2, items: { type: string, enum: [x] } }
        born: { type: [string, 'null'], format: date }
        code: { type: string, pattern: '^[A-Z]{2}-\\d{3}$' }
        parent: { $ref: '#/components/schemas/Pet' }
`;

describe('mock, contract test and client', () => {
  beforeAll(() => bench.write('pets.yaml', PETS));

  it('makes answers that fit their schemas, also of schemas that hold themselves', async () => {
    const outcome = await bench.run('api_mock', { spec: 'pets.yaml' });
    expect(outcome.output).toMatchObject({
      routes: [
        { operation: 'GET /pets/{id}', fits_schema: true, origin: 'schema' },
        { status: 204 },
      ],
    });
    expect(outcome.artifacts?.map(({ name }) => name)).toEqual([
      'mock-server.mjs',
      'mock-answers.json',
    ]);
  });

  it('tries reading operations against the mock, and others only when they are asked for', async () => {
    expect(await bench.run('contract_test', { spec: 'pets.yaml' })).toMatchObject({
      output: { tried: 1, left_out: 1, results: [{ outcome: 'fits' }] },
      findings: [],
    });
    const reading = { grants: [{ tool: 'contract_test', level: 'read_only' as const }] };
    expect(await bench.run('contract_test', { spec: 'pets.yaml' }, reading)).toMatchObject({
      status: 'success',
    });
    expect(
      await bench.run('contract_test', { spec: 'pets.yaml', methods: ['DELETE'] }, reading),
    ).toMatchObject({ status: 'denied', error: { code: 'tools.tool.not_granted' } });
  });

  it('reaches no private address', async () => {
    expect(
      await bench.run('contract_test', { spec: 'pets.yaml', base_url: 'http://127.0.0.1:9' }),
    ).toMatchObject({
      findings: [{ rule: 'api.contract_unreachable', evidence: 'tools.network.address_denied' }],
    });
    expect(
      await bench.run('contract_test', { spec: 'pets.yaml', base_url: 'file:///etc' }),
    ).toMatchObject({ error: { code: 'tools.arguments.invalid' } });
  });

  it('writes a client that passes the type check, whatever the texts of the description', async () => {
    const outcome = await bench.run('api_client', { spec: 'pets.yaml' });
    expect(outcome).toMatchObject({ output: { functions: ['getPet', 'evilName'], problems: [] } });
    expect(outcome.artifacts?.[0]?.content).toContain('parent?: Pet;');
  });
});
