/** The least that a proxy can be: `node bench/gateway-bare.ts <vendor url>`. No sign-in, no limits, no record. Prints its port. */
import { Agent, createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

const vendor = new URL(process.argv[2] ?? '');
const agent = new Agent({ keepAlive: true, maxSockets: 1_000 });

const server = createServer((incoming, response) => {
  const parts: Buffer[] = [];
  incoming.on('data', (part: Buffer) => parts.push(part));
  incoming.on('end', () => {
    const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
    const text = JSON.stringify({ ...body, model: String(body['model']).split('/').at(-1) });
    const upstream = send(
      {
        agent,
        host: vendor.hostname,
        port: vendor.port,
        path: incoming.url,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          authorization: 'Bearer vendor',
        },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, {
          'content-type': answer.headers['content-type'] ?? '',
        });
        answer.pipe(response);
      },
    );
    upstream.on('error', () => response.writeHead(502).end());
    upstream.end(text);
  });
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
