import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isPlatformError } from '@automatos/kernel';
import type { WorkspaceRoots } from '@automatos/tools';
import { taskError } from '../task-error.ts';
import { classifyFile, isDeployment, isTest, needsHead } from './classify-file.ts';
import { emptyFacts } from './target-facts.ts';
import type { TargetFacts } from './target-facts.ts';

const FILES_MAX = 5_000;
const LISTED_MAX = 10;
/** Files whose content is looked at to tell what they are. */
const HEADS_MAX = 60;
const HEAD_BYTES = 2_048;
/** Folders that hold what others wrote or what was made from the rest. */
const SKIPPED = new Set([
  'node_modules',
  '.git',
  'dist',
  'build',
  'coverage',
  'target',
  'vendor',
  '.venv',
  '__pycache__',
  '.next',
]);
const DOMAIN = /^(?=.{4,253}$)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/i;

type Roots = Pick<WorkspaceRoots, 'resolveInside'>;

/**
 * Looks at what a task is about. Folders and files are read (names, and the beginning of those that only their content can
 * tell), at most 5,000; URLs and domains are not called. Throws `tasks.target.not_found` or `tasks.target.outside_roots` for
 * a path that cannot be read.
 */
export async function lookAtTarget(roots: Roots, target: string | null): Promise<TargetFacts> {
  if (target === null) return emptyFacts('none', null, 'The task names no target.');
  if (/^https?:\/\//i.test(target)) {
    return emptyFacts('url', target, `The target is the URL ${target}; it was not called yet.`);
  }
  const path = await pathOf(roots, target);
  if (path !== null) return lookAtPath(path, target);
  if (DOMAIN.test(target)) {
    return emptyFacts('domain', target, `The target is the domain ${target}.`);
  }
  return emptyFacts('text', target, 'The target is a text, not a folder, file or URL.');
}

/** Throws as {@link lookAtTarget} does, without looking any further than whether something is there. */
export async function checkTarget(roots: Roots, target: string | undefined): Promise<void> {
  if (target !== undefined && !/^https?:\/\//i.test(target)) await pathOf(roots, target);
}

/** Paths are meant as such when they begin like one; other texts only when something is there. */
async function pathOf(roots: Roots, target: string): Promise<string | null> {
  const meant = /^(\/|\.{1,2}(\/|$)|~)/.test(target);
  if (!meant && (/\s/.test(target) || target.length > 1_000)) return null;
  try {
    return await roots.resolveInside(target);
  } catch (error) {
    if (!isPlatformError(error)) throw error;
    if (!meant) return null;
    const outside = error.kind === 'forbidden';
    throw taskError(outside ? 'tasks.target.outside_roots' : 'tasks.target.not_found', {
      kind: 'invalid-input',
      message: error.message,
      errors: [{ pointer: '/target', message: error.message }],
    });
  }
}

async function lookAtPath(path: string, target: string): Promise<TargetFacts> {
  const found = await stat(path);
  if (found.isDirectory()) return lookAtFolder(path, target);
  const kind = classifyFile(basename(path), await readHead(path));
  const noun = kind.replaceAll('_', ' ');
  return {
    ...emptyFacts(kind, target, `The target is a ${noun} of ${found.size} bytes.`),
    files: 1,
  };
}

async function lookAtFolder(path: string, target: string): Promise<TargetFacts> {
  const facts = emptyFacts('folder', target, '');
  let heads = 0;
  const waiting: string[] = [''];
  for (let at = 0; at < waiting.length && !facts.truncated; at += 1) {
    const folder = waiting[at] ?? '';
    for (const entry of await entriesOf(join(path, folder))) {
      const inner = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === '.git' && folder === '') facts.isGit = true;
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) waiting.push(inner);
      if (!entry.isFile()) continue;
      if (facts.files >= FILES_MAX) {
        facts.truncated = true;
        break;
      }
      const looks = needsHead(entry.name) && heads < HEADS_MAX;
      if (looks) heads += 1;
      count(facts, inner, looks ? await readHead(join(path, inner)) : '');
    }
  }
  return { ...facts, summary: describe(facts) };
}

/** In order of their names, so that the facts are the same on every machine. A folder that cannot be read holds nothing. */
async function entriesOf(path: string) {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

async function readHead(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function count(facts: TargetFacts, path: string, head: string): void {
  facts.files += 1;
  const list = (paths: string[]) => {
    if (paths.length < LISTED_MAX) paths.push(path);
  };
  if (isDeployment(path)) list(facts.deployments);
  const kind = classifyFile(basename(path), head);
  if (kind === 'data_file') list(facts.dataFiles);
  if (kind === 'api_description') list(facts.apiDescriptions);
  if (kind === 'log_file') list(facts.logFiles);
  if (kind === 'document') facts.documents += 1;
  if (kind === 'source_file' && isTest(path)) facts.tests += 1;
  else if (kind === 'source_file') facts.sourceFiles += 1;
}

function describe(facts: TargetFacts): string {
  const parts: [number, string][] = [
    [facts.sourceFiles, 'source files'],
    [facts.tests, 'test files'],
    [facts.documents, 'documents'],
    [facts.dataFiles.length, 'data files'],
    [facts.apiDescriptions.length, 'API descriptions'],
    [facts.logFiles.length, 'logs'],
    [facts.deployments.length, 'deployment files'],
  ];
  const held = parts.filter(([number]) => number > 0).map(([number, noun]) => `${number} ${noun}`);
  const kind = facts.isGit ? 'git repository' : 'folder';
  const size = `${facts.truncated ? 'more than ' : ''}${facts.files} files`;
  return `The target is a ${kind} with ${size}${held.length === 0 ? '' : `: ${held.join(', ')}`}.`;
}
