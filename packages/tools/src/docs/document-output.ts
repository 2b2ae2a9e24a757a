import { z } from 'zod';
import type { ToolArtifact, ToolEnvironment } from '../definition.ts';
import { readTextFile } from '../workspace/read-text.ts';
import { unifiedDiff } from './unified-diff.ts';

const CONTENT_MAX = 100_000;

/** A document that was written, held against the file that stands at its place; nothing is put on disk. */
export const documentSchema = z.object({
  path: z.string().describe('Where it belongs, relative to the folder'),
  file: z.string().describe('The same, absolute'),
  status: z.enum(['new', 'changed', 'same']),
  lines: z.int(),
  to_write: z.boolean().describe('Differs from what there is, and `content` holds all of it'),
  content: z
    .string()
    .nullable()
    .describe('Null when it is longer than 100,000 characters: see the artifact'),
});
export type DocumentOutput = z.output<typeof documentSchema>;

export interface Drafted {
  /** Relative to the folder, with `/`. */
  path: string;
  title: string;
  content: string;
}

/** Compares drafts with what there is and makes artifacts of them: the document, and the difference when a file exists. */
export async function compareDrafts(
  drafts: readonly Drafted[],
  folder: string,
  env: ToolEnvironment,
): Promise<{ documents: DocumentOutput[]; artifacts: ToolArtifact[] }> {
  const documents: DocumentOutput[] = [];
  const artifacts: ToolArtifact[] = [];
  for (const { path, title, content } of drafts) {
    const file = `${folder}/${path}`;
    const real = await env.roots.resolveInside(file).catch(() => null);
    const read = real === null ? undefined : await readTextFile(real);
    const before = read?.kind === 'text' ? read.text : null;
    const diff = unifiedDiff(path, before, content);
    documents.push({
      path,
      file,
      status: before === null ? 'new' : diff === '' ? 'same' : 'changed',
      lines: content.split('\n').length - 1,
      to_write: diff !== '' && content.length <= CONTENT_MAX,
      content: content.length <= CONTENT_MAX ? content : null,
    });
    const name = path.replaceAll('/', '-');
    artifacts.push({ name, title, contentType: 'text/markdown', content });
    if (before !== null && diff !== '')
      artifacts.push({
        name: `${name}.diff`,
        title: `Changes to ${path}`,
        contentType: 'text/x-diff',
        content: diff,
      });
  }
  return { documents, artifacts };
}

/** How the drafts stand to what there is, for a summary. */
export function describeDocuments(documents: readonly DocumentOutput[]): string {
  return documents
    .map(({ path, status, lines }) => `${path} (${status}, ${lines} lines)`)
    .join(', ');
}
