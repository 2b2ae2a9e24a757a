import type { Readable } from 'node:stream';
import { newId } from '@automatos/kernel';
import { createLeakTest } from './markers.fixture.ts';
import type { LeakTest } from './markers.fixture.ts';
import { requestFor } from './operations.fixture.ts';
import type { Operation, Parameter, Request } from './operations.fixture.ts';
import { walk } from './sample-value.fixture.ts';
import type { SampleContext } from './sample-value.fixture.ts';
import type { Objects } from './seed-workspace.fixture.ts';
import type { Tenant, TwoWorkspaces } from './two-workspaces.fixture.ts';

/** Parameters that name nothing of a workspace: what they name is the same for all, or is told apart by the rest of the path. */
export const SHARED_PARAMETERS: Readonly<Record<string, string>> = {
  tool: 'todo_scan',
  provider: 'openai',
  slug: 'repository-health-review',
  version: '1',
  provider_id: 'example',
  circuit_id: 'none',
  suggestion_id: 'none',
  category: 'runs',
};

export interface Answer {
  status: number;
  code: string;
  /** Headers and body as one text. */
  text: string;
}

export interface Matrix {
  /** Sends a request as a caller of a workspace, notes the answer, and reports foreign data and failures of the server in it. */
  send(way: string, operation: Operation, sent: Request): Promise<Answer>;
  /** What was found so far, in sentences. */
  readonly problems: string[];
  readonly counts: {
    calls: number;
    ways: Map<string, number>;
    statuses: Map<number, number>;
    foreign: number;
  };
}

/** Told of each request. */
interface Around {
  begin(requestId: string, operation: string): void;
  end(requestId: string): void;
}

interface MatrixDeps {
  leaks: LeakTest;
  isFailureOk(operation: Operation, answer: Answer): boolean;
  around: Around;
}

/** They show what was asked before, so what was ever said to the product may stand in their answers. */
const RECORDS = /^\/api\/(?:audit|security)\b/;

/** Sends and keeps the books. `isFailureOk` says which answers of 500 and above prove nothing bad. */
export function createMatrix(world: TwoWorkspaces, deps: MatrixDeps): Matrix {
  const { leaks, isFailureOk, around } = deps;
  const counts = {
    calls: 0,
    ways: new Map<string, number>(),
    statuses: new Map<number, number>(),
    foreign: 0,
  };
  const problems: string[] = [];
  /** What was ever said, and what of it was taken: a workspace may show what it was given itself. */
  const all: string[] = [];
  const kept: string[] = [];
  return {
    counts,
    problems,
    async send(way, operation, sent) {
      const requestId = newId();
      const request = {
        ...sent,
        headers: { ...sent.headers, 'x-request-id': requestId },
      };
      around.begin(requestId, operation.id);
      const answer = await exchange(world, request);
      around.end(requestId);
      counts.calls += 1;
      counts.ways.set(way, (counts.ways.get(way) ?? 0) + 1);
      counts.statuses.set(answer.status, (counts.statuses.get(answer.status) ?? 0) + 1);
      const said = `${decodeURIComponent(request.url)} ${request.payload ?? ''} ${JSON.stringify(request.headers)}`;
      all.push(said);
      if (answer.status < 300 && operation.method !== 'GET') kept.push(said);
      const known = RECORDS.test(operation.path) ? all : [said, ...kept];
      const found = leaks.find(answer.text, known.join(' '));
      const told = `${way}: ${operation.id} ${request.method} ${request.url} ${request.payload ?? ''} → ${answer.status} ${answer.code}`;
      if (found.length > 0) {
        counts.foreign += 1;
        problems.push(`${told} holds foreign data: ${found.slice(0, 3).join(', ')}`);
      }
      if (answer.status >= 500 && !isFailureOk(operation, answer))
        problems.push(`${told} ${answer.text.slice(0, 300)}`);
      return answer;
    },
  };
}

/** Reads an answer; of one that streams without end, what comes first. */
async function exchange(world: TwoWorkspaces, request: Request): Promise<Answer> {
  const isStream = request.headers['accept'] === 'text/event-stream';
  const reply = await world.inject({ ...request, ...(isStream ? { payloadAsStream: true } : {}) });
  const isEndless =
    isStream && String(reply.headers['content-type']).startsWith('text/event-stream');
  const body = isStream ? await readStream(reply.stream(), isEndless) : reply.payload;
  const code = /"code":"([^"]+)"/.exec(body)?.[1] ?? '';
  return { status: reply.statusCode, code, text: `${JSON.stringify(reply.headers)} ${body}` };
}

