import { z } from 'zod';

/** Input fields that every tool over sources shares. */
export const sourcesInputShape = {
  sources: z
    .array(z.string().min(1).max(4096))
    .max(50)
    .default([])
    .describe(
      'URLs of pages or feeds, files, folders or git repositories inside the allowed folders',
    ),
  target: z.string().min(1).max(4096).optional().describe('One more source'),
};

/** What a source was read as. */
export const SOURCE_KINDS = ['page', 'feed_item', 'document', 'history'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** A source as text, with what it says of itself. */
export interface SourceDocument {
  /** `s1`, `s2` … in the order of reading. */
  id: string;
  kind: SourceKind;
  /** URL, or path relative to the folder of all local sources. */
  origin: string;
  path: string | null;
  url: string | null;
  title: string | null;
  author: string | null;
  /** RFC 3339, or only a date when no time is given; null when it says nothing. */
  published: string | null;
  /** Text as Markdown or as it stands in the file. */
  lines: string[];
  /** True when line numbers are those of the file itself. */
  linesOfFile: boolean;
  /** Absolute http(s) links of the text. */
  links: string[];
  canonical: string | null;
  /** Text that readers do not see: comments and hidden elements of pages. */
  hidden: string[];
  truncated: boolean;
}

/** A sentence or line of a source, to look it up again. */
export const spanSchema = z.object({
  source: z.string().describe('id of the source'),
  origin: z.string().describe('path or URL'),
  line: z.int(),
  end_line: z.int(),
  quote: z.string(),
});
export type Span = z.output<typeof spanSchema>;

/** Why a source was not read. */
export const failureSchema = z.object({
  source: z.string(),
  reason: z.enum(['unreachable', 'disallowed', 'unsupported', 'refused', 'empty', 'missing']),
  message: z.string(),
  status: z.int().nullable(),
});
export type SourceFailure = z.output<typeof failureSchema>;

/** A source in the output of a tool. */
export const sourceSummarySchema = z.object({
  id: z.string(),
  kind: z.enum(SOURCE_KINDS),
  origin: z.string(),
  title: z.string().nullable(),
});

export function summarise(source: SourceDocument): z.output<typeof sourceSummarySchema> {
  const { id, kind, origin, title } = source;
  return { id, kind, origin, title };
}

/** Place of a line for a finding: local files only, as a URL is no path; the line only where it is that of the file. */
export function locationOf(
  source: SourceDocument,
  line: number,
  endLine: number = line,
): { location?: { path: string; line?: number; end_line?: number } } {
  if (source.path === null) return {};
  if (!source.linesOfFile) return { location: { path: source.path } };
  return {
    location: {
      path: source.path,
      line,
      ...(endLine === line ? {} : { end_line: endLine }),
    },
  };
}

/** How a place is named to people: `path:line`, or the URL with the line of its text. */
export function placeName(source: SourceDocument, line: number): string {
  return source.linesOfFile
    ? `${source.origin}:${line}`
    : `${source.origin}, line ${line} of its text`;
}
