import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_WORKSPACE_ID, noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProviders } from '../calls/create-providers.ts';
import { settingsOf } from '../router/router.fixture.ts';
import { createChatPassthrough } from './chat-passthrough.ts';

const ANSWER = JSON.stringify({
  id: 'x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(400) } }],
});
const PAGE = `<html>${'please wait '.repeat(400)}</html>`;

/** Announces more than it sends, then breaks off. */
let vendor: Server;
let body = '';
const passthrough = createChatPassthrough({ clock: systemClock });
beforeAll(async () => {
  vendor = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': String(body.length + 100) });
    response.write(body, () => response.destroy());
  });
  await new Promise<void>((resolve) => {
    vendor.listen(0, '127.0.0.1', resolve);
  });
});
afterAll(async () => {
  await passthrough.close();
  vendor.close();
});

test.each([
  ['an answer is paid for by what came of it', ANSWER, true],
  ['a page that is none costs nothing', PAGE, false],
])('of a body that is cut, %s', async (_what, sent, isPaid) => {
  body = sent;
  const { port } = vendor.address() as AddressInfo;
  const sums = { output: 0, dollars: 0 };
  const { router } = createProviders({
    credentials: async () => ({ apiKey: 'k', baseUrl: `http://127.0.0.1:${port}/v1` }),
    clock: systemClock,
    logger: silentLogger,
    metrics: {
      ...noMetrics,
      count(name, labels, by = 1) {
        if (labels?.['direction'] === 'output') sums.output += by;
        if (name === 'amas_ai_provider_cost_usd_total') sums.dollars += by;
      },
    },
    platform: settingsOf({}),
  });
  const { signal } = new AbortController();
  const target = {
    begin: () => undefined,
    write: () => true,
    drained: async () => undefined,
    end: () => expect.unreachable('the answer was cut'),
  };
  const call = router.route(
    {
      owner: { workspaceId: DEFAULT_WORKSPACE_ID, callId: 'c', source: 'api' },
      kind: 'chat',
      refs: [{ provider: 'openai', model: 'gpt-5.4-mini' }],
      useChain: false,
      inputTokens: 10,
      maxOutputTokens: null,
      needs: [],
      signal,
    },
    (candidate) =>
      passthrough.send(
        candidate,
        { body: { model: 'x', messages: [{ role: 'user', content: 'a' }] }, inputTokens: 10 },
        target,
      ),
  );
  await expect(call).rejects.toMatchObject({ retryable: true });
  expect(sums.output > 400).toBe(isPaid);
  expect(sums.dollars > 0).toBe(isPaid);
});
