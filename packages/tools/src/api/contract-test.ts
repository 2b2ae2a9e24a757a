import { isPlatformError } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { apiFinding, type ApiProblem } from './api-finding.ts';
import { checkAnswer, type Answer } from './check-answer.ts';
import { buildRequest, faultsOf, type ContractRequest } from './contract-request.ts';
import { createSchemaChecker, type SchemaChecker } from './json-schema.ts';
import { findRoute, mockRoutes } from './mock-routes.ts';
import { listOperations, nameOf, type Operation } from './operations.ts';
import { specPathSchema } from './openapi-lint.ts';
import { requireSpec, type Spec } from './spec-document.ts';

const SAFE = ['GET', 'HEAD'] as const;
const FAILURES_MAX = 3;

const input = z.strictObject({
  spec: specPathSchema,
  base_url: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .describe(
      'Address under which the paths of the description lie; without it the built-in mock is tried',
    ),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .max(6)
    .default([...SAFE])
    .describe('Only these are called; others than GET and HEAD change things on the server'),
  headers: z
    .record(
      z.string().regex(/^[\w-]{1,60}$/),
      z
        .string()
        .max(4000)
        .regex(/^[\u0020-\u007e]*$/),
    )
    .default({})
    .describe('Sent with each request, e.g. authorization'),
  operations_max: z.int().min(1).max(500).default(200),
});
const row = z.object({
  operation: z.string(),
  url: z.string(),
  status: z.int().nullable(),
  outcome: z.enum(['fits', 'differs', 'inconclusive', 'unreachable']),
  note: z.string(),
});
const output = z.object({
  spec: z.string(),
  against: z.string(),
  operations: z.int(),
  tried: z.int(),
  left_out: z.int(),
  results: z.array(row),
});
type Request = z.output<typeof input>;
type Row = z.output<typeof row>;

/** Sends a request to whatever is tested. */
type Send = (request: ContractRequest, headers: Record<string, string>) => Promise<Answer>;

interface Trial {
  spec: Spec;
  check: SchemaChecker;
  request: Request;
  send: Send;
  base: string;
  problems: ApiProblem[];
}

function baseOf(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw toolError('tools.arguments.invalid', 'invalid-input', {
      message: `"base_url" must be an http or https URL such as https://api.example.com/v1, not "${text.slice(0, 100)}".`,
      errors: [{ pointer: '/base_url', message: 'not a URL' }],
    });
  return text.replace(/\/+$/, '');
}

