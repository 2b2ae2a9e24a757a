import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig, devices } from '@playwright/test';

// Every worker reads this file again: the first process decides, the others find its choice in the environment.
const environment = process.env;
environment['AUTOMATOS_E2E_DATA_DIR'] ??= join(tmpdir(), `automatos-e2e-${process.pid}`);
// The only folder that the products under test may read.
environment['AUTOMATOS_E2E_ROOT'] ??= join(tmpdir(), 'automatos-e2e-root');
mkdirSync(environment['AUTOMATOS_E2E_ROOT'], { recursive: true });
environment['AUTOMATOS_E2E_PORT'] ??= await freePort();
environment['AUTOMATOS_E2E_API_PORT'] ??= await freePort();
const {
  AUTOMATOS_E2E_PORT: port,
  AUTOMATOS_E2E_API_PORT: apiPort,
  AUTOMATOS_E2E_DATA_DIR: dataDir,
} = environment;
const baseURL = `http://127.0.0.1:${port}`;

/** Browser tests against the product as a person starts it: `npm start` on a fresh data folder. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/browser',
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    ...devices['Desktop Chrome'],
    baseURL,
    trace: 'retain-on-failure',
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    launchOptions: {
      executablePath: environment['AUTOMATOS_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `node scripts/start.mjs --port ${port} --api-port ${apiPort} --data ${dataDir}`,
    url: baseURL,
    timeout: 300_000,
    reuseExistingServer: false,
    env: {
      AUTOMATOS_ROOTS: environment['AUTOMATOS_E2E_ROOT'],
      // Services that the tests put up themselves.
      AUTOMATOS_OUTBOUND_ALLOW: '127.0.0.1',
      // One person cannot click this fast; the limits have tests of their own.
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_PRINCIPAL_PER_MINUTE: '100000',
    },
    gracefulShutdown: { signal: 'SIGTERM', timeout: 15_000 },
  },
});

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise<unknown>((resolve) => server.close(resolve));
  return String(free);
}
