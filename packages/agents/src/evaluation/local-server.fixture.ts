import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createEncrypted } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What a path answers. */
export interface LocalAnswer {
  status?: number;
  type?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A server on loopback for a fixture, with the paths that were asked for. */
export interface LocalServer {
  url: string;
  asked: string[];
  close(): Promise<void>;
}

/** Serves the answers by path; everything else is 404. With a certificate it speaks TLS. */
export async function startLocalServer(
  answers: Readonly<Record<string, LocalAnswer>>,
  certificate?: { key: string; cert: string },
): Promise<LocalServer> {
  const asked: string[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    asked.push(path);
    const answer = answers[path] ?? { status: 404, body: 'nothing here' };
    response.writeHead(answer.status ?? 200, {
      'content-type': answer.type ?? 'text/html; charset=utf-8',
      ...answer.headers,
    });
    response.end(answer.body ?? '');
  };
  const server =
    certificate === undefined ? createServer(handle) : createEncrypted(certificate, handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
