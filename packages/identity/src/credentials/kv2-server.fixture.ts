import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Version {
  data: unknown;
  created: string;
  deleted: string;
  destroyed: boolean;
}
interface Entry {
  versions: Map<number, Version>;
  current: number;
}

export interface Kv2Server {
  address: string;
  token: string;
  /** `false` answers as a sealed Vault does. */
  setSealed(sealed: boolean): void;
  /** Everything it holds, as text. */
  dump(): string;
  /** Exchanges the content of two paths behind the back of clients. */
  swap(first: string, second: string): void;
  paths(): string[];
  close(): Promise<void>;
}

const TOKEN = 'hvs.a-token-of-this-test';
const AT = '2026-11-21T10:00:00.000000000Z';
const VERSIONS_MAX = 10;

/** The part of Vault that the store uses, as HashiCorp documents KV version 2: versions, check-and-set, soft ends, error shapes. */
export async function startKv2Server(options: { casRequired?: boolean } = {}): Promise<Kv2Server> {
  const entries = new Map<string, Entry>();
  const vault: State = { entries, casRequired: options.casRequired ?? false };
  let sealed = false;

  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      if (sealed) return send(response, 503, { errors: ['Vault is sealed'] });
      if (request.headers['x-vault-token'] !== TOKEN)
        return send(response, 403, { errors: ['permission denied'] });
      const url = new URL(request.url ?? '', 'http://vault');
      const match = /^\/v1\/kv\/(data|metadata|destroy)\/(.+)$/.exec(url.pathname);
      if (match === null)
        return send(response, 404, {
          errors: [`no handler for route "${url.pathname.slice(4)}". route entry not found.`],
        });
      const [, part, path = ''] = match;
      const operation = `${request.method} ${part}`;
      const version = Number(url.searchParams.get('version') ?? 0);
      return answer(vault, response, { operation, path, version, body });
    });
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    setSealed: (value) => void (sealed = value),
    dump: () => JSON.stringify([...entries].map(([path, { versions }]) => [path, [...versions]])),
    swap(first, second) {
      const [a, b] = [entries.get(first), entries.get(second)];
      if (a !== undefined && b !== undefined) entries.set(first, b).set(second, a);
    },
    paths: () => [...entries.keys()],
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

interface State {
  entries: Map<string, Entry>;
  casRequired: boolean;
}

interface Request {
  operation: string;
  path: string;
  version: number;
  body: never;
}

function answer(vault: State, response: ServerResponse, asked: Request): void {
  const { operation, path, version, body } = asked;
  const entry = vault.entries.get(path);
  switch (operation) {
    case 'POST data':
    case 'PUT data':
      return write(vault, response, asked);
    case 'GET data': {
      const wanted = version === 0 ? entry?.current : version;
      const found = entry?.versions.get(wanted ?? 0);
      if (found === undefined) return send(response, 404, { errors: [] });
      const gone = found.destroyed || found.deleted !== '';
      return send(response, gone ? 404 : 200, {
        request_id: 'r',
        lease_id: '',
        renewable: false,
        data: { data: gone ? null : found.data, metadata: metadataOf(wanted ?? 0, found) },
      });
    }
    case 'GET metadata':
      if (entry === undefined) return send(response, 404, { errors: [] });
      return send(response, 200, {
        data: {
          cas_required: vault.casRequired,
          current_version: entry.current,
          oldest_version: Math.min(...entry.versions.keys()),
          max_versions: 0,
          versions: Object.fromEntries(
            [...entry.versions].map(([number, one]) => [number, metadataOf(number, one)]),
          ),
        },
      });
    case 'DELETE metadata':
      vault.entries.delete(path);
      return send(response, 204, null);
    case 'PUT destroy':
    case 'POST destroy':
      for (const number of (body as { versions: number[] }).versions) {
        const found = entry?.versions.get(number);
        if (found !== undefined) Object.assign(found, { destroyed: true, data: null });
      }
      return send(response, 204, null);
    default:
      return send(response, 405, { errors: ['unsupported operation'] });
  }
}

function write(vault: State, response: ServerResponse, { path, body }: Request): void {
  const { options: sent, data } = body as { options?: { cas?: number }; data?: unknown };
  const entry = vault.entries.get(path) ?? { versions: new Map<number, Version>(), current: 0 };
  if (data === undefined) return send(response, 400, { errors: ['no data provided'] });
  if (vault.casRequired && sent?.cas === undefined)
    return send(response, 400, { errors: ['check-and-set parameter required for this call'] });
  if (sent?.cas !== undefined && sent.cas !== entry.current)
    return send(response, 400, {
      errors: ['check-and-set parameter did not match the current version'],
    });
  entry.current += 1;
  const made: Version = { data, created: AT, deleted: '', destroyed: false };
  entry.versions.set(entry.current, made);
  entry.versions.delete(entry.current - VERSIONS_MAX);
  vault.entries.set(path, entry);
  return send(response, 200, { data: metadataOf(entry.current, made) });
}

function metadataOf(version: number, { created, deleted, destroyed }: Version) {
  return {
    created_time: created,
    deletion_time: deleted,
    destroyed,
    version,
    custom_metadata: null,
  };
}

async function readBody(request: IncomingMessage): Promise<never> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return (text === '' ? {} : JSON.parse(text)) as never;
}

function send(response: ServerResponse, status: number, body: object | null): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === null ? undefined : JSON.stringify(body));
}
