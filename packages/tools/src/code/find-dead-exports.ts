import { posix } from 'node:path';
import { isRecord, parseJson } from '../security/audit-result.ts';
import { pathFilter } from '../workspace/walk.ts';
import { resolveImport } from './read-imports.ts';
import type { ModuleExport, ScriptModule } from './read-module.ts';
import { isTest } from './source-language.ts';

/** Files that programs load by their name. */
const LOADED_BY_NAME =
  /(?:^|\/)(?:[^/]+\.config|\.[^/]+rc|vite-env\.d|next-env\.d|middleware|instrumentation|proxy)\.[cm]?[jt]sx?$|\.d\.[cm]?ts$|\.(?:stories|story|setup)\.[cm]?[jt]sx?$/;
/** Pages and routes of frameworks, whose exports the framework calls. */
const PAGES =
  /(?:^|\/)(?:pages|app|routes)\/(?:.*\/)?(?:page|layout|route|loading|error|not-found|template|default|_app|_document|\+[\w-]+|\[[^/]+\]|index)\.[jt]sx?$/;

export interface DeadExport extends ModuleExport {
  path: string;
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return isRecord(value) ? Object.values(value).flatMap(texts) : [];
}

interface Package {
  name: string;
  folder: string;
  /** Files that it shows to others; `*` in them stands for anything. */
  shown: string[];
}

function readPackage({ path, text }: { path: string; text: string }): Package | undefined {
  const data = parseJson(text);
  if (!isRecord(data)) return undefined;
  const folder = posix.dirname(path);
  const named = [
    'main',
    'module',
    'types',
    'typings',
    'browser',
    'bin',
    'exports',
    'imports',
  ].flatMap((key) => texts(data[key]));
  // A script that starts a file makes it an entry point too.
  const scripts = texts(data['scripts']).flatMap(
    (script) => script.match(/[\w./@-]+\.[cm]?[jt]sx?\b/g) ?? [],
  );
  return {
    name: typeof data['name'] === 'string' ? data['name'] : '',
    folder,
    shown: [...named, ...scripts].map((file) => posix.normalize(posix.join(folder, file))),
  };
}

/** The source of a built file that a manifest names: `dist/index.js` stands for `src/index.ts`. */
function sourcesOf(file: string, known: ReadonlySet<string>): string[] {
  const candidates = [file, file.replace(/(^|\/)(?:dist|build|lib|out)\//, '$1src/')];
  for (const candidate of candidates) {
    if (candidate.includes('*')) {
      const [start = '', end = ''] = candidate.split('*');
      const stem = end.replace(/\.(?:d\.)?[cm]?[jt]sx?$/, '');
      const found = [...known].filter((path) => path.startsWith(start) && path.includes(stem));
      if (found.length > 0) return found;
      continue;
    }
    const found = resolveImport('.', `./${candidate.replace(/\.d\.([cm]?)ts$/, '.$1js')}`, known);
    if (found !== undefined) return [found];
  }
  return [];
}

/** Files that an import means: relative, of another package of the repository, or by an alias that ends like a path. */
function targetsOf(
  from: string,
  specifier: string,
  { known, packages }: { known: ReadonlySet<string>; packages: readonly Package[] },
): string[] {
  if (specifier.startsWith('.')) {
    const found = resolveImport(from, specifier, known);
    return found === undefined ? [] : [found];
  }
  const owner = packages.find(
    ({ name }) => name !== '' && (specifier === name || specifier.startsWith(`${name}/`)),
  );
  if (owner !== undefined) {
    const rest = specifier.slice(owner.name.length + 1);
    const inside = [rest, `src/${rest}`].flatMap((one) =>
      rest === '' ? [] : (resolveImport('.', `./${posix.join(owner.folder, one)}`, known) ?? []),
    );
    return [...inside, ...owner.shown.flatMap((file) => sourcesOf(file, known))];
  }
  const alias = /^(?:[@~#]\/|[@~#])?([\w.-]+\/.+|[\w.-]+)$/.exec(specifier)?.[1];
  if (alias === undefined || !/^[@~#]/.test(specifier)) return [];
  const ends = [alias, alias.slice(alias.indexOf('/') + 1)];
  return [...known].filter((path) => {
    const stem = path.replace(/(?:\/index)?\.[cm]?[jt]sx?$/, '');
    return ends.some(
      (end) => stem === end || stem.endsWith(`/${end.replace(/\.[cm]?[jt]sx?$/, '')}`),
    );
  });
}

/** Exports that no file imports. Pure. */
export function findDeadExports(
  modules: readonly ScriptModule[],
  manifests: readonly { path: string; text: string }[],
  entryGlobs: readonly string[],
): { dead: DeadExport[]; entryPoints: number } {
  const known = new Set(modules.map(({ path }) => path));
  const packages = manifests.flatMap((manifest) => readPackage(manifest) ?? []);
  const used = new Map<string, Set<string> | 'all'>();
  for (const { path, imports } of modules) {
    for (const { specifier, names } of imports) {
      for (const target of targetsOf(path, specifier, { known, packages })) {
        const before = used.get(target) ?? new Set();
        if (names === 'all' || before === 'all') used.set(target, 'all');
        else used.set(target, new Set([...before, ...names]));
      }
    }
  }
  const isGiven = entryGlobs.length === 0 ? () => false : pathFilter(entryGlobs, undefined);
  const shown = new Set(
    packages.flatMap((one) => one.shown.flatMap((file) => sourcesOf(file, known))),
  );
  const isEntry = (path: string) =>
    shown.has(path) || LOADED_BY_NAME.test(path) || PAGES.test(path) || isGiven(path);
  const open = modules.filter(({ path }) => !isEntry(path) && !isTest(path));
  const dead = open.flatMap(({ path, exports }) => {
    const names = used.get(path) ?? new Set<string>();
    if (names === 'all') return [];
    return exports.filter(({ name }) => !names.has(name)).map((one) => ({ ...one, path }));
  });
  return { dead, entryPoints: modules.filter(({ path }) => isEntry(path)).length };
}
