import { isPlatformError } from '@automatos/kernel';
import type { ToolEnvironment } from '../definition.ts';
import { readDocx, readPdf, type DocumentText } from './read-document.ts';
import { looksLikeFeed, readFeed, type Feed } from './read-feed.ts';
import { readPage } from './read-page.ts';
import { AGENT_HEADER, type RobotsGate } from './robots.ts';
import type { SourceFailure } from './source-document.ts';

export const PAGE_BYTES_MAX = 2 * 1024 * 1024;
const PAGE_TIMEOUT_MS = 15_000;
const FEED_ITEMS_MAX = 100;

/** What stood at a URL. */
export type LoadedPage =
  | { kind: 'page'; url: string; text: DocumentText }
  | { kind: 'feed'; url: string; feed: Feed }
  | { kind: 'failure'; failure: SourceFailure };

function failure(
  source: string,
  reason: SourceFailure['reason'],
  about: { message: string; status?: number },
): LoadedPage {
  return {
    kind: 'failure',
    failure: { source, reason, message: about.message, status: about.status ?? null },
  };
}

function decode(body: Uint8Array, contentType: string): string {
  const named = /charset=["']?([\w-]+)/i.exec(contentType)?.[1];
  const head = new TextDecoder('latin1').decode(body.subarray(0, 1024));
  const meta = /<meta[^>]+charset=["']?([\w-]+)/i.exec(head)?.[1];
  try {
    return new TextDecoder(named ?? meta ?? 'utf-8').decode(body);
  } catch {
    return new TextDecoder().decode(body); // an unknown name of a charset: most text is UTF-8
  }
}

async function toPage(
  url: string,
  body: { bytes: Uint8Array; contentType: string; truncated: boolean },
): Promise<LoadedPage> {
  const { bytes, contentType, truncated } = body;
  const isPdf = /application\/pdf/i.test(contentType) || /\.pdf$/i.test(new URL(url).pathname);
  const isDocx = /officedocument\.wordprocessingml/i.test(contentType);
  if (isPdf || isDocx) {
    if (truncated)
      return failure(url, 'refused', {
        message: `The document is larger than the ${PAGE_BYTES_MAX / 1024 / 1024} MB that are read.`,
      });
    const text = isPdf ? await readPdf(bytes, url) : await readDocx(Buffer.from(bytes), url);
    return { kind: 'page', url, text };
  }
  if (!/^(?:text\/|application\/(?:[\w.+-]*(?:xml|json)|xhtml))/i.test(contentType || 'text/html'))
    return failure(url, 'unsupported', {
      message: `It is ${contentType.slice(0, 100)}, which is not read as text.`,
    });
  const text = decode(bytes, contentType);
  if (looksLikeFeed(text)) return { kind: 'feed', url, feed: readFeed(text, url, FEED_ITEMS_MAX) };
  if (/html/i.test(contentType) || /^\s*<(?:!doctype html|html)/i.test(text)) {
    const { markdown, ...page } = readPage(text, url);
    if (markdown === '')
      return failure(url, 'empty', {
        message: 'The page has no readable text; it may be built by scripts in the browser.',
      });
    return { kind: 'page', url, text: { ...page, text: markdown, linesOfFile: false, truncated } };
  }
  return { kind: 'page', url, text: { text, linesOfFile: false, truncated } };
}

/** Requests one URL within bounds, robots.txt permitting. What goes wrong with it is a result, not an error. */
export async function loadPage(
  url: string,
  env: ToolEnvironment,
  gate: RobotsGate,
): Promise<LoadedPage> {
  try {
    if (!(await gate.admits(url)))
      return failure(url, 'disallowed', {
        message: `The robots.txt of ${new URL(url).host} forbids this page.`,
      });
    const response = await env.fetch(url, {
      headers: {
        'user-agent': AGENT_HEADER,
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,text/plain;q=0.8,*/*;q=0.5',
      },
      timeoutMs: PAGE_TIMEOUT_MS,
      bytesMax: PAGE_BYTES_MAX,
      signal: env.signal,
    });
    if (response.status >= 400)
      return failure(url, 'unreachable', {
        message: `The server answers ${response.status}.`,
        status: response.status,
      });
    return await toPage(response.url, {
      bytes: response.body,
      contentType: response.headers['content-type'] ?? '',
      truncated: response.truncated,
    });
  } catch (error) {
    env.signal.throwIfAborted();
    if (isPlatformError(error))
      return failure(url, error.code.startsWith('tools.network.') ? 'unreachable' : 'refused', {
        message: error.message,
      });
    return failure(url, 'refused', {
      message: `The content cannot be parsed (${error instanceof Error ? error.message.slice(0, 200) : 'unknown reason'}).`,
    });
  }
}
