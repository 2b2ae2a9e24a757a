import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isApiProblem } from './api-problem.ts';
import { createClient } from './create-client.ts';
import type { RunEvent } from './run-event.ts';
import { streamRunEvents, type StreamState } from './stream-run-events.ts';

const RUN = '019aa000-0000-7000-8000-000000000001';
type Connection = (after: number, response: ServerResponse, request: IncomingMessage) => void;

const event = (seq: number, type = 'step.progress') => ({
  id: `019aa000-0000-7000-8000-${String(seq).padStart(12, '0')}`,
  seq,
  workspace_id: RUN,
  type,
  subject: RUN,
  run_id: RUN,
  at: '2026-11-21T12:00:00.000Z',
  data: { message: `naïve 🍳 ${seq}` },
});
const frame = (seq: number, type?: string) =>
  Buffer.from(`id: ${seq}\nevent: x\ndata: ${JSON.stringify(event(seq, type))}\n\n`);

const close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of close.splice(0)) await each();
});

/** A server whose n-th event stream behaves as `connections[n]` says, the last one again and again. */
async function serve(connections: Connection[], run = { status: 'running', last_seq: 0 }) {
  const asked: number[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://local');
    if (!url.pathname.endsWith('/events')) {
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify({ id: RUN, ...run }));
    }
    const after = Number(request.headers['last-event-id']);
    expect(after).toBe(Number(url.searchParams.get('after')));
    expect(request.headers.accept).toBe('text/event-stream');
    const connection = connections[Math.min(asked.length, connections.length - 1)];
    asked.push(after);
    return connection?.(after, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    client: createClient({ baseUrl: `http://127.0.0.1:${port}`, apiKey: 'ak_srv_test' }),
    asked,
  };
}

const begin = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });
const delayMs = () => 1;

async function collect(events: AsyncIterable<RunEvent>) {
  const seqs: number[] = [];
  for await (const each of events) {
    expect((each.data as { message: string }).message).toBe(`naïve 🍳 ${each.seq}`);
    seqs.push(each.seq);
  }
  return seqs;
}

describe('streamRunEvents', () => {
  it('yields every event once, in order, although pieces end inside characters and lines', async () => {
    const all = Buffer.concat([
      frame(1),
      Buffer.from(': beat\n\n'),
      frame(2),
      frame(3, 'run.completed'),
    ]);
    const { client } = await serve([
      (_after, response) => {
        begin(response);
        const write = (at: number) => {
          if (at >= all.length) return response.end();
          return response.write(all.subarray(at, at + 7), () => setImmediate(write, at + 7));
        };
        write(0);
      },
    ]);
    expect(await collect(streamRunEvents(client, RUN, { delayMs }))).toEqual([1, 2, 3]);
  });

  it('goes on after the last event when the connection is cut inside an event, and drops repeats', async () => {
    const states: StreamState[] = [];
    const { client, asked } = await serve([
      (_after, response) => {
        begin(response);
        response.write(Buffer.concat([frame(1), frame(2), frame(3).subarray(0, 40)]), () =>
          response.destroy(),
        );
      },
      (_after, response) => {
        begin(response);
        response.end(Buffer.concat([frame(2), frame(3), frame(4)]));
      },
      (_after, response) => {
        begin(response);
        response.write(frame(5, 'run.failed'));
      },
    ]);
    const onState = (state: StreamState) => states.push(state);
    expect(await collect(streamRunEvents(client, RUN, { delayMs, onState }))).toEqual([
      1, 2, 3, 4, 5,
    ]);
    expect(asked).toEqual([0, 2, 4]);
    expect(states).toEqual([
      'connecting',
      'live',
      'reconnecting',
      'live',
      'reconnecting',
      'live',
      'ended',
    ]);
  });

  it('survives refusals that pass: 503, then a broken answer, then the stream', async () => {
    const { client, asked } = await serve([
      (_after, response) => response.writeHead(503).end('restarting'),
      (_after, response) => response.destroy(),
      (_after, response) => {
        begin(response);
        response.end(frame(8, 'run.cancelled'));
      },
    ]);
    expect(await collect(streamRunEvents(client, RUN, { after: 7, delayMs }))).toEqual([8]);
    expect(asked).toEqual([7, 7, 7]);
  });

  it("throws the server's problem when it will never answer otherwise", async () => {
    const problem = {
      type: 'about:blank',
      title: 'Not found',
      status: 404,
      detail: 'No run with this id.',
      code: 'runs.run.not_found',
      request_id: 'req-1',
    };
    const { client } = await serve([
      (_after, response) =>
        response
          .writeHead(404, { 'content-type': 'application/problem+json' })
          .end(JSON.stringify(problem)),
    ]);
    const failure = await collect(streamRunEvents(client, RUN, { delayMs })).catch(
      (error: unknown) => error,
    );
    expect(isApiProblem(failure) && [failure.status, failure.code, failure.requestId]).toEqual([
      404,
      'runs.run.not_found',
      'req-1',
    ]);
  });

  it('ends for a run that is over and whose events are all known', async () => {
    const { client, asked } = await serve([(_after, response) => begin(response).end()], {
      status: 'completed',
      last_seq: 12,
    });
    expect(await collect(streamRunEvents(client, RUN, { after: 12, delayMs }))).toEqual([]);
    expect(asked).toEqual([12]);
  });

  it('takes a silent connection for dead and makes a new one', async () => {
    const { client, asked } = await serve([
      (_after, response) => {
        begin(response);
        response.write(frame(1));
      },
      (_after, response) => begin(response).end(frame(2, 'run.completed')),
    ]);
    const stream = streamRunEvents(client, RUN, { delayMs, silenceMsMax: 100 });
    expect(await collect(stream)).toEqual([1, 2]);
    expect(asked).toEqual([0, 1]);
  });

  it('ends quietly and hangs up when the caller aborts', async () => {
    const abort = new AbortController();
    const hungUp = Promise.withResolvers<void>();
    const { client } = await serve([
      (_after, response, request) => {
        begin(response);
        response.write(frame(1));
        request.on('close', () => hungUp.resolve());
      },
    ]);
    const seqs: number[] = [];
    for await (const each of streamRunEvents(client, RUN, { signal: abort.signal, delayMs })) {
      seqs.push(each.seq);
      abort.abort();
    }
    await hungUp.promise;
    expect(seqs).toEqual([1]);
  });
});
