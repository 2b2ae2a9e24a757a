import { posix } from 'node:path';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { scanInputShape } from '../workspace/scan-files.ts';
import { documentSchema, type Drafted } from './document-output.ts';
import type { ProjectApi } from './read-api.ts';

const input = z.strictObject({
  ...scanInputShape,
  reference: z
    .string()
    .min(1)
    .max(300)
    .regex(/^(?!\/)(?!.*\.\.)[\w./@-]+\.md$/, 'give a path below the folder that ends in .md')
    .default('docs/api.md')
    .describe('Where the reference belongs, relative to path'),
  readme: z.boolean().default(true).describe('Also write the parts of the README'),
});
const output = z.object({
  symbols: z.int(),
  undocumented: z.int(),
  documents: z.array(documentSchema),
});

/** The package at the top, with the symbols that belong into its reference. */
async function chooseSymbols(api: ProjectApi) {
  const own = api.packages.find(({ folder }) => folder === '') ?? api.packages[0];
  const offered = api.symbols.filter((symbol) => symbol.public === true);
  // Without an entry nothing says what is public: then all exports are shown.
  return { own, symbols: offered.length > 0 ? offered : api.symbols };
}

export const writeApiReference = defineTool({
  name: 'write_api_reference',
  title: 'Write the API reference',
  description:
    'Writes an API reference in Markdown from the sources, and installation, usage and exports for the README. Writes no file: gives documents and their difference to what there is.',
  group: 'documentation',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['api reference', 'readme', 'markdown', 'documentation', 'generate'],
  async run(request, env) {
    const { readApi } = await import('./read-api.ts');
    const { mergeReadme, readmeParts, renderReference } = await import('./render-reference.ts');
    const { compareDrafts, describeDocuments } = await import('./document-output.ts');
    const api = await readApi(request, env);
    const { own, symbols } = await chooseSymbols(api);
    if (symbols.length === 0)
      throw toolError(
        'tools.docs.no_symbols',
        'invalid-input',
        `"${request.path}" exports nothing that a reference could describe (JavaScript, TypeScript, Python). Give the folder of the sources.`,
      );
    const title = own?.name || posix.basename(api.scan.folder);
    const drafts: Drafted[] = [
      {
        path: request.reference,
        title: `API reference of ${title}`,
        content: renderReference(`API of ${title}`, symbols),
      },
    ];
    if (request.readme && own !== undefined) {
      const path = posix.join(own.folder, 'README.md');
      const before = api.documents.find((file) => file.path === path)?.text ?? null;
      const link = posix.relative(own.folder, request.reference);
      drafts.push({
        path,
        title: `README of ${title}`,
        content: mergeReadme(before, title, readmeParts(own, symbols, link)),
      });
    }
    const { documents, artifacts } = await compareDrafts(drafts, api.scan.folder, env);
    return {
      output: {
        symbols: symbols.length,
        undocumented: symbols.filter(({ doc }) => doc === '').length,
        documents,
      },
      summary: `Reference of ${symbols.length} symbols. Documents: ${describeDocuments(documents)}. Nothing was written to disk.`,
      artifacts,
    };
  },
});