async function readStream(stream: Readable, isEndless: boolean): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    if (isEndless) break;
  }
  return text;
}

/** Values of a parameter in a workspace. Throws for one that nobody taught the fixture. */
function valuesOf(
  objects: Objects,
  { name, schema }: Parameter,
  operation: Operation,
): readonly string[] {
  const shared = SHARED_PARAMETERS[name] ?? schema.enum?.[0];
  const known = objects[name] ?? (shared === undefined ? undefined : [shared as string]);
  if (known === undefined || known.length === 0)
    throw new Error(`teach the fixture about {${name}} of ${operation.id}`);
  return known;
}

/** What a parameter names is the same for every workspace. */
export const isShared = ({ name, schema }: Parameter) =>
  SHARED_PARAMETERS[name] !== undefined || schema.enum !== undefined;

/** Requests whose path names objects of `theirs`: all of them at once, and each alone beside own ones; by id and by slug. */
export function* foreignPaths(
  context: SampleContext,
  operation: Operation,
  { own, theirs }: { own: Objects; theirs: Objects },
): Generator<Request> {
  const named = operation.params.filter((each) => !isShared(each));
  for (const parameter of operation.params) valuesOf(own, parameter, operation);
  const choices = named.length > 1 ? [named, ...named.map((each) => [each])] : [named];
  for (const choice of choices) {
    const most = Math.max(0, ...choice.map((each) => valuesOf(theirs, each, operation).length));
    for (let index = 0; index < most; index += 1) {
      yield requestFor(context, operation, {
        param(parameter) {
          const values = valuesOf(choice.includes(parameter) ? theirs : own, parameter, operation);
          return values[Math.min(index, values.length - 1)] ?? '';
        },
      });
    }
  }
}

/** Fields of other names that hold objects of a workspace, by what they hold. */
const ALIASES: Readonly<Record<string, string>> = {
  left: 'run_id',
  right: 'run_id',
  parent: 'run_id',
  subject_email: 'email',
  run: 'run_id',
  actor: 'user_id',
  target: 'agent_id',
  recipe: 'recipe_id',
  agent: 'agent_id',
  persona: 'persona_id',
};

/** Values of another workspace for a field that, by its name or form, refers to something. */
function foreignValues(
  theirs: Objects,
  name: string,
  schema: { format?: string },
): readonly unknown[] {
  const known = theirs[name] ?? theirs[ALIASES[name] ?? `${name}_id`];
  if (known !== undefined) return known;
  return schema.format === 'uuid' ? (theirs['run_id'] ?? []) : [];
}

/** Requests with own objects in the path of which one field of the query or body refers to an object of `theirs`. */
export function* foreignFields(
  context: SampleContext,
  operation: Operation,
  { own, theirs }: { own: Objects; theirs: Objects },
): Generator<Request> {
  const fields = new Map<string, readonly unknown[]>();
  const note = (name: string, schema: { format?: string }) => {
    const values = foreignValues(theirs, name, schema);
    if (values.length > 0) fields.set(name, values);
  };
  for (const { name, schema } of operation.query) note(name, schema);
  if (operation.body !== null) {
    for (const { path, schema } of walk(context, operation.body))
      note(path.split('/').at(-1) ?? '', schema);
  }
  for (const [wanted, values] of fields) {
    for (const value of values) {
      yield requestFor(context, operation, {
        param: (parameter) => valuesOf(own, parameter, operation)[0] ?? '',
        field: (name) => (name === wanted ? value : undefined),
      });
    }
  }
}

/** A request with own objects everywhere. */
export function ownRequest(context: SampleContext, operation: Operation, own: Objects): Request {
  return requestFor(context, operation, {
    param: (parameter) => valuesOf(own, parameter, operation)[0] ?? '',
  });
}

export const leakTestFor = (tenant: Tenant, ids: ReadonlySet<string>): LeakTest =>
  createLeakTest(tenant.markers, ids);

/** Runs jobs in order, a few at once. */
export async function inTurn<T>(jobs: Iterable<T>, work: (job: T) => Promise<unknown>, atOnce = 4) {
  const iterator = jobs[Symbol.iterator]();
  const worker = async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next())
      await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** Every operation with every caller. */
export function* pairs<Other>(
  operations: readonly Operation[],
  others: readonly Other[],
): Generator<{ operation: Operation; other: Other }> {
  for (const operation of operations) for (const other of others) yield { operation, other };
}

/** With more headers. */
export const withHeaders = (request: Request, headers: Record<string, string>): Request => ({
  ...request,
  headers: { ...request.headers, ...headers },
});
