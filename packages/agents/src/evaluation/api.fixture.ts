import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

const BOOK = {
  book_id: 'b-1',
  title: 'Emma',
  pages: '474',
  state: 'lent',
  cover_url: 'https://library.example.com/1',
};

type Answer = [status: number, body: unknown, contentType?: string];

/** A server that keeps to its description in some places and not in others. */
const ANSWERS: Readonly<Record<string, (url: URL) => Answer>> = {
  // Accepts what lacks the required "shelf", but looks at "limit" and "genre" as it should.
  '/books': (url) => {
    const [limit, genre] = [
      url.searchParams.get('limit') ?? '1',
      url.searchParams.get('genre') ?? 'poetry',
    ];
    return /^\d+$/.test(limit) && ['novel', 'poetry'].includes(genre)
      ? [200, [BOOK]]
      : [400, { title: 'wrong parameter' }, 'application/problem+json'];
  },
  '/books/b-1': () => [200, { ...BOOK, pages: 474, rating: 5 }],
  '/members': () => [503, { title: 'maintenance' }, 'application/problem+json'],
  '/opening-hours': () => [200, { open_from: '08:00', open_until: '18:00' }],
  '/weekly_stats': () => [200, '<p>42</p>', 'text/html'],
  '/new-arrivals': () => [204, ''],
  '/reading-rooms': () => [200, ['north', 'south']],
};

/** Operations that need credentials and, but for one, ask for them. */
const CHECKED = new Set(['/books', '/members']);

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://library');
  const isRefused = CHECKED.has(url.pathname) && request.headers.authorization !== 'Bearer fixture';
  const [status, body, type] = isRefused
    ? ([401, { title: 'sign in' }, 'application/problem+json'] as Answer)
    : (ANSWERS[url.pathname]?.(url) ?? [404, { title: 'not found' }, 'application/problem+json']);
  response.writeHead(status, { 'content-type': type ?? 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

async function listen(): Promise<{ server: Server; url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Starts the generated mock server and asks it for the opening hours. */
async function tryMockServer(file: string): Promise<string[]> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.once('exit', (code) => reject(new Error(`the mock server ended with ${code}`)));
    });
    const known = await fetch(`${url}/opening-hours`);
    const unknown = await fetch(`${url}/nothing`);
    const hours: unknown = await known.json();
    return known.status === 200 &&
      unknown.status === 404 &&
      JSON.stringify(hours) === '{"open_from":"08:00","open_until":"18:00"}'
      ? []
      : [
          `the mock server answers ${known.status} with ${JSON.stringify(hours)}, and ${unknown.status}`,
        ];
  } finally {
    child.kill();
  }
}

/** Calls the server of the fixture through the generated client. */
async function tryClient(file: string, url: string): Promise<string[]> {
  const module = (await import(file)) as {
    createClient(options: { baseUrl: string }): Record<string, () => Promise<unknown>>;
  };
  const hours = await module.createClient({ baseUrl: url })['getOpeningHours']?.();
  return JSON.stringify(hours) === '{"open_from":"08:00","open_until":"18:00"}'
    ? []
    : [`the client gives ${JSON.stringify(hours)}`];
}

async function verify(
  made: ReadonlyMap<string, string>,
  folder: string,
  url: string,
): Promise<string[]> {
  const [mock, client] = [made.get('mock-server.mjs'), made.get('api-client.ts')];
  if (mock === undefined || client === undefined)
    return ['mock-server.mjs or api-client.ts is missing'];
  const [mockFile, clientFile] = [
    join(folder, 'made-mock-server.mjs'),
    join(folder, 'made-client.ts'),
  ];
  await writeFile(mockFile, mock);
  await writeFile(clientFile, client);
  return [...(await tryMockServer(mockFile)), ...(await tryClient(clientFile, url))];
}

export const apiFixture: AgentFixture = {
  agent: 'api',
  async prepare(folder) {
    await copyFixtureFiles('api', folder);
    const { server, url } = await listen();
    return {
      task: {
        task_type: 'rest_api',
        parameters: {
          spec: join(folder, 'openapi.yaml'),
          previous: join(folder, 'previous.yaml'),
          base_url: url,
          headers: { authorization: 'Bearer fixture' },
        },
      },
      expected: await readExpected('api'),
      verify: (_, made) => verify(made, folder, url),
      close: () =>
        new Promise((resolve) => {
          server.closeAllConnections();
          server.close(() => resolve());
        }),
    };
  },
};
