import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chmod } from 'node:fs/promises';
import type { Sandbox, SandboxCommand, SandboxResult } from '../sandbox.ts';
import { startEgressProxy } from './egress-proxy.ts';
import type { EgressConnection } from './egress-proxy.ts';

export interface NetworkGrant {
  /** `host`, `*.host` or either with `:port`. */
  hosts: readonly string[];
  resolveAddress(host: string, port: number): Promise<string>;
  /** Existing folder for sockets. */
  scratchDir: string;
}

/** Of a command; more are counted, not listed. */
const CONNECTIONS_LISTED = 100;
const PORT = 3128;
const PROXY = `http://127.0.0.1:${PORT}`;
const PROXY_VARIABLES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'all_proxy',
];

export interface NetworkResult extends SandboxResult {
  /** The first hundred that were asked for. */
  connections: EgressConnection[];
  connectionsTotal: number;
}

/**
 * Runs a command that may reach the hosts of a list through our proxy, and nothing else: its own network stays empty but for
 * the relay, which ends at the proxy.
 */
export async function runWithNetwork(
  sandbox: Sandbox,
  command: SandboxCommand,
  grant: NetworkGrant,
): Promise<NetworkResult> {
  const folder = await mkdtemp(join(grant.scratchDir, 'automatos-net-'));
  const connections: EgressConnection[] = [];
  let connectionsTotal = 0;
  try {
    await chmod(folder, 0o711);
    const proxy = await startEgressProxy({
      folder,
      hosts: grant.hosts,
      resolveAddress: grant.resolveAddress,
      onConnection(connection) {
        connectionsTotal += 1;
        if (connections.length < CONNECTIONS_LISTED) connections.push(connection);
      },
    });
    try {
      const result = await sandbox.run({
        ...command,
        argv: [
          '/egress/node',
          '/egress/relay.mjs',
          '/egress/net/egress.sock',
          String(PORT),
          ...command.argv,
        ],
        readable: [
          ...(command.readable ?? []),
          { from: process.execPath, to: '/egress/node' },
          {
            from: fileURLToPath(new URL('./relay-main.ts', import.meta.url)),
            to: '/egress/relay.mjs',
          },
          { from: folder, to: '/egress/net' },
        ],
        env: {
          ...command.env,
          ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, PROXY])),
          NO_PROXY: '',
          NODE_USE_ENV_PROXY: '1',
        },
      });
      return { ...result, connections, connectionsTotal };
    } finally {
      await proxy.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
