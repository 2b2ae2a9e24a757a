/** A vendor that answers at once in OpenAI's wire: `node bench/gateway-vendor.ts [down]`. Prints its port; with `down` it answers 503. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const isDown = process.argv[2] === 'down';
const WORDS = Array.from({ length: 20 }, (_, index) => `word${index} `);
const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
const HEAD = { id: 'chatcmpl-1', created: 1_790_000_000, model: 'gpt-5.4-mini' };
const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const STREAM = [
  chunk({ role: 'assistant', content: '' }),
  ...WORDS.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices: [], usage: USAGE })}\n\n`,
  'data: [DONE]\n\n',
];
const WHOLE = JSON.stringify({
  ...HEAD,
  object: 'chat.completion',
  choices: [
    { index: 0, message: { role: 'assistant', content: WORDS.join('') }, finish_reason: 'stop' },
  ],
  usage: USAGE,
});

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    if (isDown) {
      response.writeHead(503, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"down","type":"server_error"}}');
    } else if (Buffer.concat(parts).includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of STREAM) response.write(event);
      response.end();
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(WHOLE);
    }
  });
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
