import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlatformError } from '@automatos/kernel';
import type { ToolEnvironment } from '../definition.ts';
import { readLog } from '../git/read-log.ts';
import { openRepository } from '../git/open-repository.ts';
import { toolError } from '../tool-error.ts';
import { commonFolder, pathBelow } from '../workspace/common-folder.ts';
import { isGenerated } from '../workspace/scan-files.ts';
import { noneSkipped, walkFiles, type Skipped, type WalkedFile } from '../workspace/walk.ts';
import { calendarDate } from './find-dates.ts';
import { loadPage } from './load-page.ts';
import { isDocument, readDocument, type DocumentText } from './read-document.ts';
import { readFeed, type Feed } from './read-feed.ts';
import { createRobotsGate, type RobotsGate } from './robots.ts';
import type { SourceDocument, SourceFailure } from './source-document.ts';

export interface SourcesInput {
  sources: string[];
  target?: string | undefined;
}

export interface LoadedSources {
  documents: SourceDocument[];
  failures: SourceFailure[];
  skipped: Skipped;
  /** Local files of a kind that is not read. */
  otherFiles: number;
  /** Absolute folder that paths of local sources are relative to. */
  base: string;
}

const DOCUMENTS_MAX = 300;
const COMMITS_MAX = 200;
/** Settings of projects are JSON and YAML too, but say nothing. */
const SETTINGS = /(?:^|\/)(?:package|tsconfig[^/]*|composer|\.[^/]+)\.json$/;

interface Loader {
  env: ToolEnvironment;
  gate: RobotsGate;
  result: LoadedSources;
  /** Folder that paths of local sources are relative to. */
  base: string;
}

function add(loader: Loader, document: Omit<SourceDocument, 'id'>): void {
  const { documents, skipped } = loader.result;
  if (documents.length >= DOCUMENTS_MAX) skipped.limit += 1;
  else documents.push({ id: `s${documents.length + 1}`, ...document });
}

function toSource(
  text: DocumentText,
  about: Pick<SourceDocument, 'origin' | 'path' | 'url' | 'kind'>,
): Omit<SourceDocument, 'id'> {
  return {
    ...about,
    title: text.title ?? null,
    author: text.author ?? null,
    published:
      text.published === undefined || text.published === null ? null : calendarDate(text.published),
    lines: text.text.split(/\r?\n/),
    linesOfFile: text.linesOfFile,
    links: text.links ?? linksIn(text.text),
    canonical: text.canonical ?? null,
    hidden: text.hidden ?? [],
    truncated: text.truncated,
  };
}

