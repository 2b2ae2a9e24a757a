import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { AgentFixture } from './agent-fixture.fixture.ts';
import { copyFixtureFiles, readExpected } from './evaluate-agent.fixture.ts';

/** How a route behaves: its waits in ms and statuses depend on the number of the request, never on the machine. */
const ROUTES: Readonly<Record<string, (count: number) => { waitMs: number; status: number }>> = {
  '/quick': () => ({ waitMs: 0, status: 200 }),
  '/steady': () => ({ waitMs: 5, status: 200 }),
  '/failing': (count) => ({ waitMs: 0, status: count % 10 === 0 ? 500 : 200 }),
  '/heavy': () => ({ waitMs: 400, status: 200 }),
  '/moody': (count) => ({ waitMs: count % 8 === 0 ? 1500 : 0, status: 200 }),
};

async function startServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const { waitMs, status } = ROUTES[path]?.(count) ?? { waitMs: 0, status: 404 };
    setTimeout(() => response.writeHead(status).end('{"ok":true}'), waitMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Text that does not compress, the same each time. */
function dense(name: string, bytes: number): string {
  let text = '';
  for (let index = 0; text.length < bytes; index += 1)
    text += createHash('sha512').update(`${name} ${index}`).digest('base64');
  return `var ${name}="${text.slice(0, bytes)}";`;
}

interface Part {
  source: string;
  text: string;
}

/** One line for each source, mapped as a whole. */
async function writeBundle(
  folder: string,
  name: string,
  { parts, withSources }: { parts: Part[]; withSources: boolean },
): Promise<void> {
  const map = {
    version: 3,
    sources: parts.map(({ source }) => source),
    ...(withSources ? { sourcesContent: parts.map(() => 'export const one = 1;') } : {}),
    names: [],
    mappings: parts.map((_, index) => (index === 0 ? 'AAAA' : 'ACAA')).join(';'),
  };
  const text = parts.map((part) => part.text).join('\n');
  await writeFile(join(folder, name), `${text}\n//# sourceMappingURL=${name}.map\n`);
  await writeFile(join(folder, `${name}.map`), JSON.stringify(map));
}

async function writeBuilt(folder: string): Promise<void> {
  const built = join(folder, 'dist');
  await mkdir(built);
  await writeBundle(built, 'vendor.js', {
    withSources: true,
    parts: [
      { source: '../node_modules/chart-kit/index.js', text: dense('kit', 300_000) },
      { source: '../node_modules/semver/index.js', text: dense('semver', 40_000) },
      { source: '../node_modules/old/node_modules/semver/index.js', text: dense('older', 40_000) },
      { source: '../src/app.ts', text: dense('app', 20_000) },
    ],
  });
  // Innocent: small, mapped without sources.
  await writeBundle(built, 'admin.js', {
    withSources: false,
    parts: [{ source: '../src/admin.ts', text: dense('admin', 4000) }],
  });
  const plain = Array.from(
    { length: 400 },
    (_, index) => `function step${index}(value) {\n  return value + ${index};\n}\n`,
  );
  await writeFile(join(built, 'legacy.js'), plain.join('\n'));
  await writeFile(join(built, 'loader.js'), 'const loaded = true;\nconsole.log(loaded);\n');
}

/** A service with slow routes, a hot function, heavy bundles, bad plans and worse measurements. */
export const performanceFixture: AgentFixture = {
  agent: 'performance',
  async prepare(folder) {
    await copyFixtureFiles('performance', folder);
    await writeBuilt(folder);
    const server = await startServer();
    return {
      task: {
        task_type: 'performance_analysis',
        target: folder,
        parameters: {
          url: server.url,
          routes: Object.keys(ROUTES),
          requests: 40,
          concurrency: 8,
          slow_ms: 900,
          tail_ms: 900,
          command: 'node scripts/build-report.js',
          baseline: join(folder, 'bench/baseline.json'),
          current: join(folder, 'bench/current.json'),
        },
      },
      expected: await readExpected('performance'),
      verify: ({ findings }) => {
        const fix = findings.find(({ rule }) => rule === 'performance.seq_scan')?.fix ?? '';
        const statement =
          /CREATE INDEX ON "?orders"?\s*\("?status"?.*"?customer_id"?.*"?created_at"?/i;
        return Promise.resolve(
          statement.test(fix) ? [] : [`the suggested index does not serve the filter: ${fix}`],
        );
      },
      close: server.close,
    };
  },
};
