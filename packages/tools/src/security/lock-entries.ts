import { parse as parseYaml } from 'yaml';
import type { TextFile } from '../workspace/scan-files.ts';
import { compareText } from '../workspace/walk.ts';
import { isRecord, parseJson } from './audit-result.ts';
import { jsonLines, pointerKey } from './json-lines.ts';

/** One package as a lock file of npm, Yarn or pnpm has it. */
export interface LockedPackage {
  /** Where it is installed (npm) or its key in the file. */
  key: string;
  /** Name under which it is installed. */
  name: string;
  /** Its real name, when it is installed under another one. */
  realName: string;
  version?: string;
  resolved?: string;
  integrity?: string;
  deprecated?: string;
  hasInstallScript?: boolean;
  /** A folder of the workspace, or a part of another package's archive: neither is fetched. */
  isLocal: boolean;
  line: number | undefined;
  /** Names of what it depends on. */
  dependencies: string[];
}

export interface LockFile {
  path: string;
  kind: 'npm' | 'yarn' | 'pnpm';
  version: string;
  packages: LockedPackage[];
  /** What the manifests asked for when the file was written, `name@range`, with the folder of the manifest in front (pnpm, npm). */
  asked: ReadonlySet<string>;
}

export const LOCK_FILES =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/;

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A version as text: YAML reads some as numbers. */
function scalar(value: unknown, otherwise = ''): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : otherwise;
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

/** Leaves out what is undefined, as optional properties want it. */
function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}

function npmPackage(
  key: string,
  entry: Record<string, unknown>,
  line: number | undefined,
): LockedPackage {
  const name = key.slice(key.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return {
    key,
    name,
    realName: text(entry['name']) ?? name,
    ...defined({
      version: text(entry['version']),
      resolved: text(entry['resolved']),
      integrity: text(entry['integrity']),
      deprecated: text(entry['deprecated']),
    }),
    hasInstallScript: entry['hasInstallScript'] === true,
    isLocal: entry['link'] === true || entry['inBundle'] === true || entry['bundled'] === true,
    line,
    dependencies: [
      ...keysOf(entry['dependencies']),
      ...keysOf(entry['requires']),
      ...keysOf(entry['optionalDependencies']),
    ],
  };
}

/** Entries of version 1, where packages nest in each other. */
function nestedEntries(data: unknown, lines: ReadonlyMap<string, number>): LockedPackage[] {
  const found: LockedPackage[] = [];
  const pending = [{ group: data, prefix: '', pointer: '/dependencies', depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (!isRecord(next.group) || next.depth > 50) continue;
    for (const [name, entry] of Object.entries(next.group)) {
      if (!isRecord(entry)) continue;
      const key = `${next.prefix}node_modules/${name}`;
      const pointer = `${next.pointer}/${pointerKey(name)}`;
      // The names of what it needs stand in `requires`; `dependencies` holds those installed below it.
      const { dependencies, ...own } = entry;
      found.push(npmPackage(key, own, lines.get(pointer)));
      pending.push({
        group: dependencies,
        prefix: `${key}/`,
        pointer: `${pointer}/dependencies`,
        depth: next.depth + 1,
      });
    }
  }
  return found.toSorted((a, b) => compareText(a.key, b.key));
}

function readNpm(file: TextFile): LockFile | undefined {
  const data = parseJson(file.text);
  if (!isRecord(data)) return undefined;
  const lines = jsonLines(file.text);
  const groups = isRecord(data['packages']) ? Object.entries(data['packages']) : undefined;
  const packages =
    groups === undefined
      ? nestedEntries(data['dependencies'], lines)
      : groups
          .filter(([key, entry]) => key.includes('node_modules/') && isRecord(entry))
          .map(([key, entry]) =>
            npmPackage(
              key,
              entry as Record<string, unknown>,
              lines.get(`/packages/${pointerKey(key)}`),
            ),
          );
  return {
    path: file.path,
    kind: 'npm',
    version: scalar(data['lockfileVersion'], '1'),
    packages,
    asked: new Set(),
  };
}

/** Name and range of `name@range`; a name may start with "@". */
export function splitDescriptor(descriptor: string): { name: string; range: string } {
  const at = descriptor.indexOf('@', 1);
  return at === -1
    ? { name: descriptor, range: '' }
    : { name: descriptor.slice(0, at), range: descriptor.slice(at + 1) };
}

/** Blocks of a Yarn 1 file: a line of descriptors, then fields that are indented by two. */
function readYarnClassic(file: TextFile): LockFile {
  const packages: LockedPackage[] = [];
  const asked = new Set<string>();
  let current: LockedPackage | undefined;
  let inDependencies = false;
  for (const [index, line] of file.text.split('\n').entries()) {
    if (line.startsWith('#') || line.trim() === '') continue;
    if (!line.startsWith(' ')) {
      const descriptors = line.replace(/:\s*$/, '').split(/,\s*/);
      const names = descriptors.map((one) => one.replaceAll(/^"|"$/g, ''));
      for (const name of names) asked.add(name);
      const { name, range } = splitDescriptor(names[0] ?? '');
      const realName = range.startsWith('npm:') ? splitDescriptor(range.slice(4)).name : name;
      current = {
        key: names[0] ?? '',
        name,
        realName,
        isLocal: /^(?:file|link|workspace):/.test(range),
        line: index + 1,
        dependencies: [],
      };
      packages.push(current);
      inDependencies = false;
      continue;
    }
    const [, indent = '', key = '', value = ''] = /^(\s+)"?([^"\s:]+)"?:?\s*(.*)$/.exec(line) ?? [];
    if (current === undefined) continue;
    if (indent.length > 2 && inDependencies) current.dependencies.push(key);
    if (indent.length > 2) continue;
    inDependencies = /^(?:optional)?dependencies$/i.test(key);
    const plain = value.replaceAll(/^"|"$/g, '');
    if (key === 'version' || key === 'resolved' || key === 'integrity') current[key] = plain;
  }
  return { path: file.path, kind: 'yarn', version: '1', packages, asked };
}

