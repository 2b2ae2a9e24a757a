import { request as requestPlain, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestEncrypted } from 'node:https';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import { isPlatformError } from '@automatos/kernel';
import type { ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';

/**
 * Connections that look at a server itself, where `fetch` refuses to: they go on with a certificate that proves nothing, because
 * that is what is to be reported. Nothing is sent on them but one request without credentials, to the address that the guard gave.
 */
type Network = Pick<ToolEnvironment, 'resolveAddress' | 'signal'>;

const TIMEOUT_MS = 15_000;

export interface TlsTarget {
  host: string;
  port: number;
}

/** What a handshake told; `certificates` starts with the server's own, DER. */
export interface Handshake {
  protocol: string | null;
  cipher: string;
  certificates: Buffer[];
  /** Code of the first problem with trust or name, or null when the system trusts it. */
  problem: string | null;
}

/** A URL that may be looked at: http or https, without a user name. Throws `tools.network.*`. */
export function urlToProbe(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') {
    throw toolError(
      'tools.network.url_invalid',
      'invalid-input',
      `"${text.slice(0, 200)}" is not an absolute URL without a user name, such as https://example.com/.`,
    );
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw toolError(
    'tools.network.scheme_denied',
    'invalid-input',
    `"${url.protocol}" URLs are refused; use http or https.`,
  );
}

/** Host and port of a URL, the host without the brackets of IPv6. */
export function targetOf(url: URL): TlsTarget {
  return {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
  };
}

function failed(target: TlsTarget, error: unknown): Error {
  const why = error instanceof Error ? error.message : 'unknown reason';
  return toolError('tools.network.failed', 'upstream-failed', {
    message: `The connection to "${target.host}:${target.port}" failed: ${why.slice(0, 200)}.`,
    cause: error,
  });
}

function timedOut(target: TlsTarget): Error {
  const message = `"${target.host}:${target.port}" did not answer within ${TIMEOUT_MS} ms.`;
  return toolError('tools.network.timeout', 'timeout', message);
}

function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let next: PeerCertificate | undefined = socket.getPeerCertificate(true);
  // The last one names itself as its issuer.
  while (next?.raw !== undefined && !chain.some((raw) => raw.equals(next?.raw as Buffer))) {
    chain.push(next.raw);
    next = (next as { issuerCertificate?: PeerCertificate }).issuerCertificate;
  }
  return chain;
}

function nameOf(host: string): ConnectionOptions {
  return isIP(host) === 0 ? { servername: host } : {};
}

/** One TLS handshake within the given protocols. Rejects with `tools.network.*`, also when none of them is spoken. */
export async function shakeHands(
  target: TlsTarget,
  network: Network,
  options: Pick<ConnectionOptions, 'minVersion' | 'maxVersion' | 'ciphers'> = {},
): Promise<Handshake> {
  const address = await network.resolveAddress(target.host, target.port);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: address,
      port: target.port,
      ...nameOf(target.host),
      rejectUnauthorized: false,
      ...options,
    });
    const onAbort = () => socket.destroy(network.signal.reason as Error);
    network.signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(timedOut(target)));
    socket.once('error', (error) => {
      network.signal.removeEventListener('abort', onAbort);
      const known = network.signal.aborted || isPlatformError(error);
      reject(known ? error : failed(target, error));
    });
    socket.once('secureConnect', () => {
      network.signal.removeEventListener('abort', onAbort);
      const { authorizationError: problem } = socket;
      resolve({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        certificates: chainOf(socket),
        problem: socket.authorized ? null : String(problem ?? 'UNKNOWN'),
      });
      socket.destroy();
    });
  });
}

/** Answer to one request, with every header as it came (names in lower case). */
export interface ProbedAnswer {
  status: number;
  url: string;
  headers: { name: string; value: string }[];
}

function headersOf(response: IncomingMessage): ProbedAnswer['headers'] {
  const { rawHeaders } = response;
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [{ name: name.toLowerCase(), value: rawHeaders[index + 1] ?? '' }] : [],
  );
}

function open(url: URL, address: string, headers: Record<string, string>): ClientRequest {
  const { host, port } = targetOf(url);
  const common = {
    host: address,
    port,
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, 'user-agent': 'Automatos/0.1', accept: '*/*', ...headers },
    agent: false as const,
    timeout: TIMEOUT_MS,
  };
  return url.protocol === 'https:'
    ? requestEncrypted({ ...common, ...nameOf(host), rejectUnauthorized: false })
    : requestPlain(common);
}

/** Asks for a page once, follows no redirect and reads no body. */
export async function probeHttp(
  url: URL,
  network: Network,
  headers: Record<string, string> = {},
): Promise<ProbedAnswer> {
  const target = targetOf(url);
  const address = await network.resolveAddress(target.host, target.port);
  return new Promise((resolve, reject) => {
    const request = open(url, address, headers);
    const onAbort = () => request.destroy(network.signal.reason as Error);
    network.signal.addEventListener('abort', onAbort, { once: true });
    const leave = () => network.signal.removeEventListener('abort', onAbort);
    request.once('timeout', () => request.destroy(timedOut(target)));
    request.once('error', (error) => {
      leave();
      const known = network.signal.aborted || isPlatformError(error);
      reject(known ? error : failed(target, error));
    });
    request.once('response', (response) => {
      leave();
      resolve({
        status: response.statusCode ?? 0,
        url: url.href,
        headers: headersOf(response),
      });
      response.destroy();
    });
    request.end();
  });
}
