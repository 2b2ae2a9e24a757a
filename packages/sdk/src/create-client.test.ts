import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { ApiProblem } from './api-problem.ts';
import { createClient } from './create-client.ts';
import { getRun, signIn } from './generated/sdk.gen.ts';

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of close.splice(0)) await each();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function failure(call: Promise<unknown>): Promise<ApiProblem> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiProblem)) throw new Error('expected an ApiProblem');
  return error;
}

it('sends key and workspace, and gives the answer', async () => {
  const baseUrl = await serve((request, response) => {
    response.setHeader('content-type', 'application/json');
    const { 'x-api-key': key, 'x-workspace-id': workspace } = request.headers;
    response.end(JSON.stringify({ id: request.url, title: `${String(key)} ${String(workspace)}` }));
  });
  const client = createClient({ baseUrl, apiKey: 'ak_srv_1', workspaceId: 'w1' });
  const { data } = await getRun({ client, path: { run_id: 'a b' } });
  expect(data).toMatchObject({ id: '/api/runs/a%20b', title: 'ak_srv_1 w1' });
});

it("throws the server's problem with its fields, request id and retry time", async () => {
  const baseUrl = await serve((_request, response) => {
    const errors = [{ pointer: '/email', message: 'is not an address' }];
    const problem = {
      type: 't',
      title: 'T',
      status: 429,
      detail: 'Too many',
      code: 'http.rate.limited',
      request_id: 'r1',
      errors,
    };
    response.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': '7' });
    response.end(JSON.stringify(problem));
  });
  const client = createClient({ baseUrl });
  const problem = await failure(signIn({ client, body: { email: 'a', password: 'b' } }));
  expect(problem).toMatchObject({
    status: 429,
    code: 'http.rate.limited',
    requestId: 'r1',
    retryAfterMs: 7000,
    retryable: true,
    errors: [{ pointer: '/email', message: 'is not an address' }],
  });
  expect(problem.message).toBe('Too many');
});

it('says in its own words that no answer came, or one that is not ours', async () => {
  const baseUrl = await serve((request, response) =>
    request.url?.endsWith('/gone') === true
      ? request.socket.destroy()
      : response.writeHead(502, { 'x-request-id': 'r2' }).end('<html>Bad gateway</html>'),
  );
  const client = createClient({ baseUrl });
  expect(await failure(getRun({ client, path: { run_id: 'gone' } }))).toMatchObject({
    status: 0,
    code: 'client.network.unreachable',
    retryable: true,
  });
  expect(await failure(getRun({ client, path: { run_id: 'x' } }))).toMatchObject({
    status: 502,
    code: 'client.response.unexpected',
    requestId: 'r2',
  });
});

it('leaves an abort of the caller what it is', async () => {
  const client = createClient({ baseUrl: await serve(() => undefined) });
  const signal = AbortSignal.abort();
  await expect(getRun({ client, path: { run_id: 'x' }, signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});
