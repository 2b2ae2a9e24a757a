import { readdir, readFile, lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { compareText } from '../workspace/walk.ts';
import { charactersBySource, packageOf, parseSourceMap } from './read-source-map.ts';

const FILES_MAX = 2000;
const BYTES_MAX = 50 * 1024 * 1024;
const SKIPPED = new Set(['node_modules', '.git']);
const gzipped = promisify(gzip);

/** One script or style sheet that browsers load. */
export interface BundleFile {
  path: string;
  bytes: number;
  gzipBytes: number;
  minified: boolean;
  /** The map lies beside it or in it, and says so. */
  map: { path: string; withSources: boolean } | null;
  /** Bytes by source, when there is a map. */
  sources: Map<string, number>;
  firstLine: string;
}

/** Built files are mostly ignored by git, so they are listed here directly; links are not followed. */
export async function listBuilt(folder: string, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const pending = [''];
  for (let at = pending.shift(); at !== undefined; at = pending.shift()) {
    signal.throwIfAborted();
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.toSorted((a, b) => compareText(a.name, b.name))) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) pending.push(path);
      else if (entry.isFile() && found.length < FILES_MAX) found.push(path);
    }
  }
  return found;
}

/** Names and blanks are shortened: hardly a blank or line break, or hardly a long name. */
export function isMinified(text: string): boolean {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const blanks = (code.match(/\s/g)?.length ?? 0) / Math.max(1, code.length);
  const lines = code.split('\n').length;
  return blanks < 0.1 || code.length / lines > 300;
}

async function readMap(
  folder: string,
  path: string,
  text: string,
): Promise<{ map: BundleFile['map']; sources: Map<string, number> }> {
  const none = { map: null, sources: new Map<string, number>() };
  const named = [...text.matchAll(/[#@]\s*sourceMappingURL=([^\s*'"]+)/g)].at(-1)?.[1];
  const inline = /^data:application\/json[^,]*;base64,(.+)$/.exec(named ?? '')?.[1];
  const file = `${path}.map`;
  const content =
    inline === undefined
      ? await readBounded(join(folder, file))
      : Buffer.from(inline, 'base64').toString('utf8');
  const parsed = content === undefined ? undefined : parseSourceMap(content);
  if (parsed === undefined) return none;
  const withSources = parsed.sourcesContent?.some((one) => one !== null) ?? false;
  return {
    map: { path: inline === undefined ? file : path, withSources },
    sources: charactersBySource(parsed, text),
  };
}

async function readBounded(path: string): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => null);
  return stats?.isFile() === true && stats.size <= BYTES_MAX ? readFile(path, 'utf8') : undefined;
}

/** Reads one built file with its map; undefined when it is too large. */
export async function readBundleFile(
  folder: string,
  path: string,
): Promise<BundleFile | undefined> {
  const text = await readBounded(join(folder, path));
  if (text === undefined) return undefined;
  const bytes = Buffer.byteLength(text);
  return {
    path,
    bytes,
    gzipBytes: (await gzipped(text)).length,
    minified: isMinified(text),
    firstLine: (text.split('\n', 1)[0] ?? '').slice(0, 200),
    ...(await readMap(folder, path, text)),
  };
}

/** Bytes of installed packages by name, with the folders that each was bundled from. */
export function packagesOf(
  files: readonly BundleFile[],
): Map<string, { bytes: number; folders: Set<string> }> {
  const packages = new Map<string, { bytes: number; folders: Set<string> }>();
  for (const { sources } of files)
    for (const [source, bytes] of sources) {
      const found = packageOf(source);
      if (found === undefined) continue;
      const entry = packages.get(found.name) ?? { bytes: 0, folders: new Set<string>() };
      entry.bytes += bytes;
      entry.folders.add(found.folder);
      packages.set(found.name, entry);
    }
  return packages;
}
