import type { ToolEnvironment } from '../definition.ts';
import { isScript } from '../code/source-language.ts';
import {
  scanTextFiles,
  type ScanInput,
  type ScanResult,
  type TextFile,
} from '../workspace/scan-files.ts';
import { entriesByName } from '../docs/read-packages.ts';
import { isTestFile } from './read-tests.ts';
import { readModule, resolveExport } from './read-module.ts';
import type { Declaration, Origin, ScriptModule } from './read-module.ts';

/** The scripts of a folder, tests apart from sources. */
export interface Project {
  modules: Map<string, ScriptModule>;
  tests: ScriptModule[];
  sources: ScriptModule[];
  /** Python files, which are read by lines. */
  python: TextFile[];
  scan: ScanResult;
}

/** Reads all scripts below a folder by syntax. */
export async function readProject(request: ScanInput, env: ToolEnvironment): Promise<Project> {
  const files: TextFile[] = [];
  const python: TextFile[] = [];
  const manifests: TextFile[] = [];
  const scan = await scanTextFiles(request, env, {
    wants: ({ path }) =>
      (isScript(path) && !/\.d\.[cm]?ts$/.test(path)) || /\.py$|(?:^|\/)package\.json$/.test(path),
    skipGenerated: true,
    onFile(file) {
      if (file.path.endsWith('.py')) python.push(file);
      else (file.path.endsWith('.json') ? manifests : files).push(file);
    },
  });
  const paths = new Set(files.map((file) => file.path));
  const known = { paths, packages: entriesByName(manifests, paths) };
  const modules = new Map(
    files.map((file) => [file.path, readModule(file.path, file.text, known)]),
  );
  const all = [...modules.values()];
  return {
    modules,
    tests: all.filter((module) => isTestFile(module.path)),
    sources: all.filter((module) => !isTestFile(module.path)),
    python,
    scan,
  };
}

export const keyOf = (origin: Origin): string => `${origin.from}\n${origin.name}`;

/** Which declarations tests name themselves, and which are reached through those. Keys as {@link keyOf}. */
export interface TestReach {
  direct: ReadonlySet<string>;
  /** Key → test files that name it, or something that uses it. */
  testsOf: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Follows names from test files through imports, re-exports and declarations. */
export function reachOfTests({ modules, tests }: Project): TestReach {
  const testsOf = new Map<string, Set<string>>();
  const direct = new Set<string>();
  for (const test of tests) {
    const pending = originsIn(test, namesOf(test), modules).map(keyOf);
    for (const key of pending) direct.add(key);
    const seen = new Set(pending);
    for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
      testsOf.set(key, (testsOf.get(key) ?? new Set<string>()).add(test.path));
      const [from = '', name = ''] = key.split('\n');
      const module = modules.get(from);
      const uses = module?.declarations.get(name)?.uses;
      if (module === undefined || uses === undefined) continue;
      for (const next of originsIn(module, uses, modules).map(keyOf))
        if (!seen.has(next)) {
          seen.add(next);
          pending.push(next);
        }
    }
  }
  return { direct, testsOf };
}

/** What stands in a file beside its import list. */
function namesOf(module: ScriptModule): Set<string> {
  const names = new Set(module.topUses);
  for (const { uses } of module.declarations.values()) for (const name of uses) names.add(name);
  return names;
}

function originsIn(
  module: ScriptModule,
  names: ReadonlySet<string>,
  modules: ReadonlyMap<string, ScriptModule>,
): Origin[] {
  return [...names].flatMap((name) => {
    if (module.declarations.has(name)) return [{ from: module.path, name }];
    const imported = module.imports.get(name);
    if (imported === undefined) return [];
    if (imported.name !== '*') return resolveExport(modules, imported) ?? [];
    // A whole module: what is named of it is among the other names.
    return [...names].flatMap(
      (member) => resolveExport(modules, { from: imported.from, name: member }) ?? [],
    );
  });
}

/** Functions and classes that a module offers, with the names they are offered under. */
export function exportedDeclarations(
  module: ScriptModule,
): { exportName: string; declaration: Declaration }[] {
  return [...module.exports].flatMap(([exportName, target]) => {
    const declaration = typeof target === 'string' ? module.declarations.get(target) : undefined;
    return declaration === undefined ? [] : [{ exportName, declaration }];
  });
}
