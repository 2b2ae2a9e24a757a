import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { toolError } from '../tool-error.ts';
import { requireText } from '../workspace/read-text.ts';
import { extensionOf } from '../workspace/scan-files.ts';
import { checkArchive } from './check-archive.ts';
import { looksLikeFeed } from './read-feed.ts';
import { readPage, type PageText } from './read-page.ts';

export const BINARY_BYTES_MAX = 20 * 1024 * 1024;
const PDF_PAGES_MAX = 300;

const PLAIN = new Set([
  '.md',
  '.markdown',
  '.txt',
  '.text',
  '.rst',
  '.adoc',
  '.eml',
  '.json',
  '.ndjson',
]);
const HTML = new Set(['.html', '.htm', '.xhtml']);
const FEED = new Set(['.xml', '.rss', '.atom']);

/** What a document holds, before it becomes a source. */
export interface DocumentText extends Partial<Omit<PageText, 'markdown'>> {
  text: string;
  linesOfFile: boolean;
  truncated: boolean;
  /** Text of a feed, which holds several sources. */
  feed?: boolean;
}

/** True for files that can be read as a source. */
export function isDocument(path: string): boolean {
  const extension = extensionOf(path);
  return (
    PLAIN.has(extension) ||
    HTML.has(extension) ||
    FEED.has(extension) ||
    extension === '.pdf' ||
    extension === '.docx'
  );
}

/** Text of a PDF, a blank line between pages; scanned pages have none. */
export async function readPdf(bytes: Uint8Array, name: string): Promise<DocumentText> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  try {
    const document = await getDocumentProxy(new Uint8Array(bytes));
    if (document.numPages > PDF_PAGES_MAX)
      throw toolError(
        'tools.document.refused',
        'invalid-input',
        `"${name}" has ${document.numPages} pages, more than the ${PDF_PAGES_MAX} that are read; split it.`,
      );
    const { text } = await extractText(document, { mergePages: false });
    return { text: text.join('\n\n'), linesOfFile: false, truncated: false };
  } catch (error) {
    if (error instanceof Error && 'kind' in error) throw error;
    throw toolError('tools.document.refused', 'invalid-input', {
      message: `"${name}" is no PDF that can be read.`,
      cause: error,
    });
  }
}

/** Text of a Word document as Markdown; pictures are left out. */
export async function readDocx(bytes: Buffer, name: string): Promise<DocumentText> {
  await checkArchive(bytes, name);
  const { default: mammoth } = await import('mammoth');
  try {
    const { value } = await mammoth.convertToHtml(
      { buffer: bytes },
      { convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })) },
    );
    const page = readPage(`<main>${value}</main>`, null);
    return { text: page.markdown, linesOfFile: false, truncated: false, links: page.links };
  } catch (error) {
    throw toolError('tools.document.refused', 'invalid-input', {
      message: `"${name}" is no Word document that can be read.`,
      cause: error,
    });
  }
}

async function readBytes(path: string, name: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > BINARY_BYTES_MAX)
      throw toolError(
        'tools.file.too_large',
        'invalid-input',
        `"${name}" is no regular file of at most ${BINARY_BYTES_MAX / 1024 / 1024} MB.`,
      );
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Title and head fields of Markdown with front matter, of mail and of plain text. */
function headOf(text: string, extension: string): Partial<PageText> {
  const lines = text.split(/\r?\n/, 60);
  const fields = new Map<string, string>();
  const isFront = lines[0]?.trim() === '---';
  const isMail = extension === '.eml';
  for (const line of lines.slice(isFront ? 1 : 0)) {
    if (
      isFront ? line.trim() === '---' : isMail ? line === '' : line.trim() === '' && fields.size > 0
    )
      break;
    const field = /^([A-Za-z][\w-]{1,30}):\s*(.{1,300})$/.exec(line.trim());
    if (
      field !== null &&
      (isFront || isMail || /^(?:title|author|by|date|published)$/i.test(field[1] ?? ''))
    )
      fields.set((field[1] ?? '').toLowerCase(), (field[2] ?? '').replaceAll(/^["']|["']$/g, ''));
  }
  const heading = lines.find((line) => /^#\s+\S/.test(line))?.replace(/^#\s+/, '');
  return {
    title: fields.get('title') ?? fields.get('subject') ?? heading ?? null,
    author: fields.get('author') ?? fields.get('by') ?? fields.get('from') ?? null,
    published: fields.get('date') ?? fields.get('published') ?? null,
  };
}

/** Reads one local file as a source. Throws `tools.document.refused` for what would harm the parser, and what reading text throws. */
export async function readDocument(path: string, name: string): Promise<DocumentText> {
  const extension = extensionOf(name);
  if (extension === '.pdf') return readPdf(await readBytes(path, name), name);
  if (extension === '.docx') return readDocx(await readBytes(path, name), name);
  const text = (await requireText(path, name)).replace(/^\ufeff/, '');
  if (FEED.has(extension) && looksLikeFeed(text))
    return { text, linesOfFile: true, truncated: false, feed: true };
  if (HTML.has(extension)) {
    const { markdown, ...page } = readPage(text, null);
    return { ...page, text: markdown, linesOfFile: false, truncated: false };
  }
  return { ...headOf(text, extension), text, linesOfFile: true, truncated: false };
}
