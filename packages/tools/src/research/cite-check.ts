import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import {
  failureSchema,
  sourcesInputShape,
  type SourceDocument,
} from '../intelligence/source-document.ts';
import { toolError } from '../tool-error.ts';
import type { CitationProblem, Problem } from './check-citations.ts';
import type { CitedSentence } from './read-citations.ts';

const input = z.strictObject({
  draft: z
    .string()
    .min(1)
    .max(500_000)
    .describe(
      'Text with citations such as [file.md:12], [url#L3], links or notes; or the path of such a document',
    ),
  ...sourcesInputShape,
});
const output = z.object({
  sentences: z.int(),
  citations: z.int(),
  resolved: z.int(),
  quotes: z.int(),
  problems: z.array(
    z.object({ kind: z.string(), line: z.int(), message: z.string(), text: z.string() }),
  ),
  failures: z.array(failureSchema),
});

const SEVERITIES: Readonly<Record<CitationProblem, Finding['severity']>> = {
  unresolved: 'high',
  misquoted: 'high',
  figure_missing: 'medium',
  uncited_claim: 'medium',
};
const FIXES: Readonly<Record<CitationProblem, string>> = {
  unresolved: 'Cite a source that exists, with lines that it has.',
  misquoted: 'Quote word for word, and cite the lines on which the words stand.',
  figure_missing: 'Correct the figure, or cite where it stands.',
  uncited_claim: 'Cite a source, or mark it as an opinion or take it out.',
};
const OTHERS_MAX = 20;

/** The text of the draft, with its path relative to the sources when it is a file. */
async function readDraft(
  draft: string,
  env: ToolEnvironment,
): Promise<{ text: string; real: string | null }> {
  const { requireText } = await import('../workspace/read-text.ts');
  if (draft.length > 4096 || draft.includes('\n') || !/\.\w{1,10}$/.test(draft.trim()))
    return { text: draft, real: null };
  const real = await env.roots.resolveInside(draft.trim());
  return { text: await requireText(real, draft), real };
}

/** Cited URLs and files that are not among the sources, read as far as they can be. */
async function readOthers(
  sentences: readonly CitedSentence[],
  given: readonly SourceDocument[],
  env: ToolEnvironment,
): Promise<SourceDocument[]> {
  const { loadSources } = await import('../intelligence/load-sources.ts');
  const { findCited } = await import('./check-citations.ts');
  const origins = [
    ...new Set(sentences.flatMap(({ citations }) => citations.map(({ origin }) => origin))),
  ];
  const urls = origins.filter(
    (origin) => /^https?:/.test(origin) && findCited(origin, given) === undefined,
  );
  if (urls.length === 0) return [];
  const loaded = await loadSources({ sources: urls.slice(0, OTHERS_MAX) }, env);
  return loaded.documents;
}

function toFinding({ kind, sentence, message, evidence }: Problem, path: string | null): Finding {
  const { line, endLine } = sentence;
  return {
    rule: `citation.${kind}`,
    severity: SEVERITIES[kind],
    message: path === null ? `${message} (line ${line} of the text)` : message,
    ...(path === null
      ? {}
      : { location: { path, line, ...(endLine === line ? {} : { end_line: endLine }) } }),
    evidence,
    fix: FIXES[kind],
    tool: 'cite_check',
  };
}

export const citeCheck = defineTool({
  name: 'cite_check',
  title: 'Check citations',
  description:
    'Checks every citation of a text: that its source and lines exist, that quotations stand there word for word, that figures of the sentence stand near the cited place, and that statements of fact cite a source.',
  group: 'research',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 300_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['citation', 'quote', 'reference', 'verify', 'fact check', 'source'],
  async run(request, env) {
    const { relative, sep } = await import('node:path');
    const { loadSources } = await import('../intelligence/load-sources.ts');
    const { readCitations } = await import('./read-citations.ts');
    const { checkCitations } = await import('./check-citations.ts');
    const { text, real } = await readDraft(request.draft, env);
    const hasSources = request.sources.length > 0 || request.target !== undefined;
    const loaded = hasSources ? await loadSources(request, env) : undefined;
    const sentences = readCitations(text);
    const given = loaded?.documents ?? [];
    const documents = [...given, ...(await readOthers(sentences, given, env))];
    const citations = sentences.reduce((sum, sentence) => sum + sentence.citations.length, 0);
    if (documents.length === 0 && citations > 0 && !hasSources)
      throw toolError(
        'tools.sources.none',
        'invalid-input',
        'No source was given to check the citations against: name files, folders or URLs in "sources".',
      );
    const problems = checkCitations(sentences, documents);
    const inBase =
      real === null
        ? null
        : relative(loaded?.base ?? '/', real)
            .split(sep)
            .join('/');
    const path =
      inBase === null || inBase.startsWith('../') ? (real?.split(sep).at(-1) ?? null) : inBase;
    const unresolved = problems.filter(({ kind }) => kind === 'unresolved').length;
    return {
      output: {
        sentences: sentences.length,
        citations,
        resolved: citations - unresolved,
        quotes: sentences.reduce((sum, { quotes }) => sum + quotes.length, 0),
        problems: problems.map(({ kind, sentence, message }) => ({
          kind,
          line: sentence.line,
          message,
          text: sentence.text.slice(0, 300),
        })),
        failures: loaded?.failures ?? [],
      },
      summary: `${citations - unresolved} of ${citations} citations resolve; ${problems.length} problems in ${sentences.length} sentences.`,
      findings: problems.map((problem) => toFinding(problem, path)),
    };
  },
});