function serverSend(base: string, env: ToolEnvironment): Send {
  return async (request, headers) => {
    const response = await env.fetch(`${base}${request.path}`, {
      method: request.method,
      headers: { ...request.headers, ...headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirectsMax: 0,
      timeoutMs: 15_000,
      signal: env.signal,
    });
    return {
      status: response.status,
      contentType: response.headers['content-type'] ?? '',
      text: new TextDecoder().decode(response.body),
      truncated: response.truncated,
    };
  };
}

function mockSend(spec: Spec, operations: readonly Operation[], check: SchemaChecker): Send {
  const routes = mockRoutes(spec, operations, check);
  return (request) => {
    const route = findRoute(routes, request.method, request.path.split('?')[0] ?? '');
    if (route === undefined)
      return Promise.resolve({
        status: 501,
        contentType: '',
        text: 'no answer is described',
        truncated: false,
      });
    const text =
      route.contentType === null
        ? ''
        : /json/i.test(route.contentType)
          ? JSON.stringify(route.body)
          : String(route.body);
    return Promise.resolve({
      status: route.status,
      contentType: route.contentType ?? '',
      text,
      truncated: false,
    });
  };
}

/** Calls an operation as it should be called and holds the answer against the description. */
async function tryOperation(operation: Operation, trial: Trial): Promise<Row> {
  const built = buildRequest(trial.spec, operation);
  const url = `${trial.base}${built.path}`;
  const answer = await trial.send(built, trial.request.headers);
  const story = `${built.method} ${url} answered ${answer.status}`;
  const shown = { operation: nameOf(operation), url, status: answer.status };
  const isOpen = operation.security.length === 0;
  if (!isOpen && (answer.status === 401 || answer.status === 403))
    return {
      ...shown,
      outcome: 'inconclusive',
      note:
        Object.keys(trial.request.headers).length === 0
          ? 'needs credentials; give them in "headers"'
          : 'the credentials given are refused',
    };
  if (built.invented && answer.status === 404)
    return {
      ...shown,
      outcome: 'inconclusive',
      note: 'the description has no example for its path parameters, and what was made up does not exist',
    };
  const problems = checkAnswer(answer, { spec: trial.spec, operation, check: trial.check, story });
  trial.problems.push(...problems);
  return {
    ...shown,
    outcome: problems.length === 0 ? 'fits' : 'differs',
    note: problems
      .map(({ message }) => message)
      .join(' ')
      .slice(0, 400),
  };
}

/** Calls an operation as it should not be called: without credentials, with missing or wrong parameters. Reading operations only. */
async function tryFaults(operation: Operation, trial: Trial): Promise<void> {
  const name = nameOf(operation);
  const isFine = (answer: Answer) => answer.status >= 200 && answer.status < 300;
  if (operation.security.length > 0) {
    const built = buildRequest(trial.spec, operation);
    const answer = await trial.send(built, {});
    if (isFine(answer))
      trial.problems.push({
        rule: 'contract_unprotected',
        severity: 'high',
        message: `${name} needs ${operation.security.map((each) => each.join(' + ')).join(' or ')}, but answers ${answer.status} without any credentials.`,
        at: operation.place,
        evidence: `${built.method} ${trial.base}${built.path} without credentials answered ${answer.status}`,
        fix: 'Check the credentials in the server, or describe the operation as open.',
      });
  }
  for (const fault of faultsOf(trial.spec, operation)) {
    const built = buildRequest(trial.spec, operation, fault);
    const answer = await trial.send(built, trial.request.headers);
    if (!isFine(answer)) continue;
    trial.problems.push({
      rule: 'contract_accepts_invalid',
      severity: 'medium',
      message: `${name} ${fault.what} is accepted with ${answer.status}.`,
      at: fault.at,
      evidence: `${built.method} ${trial.base}${built.path} answered ${answer.status}`,
      fix: 'Refuse it with 400 or 422, or describe the parameter as it is.',
    });
  }
}

async function tryAll(
  operations: readonly Operation[],
  trial: Trial,
  env: ToolEnvironment,
): Promise<Row[]> {
  const rows: Row[] = [];
  let failures = 0;
  for (const [index, operation] of operations.entries()) {
    env.progress(nameOf(operation), index / operations.length);
    try {
      rows.push(await tryOperation(operation, trial));
      if (
        trial.request.base_url !== undefined &&
        (operation.method === 'get' || operation.method === 'head')
      )
        await tryFaults(operation, trial);
      failures = 0;
    } catch (error) {
      if (!isPlatformError(error)) throw error;
      failures += 1;
      rows.push({
        operation: nameOf(operation),
        url: trial.base,
        status: null,
        outcome: 'unreachable',
        note: error.message,
      });
      // A server that is not there would cost the time limit of each operation.
      if (failures >= FAILURES_MAX && rows.every(({ outcome }) => outcome === 'unreachable'))
        throw error;
      trial.problems.push({
        rule: 'contract_unreachable',
        severity: 'high',
        message: `${nameOf(operation)} got no answer: ${error.message}`,
        at: operation.place,
        evidence: error.code,
      });
    }
  }
  return rows;
}

function summarise(rows: readonly Row[], against: string, leftOut: number): string {
  const count = (outcome: Row['outcome']) => rows.filter((one) => one.outcome === outcome).length;
  return `${rows.length} operations tried against ${against}: ${count('fits')} fit, ${count('differs')} differ, ${count('inconclusive')} are inconclusive, ${count('unreachable')} got no answer.${leftOut > 0 ? ` ${leftOut} operations were left out: their methods may change data ("methods" allows them).` : ''}`;
}

export const contractTest = defineTool({
  name: 'contract_test',
  title: 'Test a server against its description',
  description:
    'Calls the reading operations of an API as its OpenAPI description says, and checks status, content type and body against it; also that calls without credentials or with wrong parameters are refused. Without base_url it tries the built-in mock.',
  group: 'api',
  input,
  output,
  capabilities: ['read', 'network', 'write', 'destructive'],
  actions: { reading: ['read', 'network'], writing: ['read', 'network', 'write', 'destructive'] },
  actionOf: (request) =>
    request.methods.every((method) => method === 'GET' || method === 'HEAD')
      ? 'reading'
      : 'writing',
  timeoutMs: 300_000,
  idempotent: false,
  repeatable: (request) => {
    const methods = (request as { methods?: unknown } | null)?.methods ?? SAFE;
    return (
      Array.isArray(methods) && methods.every((method) => method === 'GET' || method === 'HEAD')
    );
  },
  isolation: 'worker',
  keywords: ['openapi', 'conformance', 'integration test', 'rest'],
  async run(request, env) {
    const spec = await requireSpec(request.spec, env);
    const all = listOperations(spec);
    const chosen = all
      .filter(({ method }) => request.methods.some((wanted) => wanted.toLowerCase() === method))
      .slice(0, request.operations_max);
    const check = await createSchemaChecker(spec);
    const base = request.base_url === undefined ? '' : baseOf(request.base_url);
    const send = base === '' ? mockSend(spec, all, check) : serverSend(base, env);
    const trial: Trial = { spec, check, request, send, base, problems: [] };
    const results = await tryAll(chosen, trial, env);
    const against = base === '' ? 'the built-in mock' : base;
    return {
      output: {
        spec: spec.main.path,
        against,
        operations: all.length,
        tried: results.length,
        left_out: all.length - results.length,
        results,
      },
      summary: summarise(results, against, all.length - results.length),
      findings: trial.problems.map((problem) => apiFinding('contract_test', problem)),
    };
  },
});