function linksIn(text: string): string[] {
  const found = [...text.matchAll(/\bhttps?:\/\/[^\s<>"'`)\]]+/g)].map(([url]) =>
    url.replace(/[.,;:]+$/, ''),
  );
  return [...new Set(found)].slice(0, 500);
}

function addFeed(loader: Loader, feed: Feed, at: { origin: string; path: string | null }): void {
  loader.result.skipped.limit += feed.left;
  for (const [index, item] of feed.items.entries()) {
    const text = [item.title === null ? '' : `# ${item.title}`, '', item.text].join('\n').trim();
    add(loader, {
      ...toSource(
        { text, linesOfFile: false, truncated: false },
        {
          kind: 'feed_item',
          origin: item.url ?? `${at.origin}#${index + 1}`,
          path: at.path,
          url: item.url,
        },
      ),
      title: item.title,
      author: item.author,
      published: item.published,
    });
  }
}

async function addUrl(loader: Loader, url: string): Promise<void> {
  const page = await loadPage(url, loader.env, loader.gate);
  if (page.kind === 'failure') loader.result.failures.push(page.failure);
  else if (page.kind === 'feed') addFeed(loader, page.feed, { origin: page.url, path: null });
  else
    add(loader, toSource(page.text, { kind: 'page', origin: page.url, path: null, url: page.url }));
}

async function addFile(loader: Loader, file: WalkedFile): Promise<void> {
  const path = pathBelow(loader.base, file.absolute);
  try {
    const text = await readDocument(file.absolute, file.path);
    if (text.feed === true)
      addFeed(loader, readFeed(text.text, 'file:///', DOCUMENTS_MAX), { origin: path, path });
    else if (isGenerated(path, text.text)) loader.result.skipped.generated += 1;
    else if (text.text.trim() === '')
      loader.result.failures.push({
        source: path,
        reason: 'empty',
        message: 'It holds no text; a scanned document needs text recognition first.',
        status: null,
      });
    else add(loader, toSource(text, { kind: 'document', origin: path, path, url: null }));
  } catch (error) {
    loader.env.signal.throwIfAborted();
    if (!isPlatformError(error)) throw error;
    loader.result.failures.push({
      source: path,
      reason: 'refused',
      message: error.message,
      status: null,
    });
  }
}

/** The newest commits of a repository as a source of its own, one line each. */
async function addHistory(loader: Loader, folder: string): Promise<void> {
  const isTop = await stat(join(folder, '.git')).then(
    () => true,
    () => false,
  );
  if (!isTop) return;
  const { place } = await openRepository(folder, loader.env);
  if (place.kind === 'none') return;
  const commits = await readLog(folder, { commitsMax: COMMITS_MAX, signal: loader.env.signal });
  const name = pathBelow(loader.base, folder);
  add(loader, {
    kind: 'history',
    origin: name === '' ? 'git log' : `git log of ${name}`,
    path: null,
    url: null,
    title: 'Commits',
    author: null,
    published: commits[0]?.time.slice(0, 10) ?? null,
    lines: commits.map(
      ({ time, hash, author, subject }) => `- ${time} ${author} ${hash.slice(0, 10)}: ${subject}`,
    ),
    linesOfFile: false,
    links: [],
    canonical: null,
    hidden: [],
    truncated: commits.length >= COMMITS_MAX,
  });
}

async function addLocal(loader: Loader, path: string): Promise<void> {
  const { env, result } = loader;
  const walk = await walkFiles(path, { roots: env.roots, signal: env.signal });
  for (const [reason, count] of Object.entries(walk.skipped))
    result.skipped[reason as keyof Skipped] += count;
  const wanted = walk.files.filter(
    (file) => isDocument(file.path) && (walk.files.length === 1 || !SETTINGS.test(file.path)),
  );
  result.otherFiles += walk.files.length - wanted.length;
  for (const [index, file] of wanted.entries()) {
    env.signal.throwIfAborted();
    if (result.documents.length >= DOCUMENTS_MAX) {
      result.skipped.limit += wanted.length - index;
      break;
    }
    await addFile(loader, file);
  }
  if (walk.ignoreRules === 'git') await addHistory(loader, walk.folder);
}

/** True for what is requested and not opened. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/**
 * Reads all sources as text, in the given order: pages and feeds through the guarded fetch with robots.txt honoured, files and
 * folders inside the allowed roots, the log of a repository. A source that cannot be read is a failure in the result; throws
 * `tools.sources.none` without any source, and the path's own error when nothing else was given.
 */
export async function loadSources(
  { sources, target }: SourcesInput,
  env: ToolEnvironment,
): Promise<LoadedSources> {
  const given = [...new Set([...sources, ...(target === undefined ? [] : [target])])];
  if (given.length === 0)
    throw toolError(
      'tools.sources.none',
      'invalid-input',
      'No source was given: name URLs, files or folders in "sources", or one in "target".',
    );
  const base = await commonFolder(
    given.filter((source) => !isUrl(source)),
    env,
  );
  const loader: Loader = {
    env,
    gate: createRobotsGate(env),
    result: { documents: [], failures: [], skipped: noneSkipped(), otherFiles: 0, base },
    base,
  };
  for (const [index, source] of given.entries()) {
    env.signal.throwIfAborted();
    env.progress(`reading ${source.slice(0, 120)}`, index / given.length);
    if (isUrl(source)) await addUrl(loader, source);
    else
      await addLocal(loader, source).catch((error: unknown) => {
        if (!isPlatformError(error) || given.length === 1) throw error;
        const { message } = error;
        loader.result.failures.push({ source, reason: 'missing', message, status: null });
      });
  }
  return loader.result;
}

/** Words for a summary about what was read and what was not. */
export function describeLoaded({ documents, failures }: LoadedSources): string {
  const read = `${documents.length} source${documents.length === 1 ? '' : 's'} read`;
  return failures.length === 0
    ? read
    : `${read}, ${failures.length} not (${failures
        .slice(0, 3)
        .map(({ source, message }) => `${source}: ${message}`)
        .join(' ')})`;
}