function yamlOf(file: TextFile): Record<string, unknown> | undefined {
  try {
    const data: unknown = parseYaml(file.text, { maxAliasCount: 0, logLevel: 'silent' });
    return isRecord(data) ? data : undefined;
  } catch {
    return undefined; // reported by the caller as a finding
  }
}

/** Line on which each key of a YAML file stands that opens a block and is indented by two at most. */
function linesOfKeys(file: TextFile): Map<string, number> {
  const lines = new Map<string, number>();
  for (const [index, line] of file.text.split('\n').entries()) {
    const key = /^\s{0,2}["']?([^"'\s][^"']*?)["']?:\s*$/.exec(line)?.[1];
    if (key !== undefined && !lines.has(key)) lines.set(key, index + 1);
  }
  return lines;
}

function readYarnBerry(file: TextFile): LockFile | undefined {
  const data = yamlOf(file);
  if (data === undefined) return undefined;
  const lines = linesOfKeys(file);
  const packages: LockedPackage[] = [];
  const asked = new Set<string>();
  for (const [key, entry] of Object.entries(data)) {
    if (key === '__metadata' || !isRecord(entry)) continue;
    for (const one of key.split(/,\s*/)) asked.add(one.replace('@npm:', '@'));
    const resolution = splitDescriptor(text(entry['resolution']) ?? '');
    packages.push({
      key,
      name: splitDescriptor(key).name,
      realName: resolution.name,
      version: scalar(entry['version']),
      ...defined({
        resolved: /^(?:https?|git|ssh)/.test(resolution.range) ? resolution.range : undefined,
        integrity: text(entry['checksum']),
      }),
      isLocal: /^(?:workspace|link|portal|patch|file):/.test(resolution.range),
      line: lines.get(key),
      dependencies: keysOf(entry['dependencies']),
    });
  }
  const version = isRecord(data['__metadata']) ? scalar(data['__metadata']['version']) : '';
  return { path: file.path, kind: 'yarn', version, packages, asked };
}

function pnpmAsked(importers: Record<string, unknown>): Set<string> {
  const asked = new Set<string>();
  for (const [folder, importer] of Object.entries(importers)) {
    if (!isRecord(importer)) continue;
    for (const section of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      const entries = isRecord(importer[section]) ? Object.entries(importer[section]) : [];
      for (const [name, entry] of entries) {
        const specifier = isRecord(entry) ? entry['specifier'] : undefined;
        if (typeof specifier === 'string')
          asked.add(`${folder === '.' ? '' : `${folder}/`}${name}@${specifier}`);
      }
    }
  }
  return asked;
}

function readPnpm(file: TextFile): LockFile | undefined {
  const data = yamlOf(file);
  if (data === undefined) return undefined;
  const lines = linesOfKeys(file);
  const snapshots = new Map(
    Object.entries(isRecord(data['snapshots']) ? data['snapshots'] : {}).map(([key, entry]) => [
      key.split('(')[0] ?? key,
      entry,
    ]),
  );
  const packages = Object.entries(isRecord(data['packages']) ? data['packages'] : {}).map(
    ([key, raw]): LockedPackage => {
      const entry = isRecord(raw) ? raw : {};
      const resolution = isRecord(entry['resolution']) ? entry['resolution'] : {};
      const { name, range } = splitDescriptor(key.replace(/^\//, '').replace(/\(.*$/, ''));
      const snapshot = snapshots.get(key);
      const needs = isRecord(snapshot) ? snapshot : entry;
      const repository = text(resolution['repo']);
      return {
        key,
        name: text(entry['name']) ?? name,
        realName: text(entry['name']) ?? name,
        version: text(entry['version']) ?? range,
        ...defined({
          resolved:
            text(resolution['tarball']) ??
            (repository === undefined
              ? undefined
              : `git+${repository}#${text(resolution['commit']) ?? ''}`),
          integrity: text(resolution['integrity']),
          deprecated: text(entry['deprecated']),
        }),
        hasInstallScript: entry['requiresBuild'] === true,
        isLocal: resolution['directory'] !== undefined,
        line: lines.get(key),
        dependencies: keysOf(needs['dependencies']),
      };
    },
  );
  const importers = isRecord(data['importers']) ? data['importers'] : { '.': data };
  return {
    path: file.path,
    kind: 'pnpm',
    version: scalar(data['lockfileVersion']),
    packages,
    asked: pnpmAsked(importers),
  };
}

/** Reads a lock file of npm (versions 1 to 3), Yarn (classic and later) or pnpm; undefined when it cannot be read. */
export function readLockFile(file: TextFile): LockFile | undefined {
  if (file.path.endsWith('.json')) return readNpm(file);
  if (file.path.endsWith('pnpm-lock.yaml')) return readPnpm(file);
  return /^__metadata:/m.test(file.text) ? readYarnBerry(file) : readYarnClassic(file);
}
