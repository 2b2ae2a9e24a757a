import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { DEFAULT_WORKSPACE_ID, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { createAddressRules } from '@automatos/kernel/addresses';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPoster } from '../passthrough/post-bytes.ts';
import type { NameLookup } from './connection-pools.ts';
import { createProviders } from './create-providers.ts';
import type { Providers } from './create-providers.ts';

let server: Server;
let port: number;
let requests: Record<string, string | string[] | undefined>[] = [];
/** What the name `vendor.example` means, one entry for each look-up; the last one stays. */
let meanings: string[][] = [];

const lookup: NameLookup = (_host, _options, done) => {
  const found = (meanings.length > 1 ? meanings.shift() : meanings[0]) ?? [];
  done(
    null,
    found.map((address): LookupAddress => ({ address, family: 4 })),
  );
};

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request.headers);
    const choice = { index: 0, finish_reason: 'stop', delta: { role: 'assistant', content: 'hi' } };
    const chunk = {
      id: 'a',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [choice],
    };
    response.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  requests = [];
});

async function within<T>(
  options: { host: string; allow?: string[] },
  use: (providers: Providers) => Promise<T>,
): Promise<T> {
  const providers = createProviders({
    credentials: () =>
      Promise.resolve({ apiKey: 'sk-test', baseUrl: `http://${options.host}:${port}/v1` }),
    clock: systemClock,
    metrics: noMetrics,
    logger: silentLogger,
    outbound: { rules: createAddressRules(options.allow ?? []), lookup },
    requestId: () => 'request-12345678',
  });
  try {
    return await use(providers);
  } finally {
    await providers.close();
  }
}

const ask = (providers: Providers) =>
  providers.call({
    workspaceId: DEFAULT_WORKSPACE_ID,
    ref: { provider: 'openai-compatible', model: 'm' },
    useChain: false,
    messages: [{ role: 'user', content: 'hello' }],
    signal: new AbortController().signal,
  });

describe('calls of models', () => {
  test('a stored address that means loopback when the call connects is refused', async () => {
    meanings = [['127.0.0.1']];
    await within({ host: 'vendor.example' }, (providers) =>
      expect(ask(providers)).rejects.toMatchObject({ code: 'providers.address.denied' }),
    );
    expect(requests).toEqual([]);
  });

  test('it is judged anew at each connection, and the checked address is the one connected to', async () => {
    meanings = [['127.0.0.1'], ['127.0.0.1', '10.0.0.1']];
    await within({ host: 'vendor.example', allow: ['127.0.0.0/8'] }, async (providers) => {
      expect(await ask(providers)).toMatchObject({ text: 'hi' });
      await expect(ask(providers)).rejects.toMatchObject({ code: 'providers.address.denied' });
    });
    expect(requests).toHaveLength(1);
  });

  test.each(['127.0.0.1', '2130706433', '[::ffff:7f00:1]'])(
    'an address in place of a name, %s, is refused',
    async (host) => {
      await within({ host }, (providers) =>
        expect(ask(providers)).rejects.toMatchObject({ code: 'providers.address.denied' }),
      );
      expect(requests).toEqual([]);
    },
  );

  test('a host that the operator named is reached; the vendor is told which request it is for', async () => {
    meanings = [['127.0.0.1']];
    await within({ host: 'vendor.example', allow: [`vendor.example:${port}`] }, (providers) =>
      expect(ask(providers)).resolves.toMatchObject({ text: 'hi' }),
    );
    expect(requests[0]?.['x-request-id']).toBe('request-12345678');
  });

  test('bytes passed through take the same guard', async () => {
    meanings = [['127.0.0.1']];
    const poster = createPoster({ rules: createAddressRules([]), lookup });
    const post = {
      url: `http://vendor.example:${port}/v1`,
      headers: {},
      body: '{}',
      connectMs: 1000,
      signal: new AbortController().signal,
    };
    const handler = { onHead: () => undefined, onData: () => undefined };
    await expect(poster.post(post, handler)).rejects.toMatchObject({
      code: 'providers.address.denied',
    });
    expect(requests).toEqual([]);
    await poster.close();
  });
});
