import { isRecord, parseJson } from '../security/audit-result.ts';
import { jsonLines, pointerKey } from '../security/json-lines.ts';
import { factIn, inFolder, slugOf, type Component, type Project, type TextFact } from './stack.ts';

const LOCKS: readonly [file: string, manager: string, install: string][] = [
  ['package-lock.json', 'npm', 'npm ci'],
  ['npm-shrinkwrap.json', 'npm', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn', 'yarn install --frozen-lockfile'],
];

/** Packages that make a framework, and the port on which it listens unless told otherwise. */
const FRAMEWORKS: Readonly<Record<string, number | null>> = {
  next: 3000,
  nuxt: 3000,
  '@nestjs/core': 3000,
  '@remix-run/serve': 3000,
  express: null,
  fastify: null,
  koa: null,
  hono: null,
  '@hapi/hapi': null,
  vite: null,
  react: null,
  vue: null,
  svelte: null,
  '@angular/core': null,
};
const NEEDS: Readonly<Record<string, string>> = {
  pg: 'postgres',
  postgres: 'postgres',
  '@prisma/client': 'postgres',
  mysql2: 'mysql',
  redis: 'redis',
  ioredis: 'redis',
  bullmq: 'redis',
  mongodb: 'mongodb',
  mongoose: 'mongodb',
};

interface Manifest {
  path: string;
  text: string;
  data: Record<string, unknown>;
  lines: Map<string, number>;
}

function entries(manifest: Manifest, section: string): Record<string, string> {
  const found = manifest.data[section];
  if (!isRecord(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}

function factAt(manifest: Manifest, pointer: string, value: string): TextFact {
  const line = manifest.lines.get(pointer) ?? 1;
  const evidence = (manifest.text.split('\n')[line - 1] ?? '').trim().slice(0, 200);
  return { value, path: manifest.path, line, evidence };
}

function managerOf(
  manifest: Manifest,
  folder: string,
  project: Project,
): { manager: TextFact; lock: string | null; install: string } {
  // The lock file of a workspace lies at its top.
  for (const place of [folder, '.']) {
    for (const [file, manager, install] of LOCKS) {
      const path = inFolder(place, file);
      if (!project.paths.has(path)) continue;
      return { manager: { value: manager, path, line: 1, evidence: file }, lock: path, install };
    }
  }
  const declared = manifest.data['packageManager'];
  const name = typeof declared === 'string' ? (declared.split('@')[0] ?? 'npm') : 'npm';
  return {
    manager: factAt(manifest, typeof declared === 'string' ? '/packageManager' : '/name', name),
    lock: null,
    install: `${name} install`,
  };
}

function versionOf(manifest: Manifest, folder: string, project: Project): TextFact | null {
  for (const name of ['.nvmrc', '.node-version']) {
    for (const path of [inFolder(folder, name), name]) {
      const text = project.manifests.get(path);
      if (text !== undefined) return factIn({ path, text }, text.trim(), text.trim());
    }
  }
  const engines = manifest.data['engines'];
  const node = isRecord(engines) ? engines['node'] : undefined;
  return typeof node === 'string' ? factAt(manifest, '/engines/node', node) : null;
}

/** A script worth running; npm's own placeholder for tests is none. */
function scriptFact(manifest: Manifest, name: string, manager: string): TextFact | null {
  const script = entries(manifest, 'scripts')[name];
  if (script === undefined || /no test specified/.test(script)) return null;
  const command = name === 'test' || name === 'start' ? name : `run ${name}`;
  return factAt(manifest, `/scripts/${name}`, `${manager} ${command}`);
}

function listed(
  manifest: Manifest,
  known: Readonly<Record<string, unknown>>,
  name: (key: string) => string,
): TextFact[] {
  return ['dependencies', 'devDependencies'].flatMap((section) =>
    Object.keys(entries(manifest, section))
      .filter((key) => Object.hasOwn(known, key))
      .map((key) => factAt(manifest, `/${section}/${pointerKey(key)}`, name(key))),
  );
}

/** The component that a package.json makes, or undefined when it is none to build (a mere list of workspaces). */
export function detectNode(path: string, project: Project): Component | undefined {
  const text = project.manifests.get(path) ?? '';
  const data = parseJson(text);
  if (!isRecord(data)) return undefined;
  const manifest: Manifest = { path, text, data, lines: jsonLines(text) };
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
  const { manager, lock, install } = managerOf(manifest, folder, project);
  const frameworks = listed(manifest, FRAMEWORKS, (key) => key);
  const start = scriptFact(manifest, 'start', manager.value);
  const build = scriptFact(manifest, 'build', manager.value);
  if (data['workspaces'] !== undefined && start === null) return undefined;
  const isSite =
    start === null && build !== null && frameworks.some(({ value }) => value === 'vite');
  const defaultPort = frameworks.find(({ value }) => typeof FRAMEWORKS[value] === 'number');
  return {
    folder,
    name: slugOf(typeof data['name'] === 'string' ? data['name'] : folder),
    version: typeof data['version'] === 'string' ? data['version'] : '0.0.0',
    language: project.paths.has(inFolder(folder, 'tsconfig.json')) ? 'TypeScript' : 'JavaScript',
    kind: isSite ? 'site' : start === null ? 'library' : 'service',
    runtime_version: versionOf(manifest, folder, project),
    package_manager: manager,
    lock_file: lock,
    frameworks,
    ports:
      defaultPort === undefined
        ? []
        : [{ ...defaultPort, value: FRAMEWORKS[defaultPort.value] ?? 3000 }],
    health_path: null,
    environment: [],
    needs: listed(
      { ...manifest, data: { dependencies: data['dependencies'] } },
      NEEDS,
      (key) => NEEDS[key] ?? key,
    ),
    migrations: null,
    commands: {
      install: { ...manager, value: install },
      build,
      start,
      test: scriptFact(manifest, 'test', manager.value),
      lint: scriptFact(manifest, 'lint', manager.value),
    },
  };
}

/** Words of a start script that needs no shell, such as `node server.js`; undefined when it needs one. */
export function plainCommand(project: Project, component: Component): string[] | undefined {
  const { start } = component.commands;
  const data = parseJson(project.manifests.get(start?.path ?? '') ?? '');
  const script = isRecord(data) && isRecord(data['scripts']) ? data['scripts']['start'] : undefined;
  if (typeof script !== 'string' || !/^node(?: [\w@./=:-]+)+$/.test(script.trim()))
    return undefined;
  return script.trim().split(/\s+/);
}
