import { access } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Duplex } from 'node:stream';
import { isPlatformError, newId, PlatformError, type Logger } from '@automatos/kernel';
import { boundArrival, type ArrivalTimes } from './http/arrival-times.ts';
import { answerBrokenRequest } from './http/broken-request.ts';
import { createTrustTest, type TrustTest } from './http/client-address.ts';
import { watchConnections } from './http/closing-port.ts';
import { portError, type HttpEdge } from './http/http-server.ts';
import { toProblem, toRequestError } from './http/problem.ts';
import { securityHeaders, SIGN_IN_OFF } from './http/security-headers.ts';

type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** A page renderer that was loaded; `close` frees what it holds. */
export interface PageRenderer {
  handle: PageHandler;
  close(): Promise<void>;
}

export interface WebServerDeps {
  /** The API of this process: its paths are answered in process, without a proxy hop. */
  edge: Pick<HttpEdge, 'requestListener' | 'handleUpgrade' | 'drain'>;
  /** Loads what renders pages, e.g. {@link loadNextRenderer}; called once, after the port is open. */
  loadRenderer: () => Promise<PageRenderer>;
  settings: { trustProxy: readonly string[]; arrival?: ArrivalTimes; signInOff?: boolean };
  logger: Logger;
  /** Told when pages can be served, and when not. */
  onState?: (state: 'loading' | 'ready' | 'failed') => void;
}

export interface WebServer {
  listen(at: { host: string; port: number }): Promise<{ port: number; url: string }>;
  /** Resolves when pages can be served; rejects with the reason why they cannot. */
  ready: Promise<void>;
  close(): Promise<void>;
}

/** First parts of paths that belong to the API on the web port too. */
const API_ROOTS: ReadonlySet<string> = new Set([
  'api',
  'v1',
  'mcp',
  'a2a',
  'ws',
  'docs',
  'health',
  'ready',
  'metrics',
  'openapi.json',
  '.well-known',
]);

/**
 * Returns the server of the web port. The API's paths go straight to the API's own listener: rewrites of a web
 * framework buffer event streams, cut uploads and believe forged addresses. Everything else is a page, which waits until the
 * renderer is loaded; the API answers before that.
 */
export function createWebServer(deps: WebServerDeps): WebServer {
  const isTrusted = createTrustTest(deps.settings.trustProxy);
  const loading = Promise.withResolvers<PageRenderer>();
  // Page requests and `ready` report it; without either it would end the process.
  loading.promise.catch(() => undefined);

  const server = createServer(boundArrival(deps.settings.arrival), (request, response) => {
    if (isApiPath(request.url)) return deps.edge.requestListener(request, response);
    void servePage(request, response);
    return undefined;
  });
  server.on('clientError', answerBrokenRequest);
  const connections = watchConnections(server);
  server.keepAliveTimeout = 65_000;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
    deps.edge.handleUpgrade(request, socket, head),
  );

  async function servePage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { handle } = await loading.promise;
      preparePage(request, response, isTrusted);
      for (const [name, value] of deps.settings.signInOff === true
        ? Object.entries(SIGN_IN_OFF)
        : [])
        response.setHeader(name, value);
      await handle(request, response);
    } catch (error) {
      if (!isPlatformError(error))
        deps.logger.error({ err: error, path: request.url?.split('?')[0] }, 'a page failed');
      sendFailure(response, error);
    }
  }

  async function load(): Promise<void> {
    deps.onState?.('loading');
    try {
      loading.resolve(await deps.loadRenderer());
      deps.onState?.('ready');
    } catch (error) {
      deps.logger.error({ err: error }, 'the web application could not be loaded; the API goes on');
      loading.reject(error);
      deps.onState?.('failed');
    }
  }

  return {
    ready: loading.promise.then(() => undefined),
    async listen(at) {
      await listen(server, at);
      void load();
      const { port } = server.address() as AddressInfo;
      return { port, url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}` };
    },
    async close() {
      loading.reject(closingError());
      await loading.promise.then((renderer) => renderer.close()).catch(() => undefined);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Streams and WebSockets of this port belong to the API: it ends them, or the port would wait for them.
      await deps.edge.drain();
      const ending = connections.end();
      await closed;
      ending.stop();
    },
  };
}

function closingError(): PlatformError {
  return new PlatformError({
    code: 'http.server.closing',
    kind: 'unavailable',
    message: 'The server is shutting down.',
  });
}

export function isApiPath(url: string | undefined): boolean {
  const first = /^\/([^/?#]*)/.exec(url ?? '')?.[1];
  return first !== undefined && API_ROOTS.has(first);
}

/** Files beside the pages. As documents of their own, e.g. a picture that holds a script, they may do nothing. */
const FILES = /^\/(?:_next\/(?:static|image)(?:\/|\?)|icon\.svg|favicon\.ico)/;
const FILES_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";

/** Pages get the API's headers but for its CSP, which forbids every script; theirs comes with a nonce from the renderer. */
function preparePage(
  request: IncomingMessage,
  response: ServerResponse,
  isTrusted: TrustTest,
): void {
  const isFromProxy = isTrusted(request.socket.remoteAddress ?? '');
  const overTls = isFromProxy && request.headers['x-forwarded-proto'] === 'https';
  for (const [name, value] of Object.entries(securityHeaders(overTls))) {
    if (name !== 'content-security-policy') response.setHeader(name, value);
  }
  if (FILES.test(request.url ?? '')) response.setHeader('content-security-policy', FILES_POLICY);
  if (isFromProxy) return;
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith('x-forwarded-') || name === 'forwarded') delete request.headers[name];
  }
}

function sendFailure(response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const problem = toProblem(toRequestError(thrown), newId());
  response.writeHead(problem.status === 500 ? 500 : 503, {
    ...securityHeaders(false),
    'content-type': 'text/plain; charset=utf-8',
    'retry-after': '5',
  });
  response.end(`${problem.detail}\n`);
}

function listen(server: Server, at: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(portError(error, at, '--port'));
    server.once('error', onError);
    server.listen(at.port, at.host, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

interface NextModule {
  default(options: object): {
    prepare(): Promise<void>;
    getRequestHandler(): PageHandler;
    close(): Promise<void>;
  };
}

/** Loads the built web application in `dir`. Throws `web.build.missing` when `npm start` has not built it. */
export async function loadNextRenderer(
  dir: string,
  at: { host: string; port: number },
): Promise<PageRenderer> {
  try {
    await access(join(dir, '.next', 'BUILD_ID'));
  } catch (error) {
    throw new PlatformError({
      code: 'web.build.missing',
      kind: 'unavailable',
      message:
        'The web application is not built yet: run "npm start", or "npx next build" in apps/web. The API works without it.',
      cause: error,
    });
  }
  const entry = createRequire(join(dir, 'package.json')).resolve('next');
  const { default: next } = (await import(pathToFileURL(entry).href)) as NextModule;
  // Next listens for upgrades on the server it is given: with the real one it would answer WebSockets a second time.
  const idle = createServer();
  const app = next({
    dev: false,
    dir,
    hostname: at.host,
    port: at.port,
    customServer: true,
    httpServer: idle,
  });
  await app.prepare();
  return { handle: app.getRequestHandler(), close: () => app.close() };
}
