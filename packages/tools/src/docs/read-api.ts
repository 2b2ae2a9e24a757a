import type { ToolEnvironment } from '../definition.ts';
import { isScript, isTest } from '../code/source-language.ts';
import { exportedNames, isListed, readModule, resolveExport } from '../test-runs/read-module.ts';
import type { ScriptModule } from '../test-runs/read-module.ts';
import {
  scanTextFiles,
  type ScanInput,
  type ScanResult,
  type TextFile,
} from '../workspace/scan-files.ts';
import type { ApiSymbol, ParameterMismatch } from './api-symbol.ts';
import { extractPython } from './extract-python.ts';
import { extractScript } from './extract-script.ts';
import { entriesByName, readPackage, type PackageFacts } from './read-packages.ts';

/** A folder as its documents describe it. */
export interface ProjectApi {
  symbols: ApiSymbol[];
  mismatches: ParameterMismatch[];
  packages: PackageFacts[];
  modules: Map<string, ScriptModule>;
  documents: TextFile[];
  /** Makefiles and other build files, by path. */
  makefiles: TextFile[];
  /** Every path of the walk. */
  paths: ReadonlySet<string>;
  scan: ScanResult;
}

const isSource = (path: string): boolean =>
  (isScript(path) && !/\.d\.[cm]?ts$/.test(path)) || path.endsWith('.py');

/** Reads exported symbols, packages and Markdown below a folder. Tests and generated files are left out. */
export async function readApi(request: ScanInput, env: ToolEnvironment): Promise<ProjectApi> {
  const sources: TextFile[] = [];
  const documents: TextFile[] = [];
  const manifests: TextFile[] = [];
  const makefiles: TextFile[] = [];
  const scan = await scanTextFiles(request, env, {
    wants: ({ path }) =>
      isSource(path) || /(?:^|\/)(?:package\.json|Makefile)$|\.mdx?$/i.test(path),
    skipGenerated: true,
    onFile(file) {
      if (file.path.endsWith('package.json')) manifests.push(file);
      else if (/makefile$/i.test(file.path)) makefiles.push(file);
      else if (/\.mdx?$/i.test(file.path)) documents.push(file);
      else if (!isTest(file.path)) sources.push(file);
    },
  });
  const paths = new Set(scan.listed.map((file) => file.path));
  const scripts = sources.filter((file) => isScript(file.path));
  const known = new Set(scripts.map((file) => file.path));
  const entries = entriesByName(manifests, known);
  const modules = new Map(
    scripts.map((file) => [
      file.path,
      readModule(file.path, file.text, { paths: known, packages: entries }),
    ]),
  );
  const extracted = sources.map((file) =>
    file.path.endsWith('.py')
      ? extractPython(file.path, file.text)
      : extractScript(file.path, file.text),
  );
  const packages = manifests.flatMap((file) => readPackage(file, known) ?? []);
  const symbols = extracted.flatMap((one) => one.symbols);
  markPublic(symbols, packages, modules);
  return {
    symbols,
    mismatches: extracted.flatMap((one) => one.mismatches),
    packages,
    modules,
    documents,
    makefiles,
    paths,
    scan,
  };
}

/** The package that a path belongs to: the deepest one. */
export function packageOf(
  packages: readonly PackageFacts[],
  path: string,
): PackageFacts | undefined {
  return packages
    .filter(({ folder }) => folder === '' || path.startsWith(`${folder}/`))
    .toSorted((a, b) => b.folder.length - a.folder.length)[0];
}

function markPublic(
  symbols: readonly ApiSymbol[],
  packages: readonly PackageFacts[],
  modules: ReadonlyMap<string, ScriptModule>,
): void {
  const offered = new Set<string>();
  for (const { entry } of packages) {
    if (entry === null) continue;
    for (const name of exportedNames(modules, entry)) {
      const origin = resolveExport(modules, { from: entry, name });
      if (origin !== undefined) offered.add(`${origin.from}\n${origin.name}`);
    }
  }
  for (const symbol of symbols) {
    if (!isScript(symbol.path)) symbol.public = !symbol.name.startsWith('_');
    else if (packageOf(packages, symbol.path)?.entry != null) {
      const local = modules.get(symbol.path)?.exports.get(symbol.name);
      symbol.public = offered.has(
        `${symbol.path}\n${typeof local === 'string' ? local : symbol.name}`,
      );
    }
  }
}

/** Names that an import of the package gives; undefined when they cannot be listed. */
export function namesOfPackage(
  { entry }: PackageFacts,
  modules: ReadonlyMap<string, ScriptModule>,
): Set<string> | undefined {
  const module = entry === null ? undefined : modules.get(entry);
  if (module === undefined || entry === null || !isListed(modules, entry)) return undefined;
  return exportedNames(modules, entry);
}
