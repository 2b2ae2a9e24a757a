import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { createSelfSigned } from '@automatos/testing';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

// Put together from parts, so that the scan of this very repository finds no key in it.
const AWS_KEY = ['AKIA', 'R5TNWQ7K', 'J3VXPM6D'].join('');
const SIGNING_KEY = ['vT8', 'qLz2-', 'Rw6Ybn4K'].join('');
const DATABASE_PASSWORD = ['mQ7', 'rails-', '3xVt'].join('');

const STORAGE_JS = `export const storage = {
  region: 'eu-central-1',
  accessKeyId: '${AWS_KEY}',
  signingKey: '${SIGNING_KEY}',
  secretKey: process.env.STORAGE_SECRET,
};
`;
const SERVICES_YAML = `orders:
  database: postgres://shop:${DATABASE_PASSWORD}@db.shop.example/orders
  cache: redis://cache.shop.example:6379
  template: postgres://user:\${PASSWORD}@localhost/orders
`;

/** What only a snapshot knows: an invented weakness of an invented package, and one that is over in the locked version. */
const SNAPSHOT = [
  {
    id: 'GHSA-t7mn-2b4c-9q6x',
    modified: '2026-10-04T00:00:00Z',
    aliases: ['CVE-2026-7001'],
    summary: 'prints the receipts of other shops',
    database_specific: { severity: 'HIGH' },
    affected: [
      {
        package: { ecosystem: 'npm', name: 'receipt-printer' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '1.0.0' }, { fixed: '1.3.5' }] }],
      },
    ],
  },
  {
    id: 'GHSA-w2kp-8d3f-5r1z',
    modified: '2026-09-01T00:00:00Z',
    aliases: ['CVE-2026-7002'],
    summary: 'parses for ever',
    database_specific: { severity: 'MODERATE' },
    affected: [
      {
        package: { ecosystem: 'npm', name: 'safe-parse' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '2.0.3' }] }],
      },
    ],
  },
];

async function startShop() {
  const server = createServer(
    {
      ...createSelfSigned({
        names: ['127.0.0.1', 'shop.example'],
        notBefore: new Date('2025-01-01T00:00:00Z'),
        notAfter: new Date('2026-01-01T00:00:00Z'),
        keyBits: 1024,
      }),
      // Without it the system refuses to serve a key as short as this one.
      ciphers: 'DEFAULT:@SECLEVEL=0',
    },
    (request, response) => {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'strict-origin-when-cross-origin',
        'access-control-allow-origin': request.headers.origin ?? 'https://shop.example',
        'access-control-allow-credentials': 'true',
        'x-powered-by': 'Express',
        server: 'shop',
        'set-cookie': [
          'session=aXVz0a; Path=/; Secure; SameSite=Lax',
          'csrf=c2Vj0b; Path=/; Secure; SameSite=Strict',
          'theme=dark; Path=/; Secure; SameSite=Lax',
        ],
      });
      response.end('<!doctype html><title>Shop</title>');
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** A small shop: its repository, its lock file, advisories beside it, and its page on an encrypted server of its own. */
export const securityFixture: AgentFixture = {
  agent: 'security',
  async prepare(folder) {
    await copyFixtureFiles('security', folder);
    const advisories = join(folder, '..', 'advisories');
    const files = {
      [join(folder, 'src/storage.js')]: STORAGE_JS,
      [join(folder, 'config/services.yaml')]: SERVICES_YAML,
      ...Object.fromEntries(
        SNAPSHOT.map((entry) => [join(advisories, `${entry.id}.json`), JSON.stringify(entry)]),
      ),
    };
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    const server = await startShop();
    const { port } = server.address() as AddressInfo;
    return {
      task: {
        task_type: 'security_audit',
        target: folder,
        parameters: { url: `https://127.0.0.1:${port}/`, advisories },
      },
      expected: await readExpected('security'),
      verify: (result) => Promise.resolve(wrongUpgrades(result.tools)),
      async close() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
};

/** The plan names the smallest version that helps, for each package that has one. */
function wrongUpgrades(tools: Record<string, { output?: unknown }>): string[] {
  const output = tools['upgrade_plan']?.output as
    | { upgrades?: { package: string; to: string }[] }
    | undefined;
  const planned = Object.fromEntries(
    (output?.upgrades ?? []).map((entry) => [entry.package, entry.to]),
  );
  const wanted = { lodash: '4.17.21', 'receipt-printer': '1.3.5' };
  return Object.entries(wanted)
    .filter(([name, version]) => planned[name] !== version)
    .map(([name, version]) => `${name}: ${planned[name] ?? 'nothing'} instead of ${version}`);
}
