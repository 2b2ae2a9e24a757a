import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { isPlatformError } from '@automatos/kernel';
import { isListed } from './host-list.ts';

/** One connection that a command asked for. */
export interface EgressConnection {
  host: string;
  port: number;
  allowed: boolean;
  /** Why not. */
  reason?: string;
}

export interface EgressProxyOptions {
  /** Existing folder for the socket, which the command sees. */
  folder: string;
  /** Entries as for `isListed`. */
  hosts: readonly string[];
  /** Address to connect to instead of the name; rejects for what is not public. */
  resolveAddress(host: string, port: number): Promise<string>;
  onConnection(connection: EgressConnection): void;
}

const CONNECTIONS_MAX = 64;
const IDLE_MS = 60_000;
/** Belong to one connection, not to the request (RFC 9110 §7.6.1). */
const HOP_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * The way out of a sandbox: an HTTP proxy on a socket file, which admits hosts of a list only and connects to the address that the
 * outbound guard judged, so that a name cannot lead elsewhere the second time. Every request is told.
 */
export async function startEgressProxy(
  options: EgressProxyOptions,
): Promise<{ socket: string; close(): Promise<void> }> {
  const sockets = new Set<Socket | Duplex>();
  const track = <S extends Socket | Duplex>(socket: S): S => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((request, response) => {
    void forward({ options, track }, request, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on('connection', track);
  server.on('connect', (request, inner: Duplex, head: Buffer) => {
    void tunnel({ options, track }, request, { inner, head });
  });
  const socket = join(options.folder, 'egress.sock');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  // The user of the sandbox may be another one; nobody else reaches the folder.
  await chmod(socket, 0o666);
  return {
    socket,
    async close() {
      for (const open of sockets) open.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

interface Site {
  options: EgressProxyOptions;
  track<S extends Socket | Duplex>(socket: S): S;
}

/** The address to connect to, or null after telling why not. */
async function admit(
  { options }: Site,
  host: string,
  port: number,
): Promise<{ address: string } | { reason: string }> {
  const refuse = (reason: string) => {
    options.onConnection({ host, port, allowed: false, reason });
    return { reason };
  };
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return refuse('it names no host and port');
  if (!isListed(options.hosts, host, port))
    return refuse(
      "it is not on the workspace's list of hosts; an administrator can add it in the settings of tools (network_hosts)",
    );
  try {
    const address = await options.resolveAddress(host, port);
    options.onConnection({ host, port, allowed: true });
    return { address };
  } catch (error) {
    return refuse(isPlatformError(error) ? error.message : 'its address was not found');
  }
}

async function tunnel(
  site: Site,
  request: IncomingMessage,
  { inner, head }: { inner: Duplex; head: Buffer },
): Promise<void> {
  site.track(inner);
  inner.on('error', () => inner.destroy());
  const authority = /^\[?([^\]\s]+?)\]?:(\d{1,5})$/.exec(request.url ?? '');
  const host = authority?.[1] ?? '';
  const port = authority?.[2] ?? '';
  const admitted = await admit(site, host, Number(port));
  if ('reason' in admitted) {
    inner.end(refusal(host, admitted.reason));
    return;
  }
  const outer = site.track(connect({ host: admitted.address, port: Number(port) }));
  outer.setTimeout(IDLE_MS, () => outer.destroy());
  outer.on('error', () => inner.destroy());
  outer.once('connect', () => {
    inner.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) outer.write(head);
    inner.pipe(outer);
    outer.pipe(inner);
  });
  outer.once('close', () => inner.destroy());
  inner.once('close', () => outer.destroy());
}

function refusal(host: string, reason: string): string {
  const text = `The connection to "${host.slice(0, 253)}" was refused: ${reason}.\n`;
  return `HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`;
}

async function forward(
  site: Site,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(request.url ?? '');
  const host = url?.protocol === 'http:' ? url.hostname.replaceAll(/^\[|\]$/g, '') : '';
  const port = url?.port ? Number(url.port) : 80;
  const admitted = await admit(site, host, port);
  if ('reason' in admitted || url === null) {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(
      `The request to "${host.slice(0, 253)}" was refused: ${'reason' in admitted ? admitted.reason : 'it is no URL'}.\n`,
    );
    return;
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !HOP_HEADERS.has(name)),
  );
  const outgoing = httpRequest({
    host: admitted.address,
    port,
    method: request.method,
    path: `${url.pathname}${url.search}`,
    // The address is the guard's, the name is the one that was asked for.
    headers: { ...headers, host: url.host },
    agent: false,
    timeout: IDLE_MS,
  });
  outgoing.once('socket', (socket) => site.track(socket));
  outgoing.once('timeout', () => outgoing.destroy());
  outgoing.once('error', () => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end('The server could not be reached.\n');
  });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  request.pipe(outgoing);
}
