import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

/**
 * Every file that can open a connection, and what keeps it from addresses that it must not reach. A new one fails this test until it
 * says here what guards it; docs/security.md tells readers the same.
 */
const ALLOWED: Readonly<Record<string, string>> = {
  'packages/tools/src/outbound/guarded-fetch.ts': 'the guard',
  'packages/tools/src/outbound/public-address.ts': 'the guard',
  'packages/tools/src/outbound/probe-server.ts': 'connects to what the guard resolved',
  'packages/tools/src/sandbox/network/egress-proxy.ts':
    'connects to what the guard resolved, of hosts that the workspace lists',
  'packages/tools/src/sandbox/network/relay-main.ts':
    'runs inside of the sandbox, without a network of its own; connects to the socket file of the proxy',
  'packages/providers/src/calls/connection-pools.ts':
    'judges each connection; takes rules from the composition',
  'packages/providers/src/calls/transport.ts': 'connects through connection-pools.ts',
  'packages/providers/src/calls/credential.ts': 'wraps the fetch that it is given',
  'packages/providers/src/codecs/observe-responses.ts': 'wraps the fetch that it is given',
  'packages/identity/src/oidc/outside-issuers.ts':
    'fetches through the guard, which the composition gives it',
  'packages/identity/src/credentials/testing-access/smtp-login.ts':
    'connects to what the guard resolved',
  'packages/identity/src/credentials/testing-access/postgres-login.ts':
    'connects to what the guard resolved',
  'packages/identity/src/credentials/vault-secret-store.ts':
    "the operator's address, from the environment",
  'packages/database/src/database.ts': "the operator's address, from the environment",
  'packages/database/src/listener.ts': "the operator's address, from the environment",
  'packages/database/src/redis-connection.ts': "the operator's address, from the environment",
  'packages/database/src/data-dir-lock.ts': 'a socket in the data folder',
};
/** Programs that run on other machines, or in a browser: what they reach is not this server's network. */
const CLIENTS = ['packages/sdk/', 'apps/cli/', 'apps/web/'];
/** Taken by tests only. */
const TEST_FILES =
  /\.(?:test|suite|fixture|child|worker)\.tsx?$|\/testing\/|\/testing-[a-z]+\/.*\.fixture\./;

/** What opens connections: modules that can, and the global functions. Words after a dot are methods of something injected. */
const OPENERS: readonly [string, RegExp][] = [
  ['undici', /from 'undici'/],
  [
    'node:net',
    /\b(?:connect|createConnection|Socket)\b[^;]*from 'node:net'|\bnet\.(?:connect|createConnection|Socket)\(/,
  ],
  ['node:tls', /\bconnect\b[^;]*from 'node:tls'|\btls\.connect\(/],
  ['node:http', /\b(?:request|get|Agent)\b[^;]*from 'node:https?'|\bhttps?\.(?:request|get)\(/],
  ['node:http2', /from 'node:http2'/],
  ['node:dgram', /from 'node:dgram'/],
  ['fetch', /(?<![.\w']|async )fetch\((?!\w+: )/],
  ['fetch as a value', /(?<!typeof )globalThis\.fetch/],
  ['WebSocket', /new WebSocket\(/],
  ['EventSource', /new EventSource\(/],
  ['pg', /new pg\.(?:Pool|Client)\(|new (?:Pool|Client)\(/],
  ['redis', /from 'ioredis'|from 'redis'/],
  ['mail', /from 'nodemailer'/],
  ['others', /from '(?:axios|got|node-fetch|ky|superagent|needle|jose\/jwks)'|createRemoteJWKSet/],
];

function sources(): string[] {
  return globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.{ts,tsx}'], { cwd: ROOT })
    .filter((file) => !TEST_FILES.test(file) && !CLIENTS.some((start) => file.startsWith(start)))
    .toSorted();
}

/** Without comments, and without type-only imports, which connect to nothing. */
function code(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
    .replaceAll(/import type [^;]+;/g, '')
    .replaceAll(/\btype \w+(?: as \w+)?,?/g, '');
}

function openersIn(text: string): string[] {
  const plain = code(text);
  return OPENERS.filter(([, pattern]) =>
    plain.split(';').some((statement) => pattern.test(`${statement};`)),
  ).map(([name]) => name);
}

describe('outgoing connections', () => {
  const files = sources();

  test('are opened by the listed files only', () => {
    const found = files.filter(
      (file) => openersIn(readFileSync(join(ROOT, file), 'utf8')).length > 0,
    );
    expect(found).toEqual(Object.keys(ALLOWED).toSorted());
  });

  test('and each is told in docs/security.md', () => {
    const text = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
    const missing = Object.keys(ALLOWED).filter(
      (file) => !text.includes(file.split('/').at(-1) ?? ''),
    );
    expect(missing).toEqual([]);
  });

  test.each([
    ["import { fetch } from 'undici';", ['undici']],
    ["import { connect as connectTcp, isIP } from 'node:net';", ['node:net']],
    ["import { isIP } from 'node:net';", []],
    ["import type { Socket } from 'node:net';", []],
    ["import { request as send } from 'node:https';", ['node:http']],
    ["import { createServer } from 'node:http';", []],
    ['await fetch(url);', ['fetch']],
    ['await deps.fetch(url);', []],
    ['// await fetch(url);', []],
    ['const client = new pg.Client({});', ['pg']],
  ])('%s is seen as %j', (text, found) => {
    expect(openersIn(text)).toEqual(found);
  });
});
