import type { ToolEnvironment } from '../definition.ts';
import { isTest, isProgram, languageOf } from '../code/source-language.ts';
import { scanTextFiles, type ScanInput, type ScanResult } from '../workspace/scan-files.ts';
import { countBy } from '../workspace/count-by.ts';
import { compareText } from '../workspace/walk.ts';
import { detectGo, detectOther, isOtherManifest } from './detect-compiled.ts';
import { detectNode } from './detect-node.ts';
import { detectPython } from './detect-python.ts';
import { isDeploymentFile } from './deployment-files.ts';
import { readSignals } from './read-signals.ts';
import type { Component, Project, Signal, Stack, TextFact } from './stack.ts';

const MANIFESTS =
  /(?:^|\/)(?:package\.json|\.nvmrc|\.node-version|requirements\.txt|pyproject\.toml|Pipfile|\.python-version|go\.mod)$/;

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.';
}

/** Where changes of a database are kept. */
function migrationsIn(prefix: string, paths: ReadonlySet<string>): TextFact | null {
  const path = [...paths].find(
    (one) =>
      one.startsWith(prefix) &&
      /(?:^|\/)(?:migrations?|db\/migrate|alembic\/versions)\/[^/]+\.(?:sql|py|js|ts|rb)$/.test(
        one,
      ),
  );
  return path === undefined ? null : { value: folderOf(path), path, line: 1, evidence: path };
}

function byFrequency(signals: readonly Signal[]): Signal[] {
  const counts = Map.groupBy(signals, ({ value }) => value);
  return [...counts.values()]
    .toSorted((a, b) => b.length - a.length || compareText(a[0]?.value ?? '', b[0]?.value ?? ''))
    .flatMap(([first]) => first ?? []);
}

/** Adds to a component what its sources show. */
function withSignals(component: Component, owned: readonly Signal[], project: Project): Component {
  const of = (kind: Signal['kind']) =>
    byFrequency(owned.filter((signal) => signal.kind === kind)).map(
      ({ value, path, line, evidence }) => ({ value, path, line, evidence }),
    );
  const seen = of('port').map((fact) => ({ ...fact, value: Number(fact.value) }));
  const known = component.ports.filter(({ value }) => !seen.some((one) => one.value === value));
  const isPython = component.language === 'Python';
  const needs = [...new Map(component.needs.map((need) => [need.value, need])).values()];
  return {
    ...component,
    // Servers of Python are told their port on the command line; a port in the source is for development.
    ports: isPython ? [...known, ...seen] : [...seen, ...known],
    health_path: of('health')[0] ?? null,
    environment: of('environment').toSorted((a, b) => compareText(a.value, b.value)),
    needs,
    migrations: migrationsIn(component.folder === '.' ? '' : `${component.folder}/`, project.paths),
  };
}

/** Services before sites before libraries, higher folders first. */
function order(a: Component, b: Component): number {
  const ranks = { service: 0, site: 1, library: 2 };
  const depth = ({ folder }: Component) => (folder === '.' ? 0 : folder.split('/').length);
  return ranks[a.kind] - ranks[b.kind] || depth(a) - depth(b) || compareText(a.folder, b.folder);
}

function detectAll(project: Project): Component[] {
  const found: Component[] = [];
  const pythonFolders = new Set<string>();
  for (const path of project.manifests.keys()) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (name === 'package.json') found.push(...[detectNode(path, project) ?? []].flat());
    else if (name === 'go.mod') found.push(detectGo(path, project));
    else if (isOtherManifest(path)) found.push(...[detectOther(path, project) ?? []].flat());
    else if (/^(?:requirements\.txt|pyproject\.toml|Pipfile)$/.test(name))
      pythonFolders.add(folderOf(path));
  }
  for (const folder of pythonFolders) found.push(detectPython(folder, project));
  const folders = found.map(({ folder }) => folder);
  const ownerOf = (path: string) =>
    folders
      .filter((folder) => folder === '.' || path.startsWith(`${folder}/`))
      .toSorted((a, b) => b.length - a.length)[0];
  const owned = Map.groupBy(project.signals, ({ path }) => ownerOf(path));
  return found
    .map((component) => withSignals(component, owned.get(component.folder) ?? [], project))
    .toSorted(order);
}

export interface ReadStack {
  stack: Stack;
  project: Project;
  scan: ScanResult;
}

/** Reads a project and works out what it is made of and how it runs. */
export async function readStack(request: ScanInput, env: ToolEnvironment): Promise<ReadStack> {
  const manifests = new Map<string, string>();
  const signals: Signal[] = [];
  const scan = await scanTextFiles(request, env, {
    wants: ({ path }) =>
      MANIFESTS.test(path) ||
      isOtherManifest(path) ||
      /(?:^|\/)Dockerfile$/.test(path) ||
      (isProgram(path) && !isTest(path)),
    skipGenerated: true,
    onFile({ path, text }) {
      if (MANIFESTS.test(path) || isOtherManifest(path)) manifests.set(path, text);
      else signals.push(...readSignals(path, text));
    },
  });
  const paths = scan.listed.map(({ path }) => path);
  const project = { manifests, signals, paths: new Set(paths) };
  const sources = paths.filter((path) => isProgram(path));
  return {
    stack: {
      components: detectAll(project),
      languages: countBy(sources, (path) => languageOf(path) ?? 'other'),
      deployment_files: paths.filter(isDeploymentFile),
    },
    project,
    scan,
  };
}
