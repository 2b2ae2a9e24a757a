import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { isPlatformError, mapBounded } from '@automatos/kernel';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import {
  describeSkipped,
  extensionOf,
  scanInputShape,
  scanTextFiles,
} from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import type { MarkdownFacts, MarkdownLink } from './read-markdown.ts';

const EXTERNAL_MAX = 200;

const input = z.strictObject({
  ...scanInputShape,
  check_external: z
    .boolean()
    .default(false)
    .describe('Also request external links (needs network)'),
});
const external = z.object({
  url: z.string(),
  path: z.string(),
  line: z.int(),
  status: z.int().nullable(),
  ok: z.boolean().nullable(),
});
const output = z.object({
  documents: z.int(),
  links: z.int(),
  broken: z.int(),
  external_total: z.int(),
  external: z.array(external),
  external_checked: z.boolean(),
  skipped: skippedSchema,
});
type External = z.output<typeof external>;

interface Document extends MarkdownFacts {
  path: string;
}

function broken(
  document: Document,
  link: MarkdownLink,
  about: { rule: string; message: string; fix: string },
): Finding {
  return {
    rule: `docs.${about.rule}`,
    severity: 'medium',
    message: about.message,
    location: { path: document.path, line: link.line },
    evidence: `[${link.text}](${link.url})`,
    fix: about.fix,
    tool: 'link_check',
  };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray percent sign: take it as written
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Finding for a link to a file or anchor that is not there; undefined when it is fine. */
async function checkLocal(
  document: Document,
  link: MarkdownLink,
  context: { folder: string; documents: ReadonlyMap<string, Document> },
): Promise<Finding | undefined> {
  const [pathPart = '', anchor] = link.url.split('#', 2);
  const written = decodePart(pathPart.split('?', 1)[0] ?? '');
  const target =
    written === ''
      ? document.path
      : written.startsWith('/')
        ? posix.normalize(written.slice(1))
        : posix.normalize(posix.join(posix.dirname(document.path), written));
  // Links that leave the folder cannot be judged from here.
  if (target === '..' || target.startsWith('../')) return undefined;
  if (written !== '' && !(await exists(join(context.folder, target)))) {
    return broken(document, link, {
      rule: 'broken_link',
      message: `The link names "${target}", which does not exist.`,
      fix: 'Correct the path, or remove the link.',
    });
  }
  const aimed = context.documents.get(target);
  if (anchor === undefined || anchor === '' || aimed === undefined || /^L\d+/.test(anchor))
    return undefined;
  if (aimed.anchors.has(decodePart(anchor).toLowerCase())) return undefined;
  return broken(document, link, {
    rule: 'broken_anchor',
    message: `"${target}" has no heading or anchor "#${anchor}".`,
    fix: 'Correct the anchor to a heading that exists.',
  });
}

async function requestExternal(link: External, env: ToolEnvironment): Promise<External> {
  const ask = async (method: string) =>
    (await env.fetch(link.url, { method, timeoutMs: 15_000, bytesMax: 1024, signal: env.signal }))
      .status;
  try {
    let status = await ask('HEAD');
    if (status === 405 || status === 403 || status === 501) status = await ask('GET');
    return { ...link, status, ok: status < 400 };
  } catch (error) {
    // A link that may not be requested is unknown, not broken.
    const refused =
      isPlatformError(error) &&
      (error.code === 'tools.network.address_denied' || error.code === 'tools.network.url_invalid');
    return { ...link, status: null, ok: refused ? null : false };
  }
}

async function checkDocuments(
  documents: ReadonlyMap<string, Document>,
  folder: string,
): Promise<{ findings: Finding[]; external: External[]; links: number }> {
  const findings: Finding[] = [];
  const found: External[] = [];
  let links = 0;
  for (const document of documents.values()) {
    for (const link of document.links) {
      links += 1;
      if (/^https?:\/\//i.test(link.url))
        found.push({ url: link.url, path: document.path, line: link.line, status: null, ok: null });
      if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(link.url)) continue;
      const finding = await checkLocal(document, link, { folder, documents });
      if (finding !== undefined) findings.push(finding);
    }
  }
  return { findings, external: found, links };
}

export const linkCheck = defineTool({
  name: 'link_check',
  title: 'Check links in documents',
  description:
    'Resolves relative links and anchors in Markdown files; lists external links, and requests them when asked to.',
  group: 'documentation',
  input,
  output,
  capabilities: ['read', 'network'],
  actions: { offline: ['read'], external: ['read', 'network'] },
  actionOf: (request) => (request.check_external ? 'external' : 'offline'),
  timeoutMs: 240_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['broken', 'dead link', 'anchor', 'markdown'],
  async run(request, env) {
    const { readMarkdown } = await import('./read-markdown.ts');
    const documents = new Map<string, Document>();
    const scan = await scanTextFiles(request, env, {
      wants: (file) => ['.md', '.markdown', '.mdx'].includes(extensionOf(file.path)),
      onFile: (file) =>
        void documents.set(file.path, { path: file.path, ...readMarkdown(file.text) }),
    });
    const checked = await checkDocuments(documents, scan.folder);
    const externals = checked.external.slice(0, EXTERNAL_MAX);
    const asked = request.check_external
      ? await mapBounded(externals, 6, (link) => requestExternal(link, env))
      : externals;
    const dead: Finding[] = asked
      .filter((link) => link.ok === false)
      .map((link) => ({
        rule: 'docs.dead_external_link',
        severity: 'low',
        message: `The page answers ${link.status ?? 'nothing'}.`,
        location: { path: link.path, line: link.line },
        evidence: link.url,
        fix: 'Correct or remove the link.',
        tool: 'link_check',
      }));
    const findings = [...checked.findings, ...dead];
    return {
      output: {
        documents: documents.size,
        links: checked.links,
        broken: findings.length,
        external_total: checked.external.length,
        external: asked,
        external_checked: request.check_external,
        skipped: scan.skipped,
      },
      summary: `${findings.length} broken of ${checked.links} links in ${documents.size} documents; ${checked.external.length} external links ${request.check_external ? `(${asked.length} requested)` : 'not requested'}.${describeSkipped(scan.skipped)}`,
      findings,
    };
  },
});
