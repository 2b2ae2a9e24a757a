import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { describeSkipped } from '../workspace/scan-files.ts';
import { skippedSchema } from '../workspace/walk.ts';
import { instructionFindings } from './instructions.ts';
import {
  failureSchema,
  SOURCE_KINDS,
  sourcesInputShape,
  type SourceDocument,
  type SourceFailure,
} from './source-document.ts';

const input = z.strictObject({
  ...sourcesInputShape,
  chars_max: z
    .int()
    .min(200)
    .max(200_000)
    .default(20_000)
    .describe('Most characters of text per source in the output; whole texts are artifacts'),
});
const source = z.object({
  id: z.string(),
  kind: z.enum(SOURCE_KINDS),
  origin: z.string(),
  title: z.string().nullable(),
  author: z.string().nullable(),
  published: z.string().nullable(),
  lines: z.int(),
  links: z.int(),
  text: z.string(),
  cut: z.boolean(),
});
const output = z.object({
  sources: z.array(source),
  failures: z.array(failureSchema),
  other_files: z.int(),
  skipped: skippedSchema,
});

const ARTIFACTS_MAX = 20;
const ARTIFACT_CHARS = 500_000;
const FIXES: Readonly<Record<SourceFailure['reason'], string>> = {
  unreachable: 'Check the address, or leave the source out and say so.',
  disallowed: 'Ask the site, or use a source that may be read.',
  unsupported: 'Give the source as HTML, Markdown, text, JSON, PDF or DOCX.',
  refused: 'Get the document from where it was made, or convert it to plain text.',
  empty: 'Give a version of the source that holds its text.',
  missing: 'Correct the path.',
};

function failureFinding(failure: SourceFailure): Finding {
  return {
    rule: `source.${failure.reason}`,
    severity: failure.reason === 'disallowed' ? 'low' : 'medium',
    message: `The source was not read: ${failure.message}`,
    evidence: `${failure.source}${failure.status === null ? '' : ` (HTTP ${failure.status})`}`,
    fix: FIXES[failure.reason],
    tool: 'fetch_sources',
  };
}

function truncatedFinding(document: SourceDocument): Finding[] {
  if (!document.truncated) return [];
  return [
    {
      rule: 'source.truncated',
      severity: 'low',
      message: `Only the first ${document.lines.length} lines of the source were read.`,
      evidence: document.origin,
      fix: 'Read nothing into what is missing; name a part of it as a source of its own.',
      tool: 'fetch_sources',
    },
  ];
}

function shown(document: SourceDocument, charsMax: number): z.output<typeof source> {
  const text = document.lines.join('\n');
  return {
    id: document.id,
    kind: document.kind,
    origin: document.origin,
    title: document.title,
    author: document.author,
    published: document.published,
    lines: document.lines.length,
    links: document.links.length,
    text: text.slice(0, charsMax),
    cut: text.length > charsMax,
  };
}

export const fetchSources = defineTool({
  name: 'fetch_sources',
  title: 'Fetch sources',
  description:
    'Reads web pages, RSS and Atom feeds, local documents (Markdown, text, HTML, JSON, PDF, DOCX) and logs of git repositories as text, honours robots.txt, and reports what could not be read and texts that give instructions to language models.',
  group: 'intelligence',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['gather', 'web', 'page', 'feed', 'rss', 'document', 'crawl', 'osint'],
  async run(request, env) {
    const { describeLoaded, loadSources } = await import('./load-sources.ts');
    const loaded = await loadSources(request, env);
    const { documents, failures } = loaded;
    const findings = [
      ...failures.map(failureFinding),
      ...documents.flatMap(truncatedFinding),
      ...documents.flatMap((document) => instructionFindings(document, 'fetch_sources')),
    ];
    const kept = documents.filter(({ kind }) => kind !== 'feed_item').slice(0, ARTIFACTS_MAX);
    return {
      output: {
        sources: documents.map((document) => shown(document, request.chars_max)),
        failures,
        other_files: loaded.otherFiles,
        skipped: loaded.skipped,
      },
      summary: `${describeLoaded(loaded)}.${describeSkipped(loaded.skipped)}${loaded.otherFiles === 0 ? '' : ` ${loaded.otherFiles} files are of kinds that are not read.`}`,
      findings,
      artifacts: kept.map((document) => ({
        name: `source-${document.id}.md`,
        title: `${document.id}: ${document.title ?? document.origin}`.slice(0, 200),
        contentType: 'text/markdown',
        content: document.lines.join('\n').slice(0, ARTIFACT_CHARS),
      })),
    };
  },
});
