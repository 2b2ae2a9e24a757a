import { posix } from 'node:path';
import { isJsonObject } from '@automatos/kernel';
import type { JsonObject } from '@automatos/kernel';
import type { TextFile } from '../workspace/scan-files.ts';

/** What a package.json says that documents may name. */
export interface PackageFacts {
  /** Empty when it has none. */
  name: string;
  version: string | null;
  description: string;
  /** Folder relative to the walked one; empty at the top. */
  folder: string;
  scripts: ReadonlySet<string>;
  bins: ReadonlySet<string>;
  /** Source file of its main entry, or null when none can be found. */
  entry: string | null;
  /** Keys of `exports` such as `./http`; null when everything may be imported. */
  subpaths: ReadonlySet<string> | null;
  isPrivate: boolean;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Files that a target in `exports` names, whatever the condition. */
function targetsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return isJsonObject(value) ? Object.values(value).flatMap(targetsOf) : [];
}

function entryOf(manifest: JsonObject, folder: string, known: ReadonlySet<string>): string | null {
  const { exports } = manifest;
  const main = isJsonObject(exports) && '.' in exports ? exports['.'] : exports;
  const built = /^(?:dist|build|lib|out|es|esm|cjs)\//;
  const named = [
    ...targetsOf(main),
    text(manifest['module']),
    text(manifest['main']),
    text(manifest['types']),
  ]
    .map((target) => target.replace(/^\.\//, ''))
    .filter((target) => target !== '');
  const sources = named.flatMap((target) => {
    const stem = target.replace(/(?:\.d)?\.[cm]?[jt]sx?$/, '');
    const below = stem.replace(built, '');
    return [
      target,
      ...['.ts', '.tsx', '.js', '.mjs'].flatMap((end) => [
        stem + end,
        `src/${below}${end}`,
        below + end,
      ]),
    ];
  });
  const usual = [
    'src/index.ts',
    'src/index.tsx',
    'index.ts',
    'src/index.js',
    'index.js',
    'index.mjs',
    'src/main.ts',
  ];
  return (
    [...sources, ...usual]
      .map((each) => posix.join(folder, each))
      .find((each) => known.has(each) && /(?<!\.d)\.[cm]?[jt]sx?$/.test(each)) ?? null
  );
}

/** Reads one package.json; undefined when it is no JSON object. */
export function readPackage(file: TextFile, known: ReadonlySet<string>): PackageFacts | undefined {
  let manifest: unknown;
  try {
    manifest = JSON.parse(file.text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(manifest)) return undefined;
  const folder = posix.dirname(file.path) === '.' ? '' : posix.dirname(file.path);
  const name = text(manifest['name']);
  const { bin, exports, scripts } = manifest;
  const bins =
    typeof bin === 'string'
      ? [name.split('/').at(-1) ?? '']
      : isJsonObject(bin)
        ? Object.keys(bin)
        : [];
  const isMap = isJsonObject(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  return {
    name,
    version: typeof manifest['version'] === 'string' ? manifest['version'] : null,
    description: text(manifest['description']),
    folder,
    scripts: new Set(isJsonObject(scripts) ? Object.keys(scripts) : []),
    bins: new Set(bins.filter((each) => each !== '')),
    entry: entryOf(manifest, folder, known),
    subpaths: isMap ? new Set(Object.keys(exports as JsonObject)) : null,
    isPrivate: manifest['private'] === true,
  };
}

/** Entry of each package of a folder by its name, as far as there is one. */
export function entriesByName(
  manifests: readonly TextFile[],
  known: ReadonlySet<string>,
): Map<string, string> {
  return new Map(
    manifests.flatMap((file) => {
      const facts = readPackage(file, known);
      return facts === undefined || facts.name === '' || facts.entry === null
        ? []
        : [[facts.name, facts.entry] as const];
    }),
  );
}
