/**
 * Answers "did these files change since the last build?" in a few milliseconds.
 * Sizes and times are compared first; contents are read only when those differ, so a fresh checkout of the same files rebuilds nothing.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

// next-env.d.ts is written by the web's own build.
const SKIPPED = new Set([
  'node_modules',
  '.next',
  '.git',
  'coverage',
  'test-results',
  'next-env.d.ts',
]);
const TEST_FILE = /\.test(-d)?\.[cm]?tsx?$/;

/** The files below `paths` (files or folders, missing ones are nothing), relative to `root`, sorted; tests are left out. */
function listFiles(root, paths) {
  const found = [];
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile())
      found.push({ name: relative(root, path), size: stat.size, mtimeMs: stat.mtimeMs });
    if (!stat?.isDirectory()) return;
    for (const entry of readdirSync(path)) {
      if (!SKIPPED.has(entry) && !TEST_FILE.test(entry)) visit(join(path, entry));
    }
  };
  for (const path of paths) visit(join(root, path));
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Compares the files below `paths` with the record in `recordFile`.
 * `save()` records the state that was just read, also if files changed meanwhile: then the next check reports a change.
 */
export function checkChanged(root, paths, recordFile) {
  const files = listFiles(root, paths);
  const record = readRecord(recordFile);
  const quick = digest(files.map((file) => `${file.name}\0${file.size}\0${file.mtimeMs}`));
  if (record?.quick === quick) return { changed: false, save: () => undefined };
  const content = digest(files.map((file) => `${file.name}\0${fileDigest(join(root, file.name))}`));
  const save = () => {
    mkdirSync(dirname(recordFile), { recursive: true });
    writeFileSync(recordFile, JSON.stringify({ quick, content }));
  };
  const changed = record?.content !== content;
  // Only the times differ: remember the new ones, so that the next check is quick again.
  if (!changed) save();
  return { changed, save };
}

/** Makes the next check report a change, for example while a build is under way. */
export function forget(recordFile) {
  rmSync(recordFile, { force: true });
}

/** The SHA-256 of a file's contents, in hex. */
export function fileDigest(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function digest(lines) {
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}

function readRecord(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // No record, or one that was cut off: the same as never built.
    return undefined;
  }
}
