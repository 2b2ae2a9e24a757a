import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { instructionFindings } from './instructions.ts';

const input = z.strictObject({
  url: z.string().min(1).max(4096).describe('http or https URL of a page'),
  chars_max: z.int().min(200).max(200_000).default(60_000),
});
const output = z.object({
  url: z.string(),
  title: z.string().nullable(),
  author: z.string().nullable(),
  published: z.string().nullable(),
  markdown: z.string(),
  chars: z.int(),
  cut: z.boolean(),
  links: z.array(z.string()),
});

export const webPageToMarkdown = defineTool({
  name: 'web_page_to_markdown',
  title: 'Web page to Markdown',
  description:
    'Requests one web page, as far as its robots.txt permits, and gives the text of its article as Markdown with title, author, date and links.',
  group: 'intelligence',
  input,
  output,
  capabilities: ['read', 'network'],
  timeoutMs: 120_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['web', 'article', 'html', 'read', 'browse', 'url'],
  async run({ url, chars_max: charsMax }, env) {
    const { isUrl, loadSources } = await import('./load-sources.ts');
    if (!isUrl(url))
      throw toolError(
        'tools.network.url_invalid',
        'invalid-input',
        `"url" must begin with http:// or https://, and is "${url.slice(0, 200)}".`,
      );
    const { documents, failures } = await loadSources({ sources: [url] }, env);
    const page = documents[0];
    if (page === undefined)
      throw toolError(
        'tools.sources.unreadable',
        'upstream-failed',
        `"${url}" was not read: ${failures[0]?.message ?? 'the feed there is empty.'}`,
      );
    const markdown = documents.map(({ lines }) => lines.join('\n')).join('\n\n');
    return {
      output: {
        url: page.url ?? url,
        title: page.title,
        author: page.author,
        published: page.published,
        markdown: markdown.slice(0, charsMax),
        chars: markdown.length,
        cut: markdown.length > charsMax || page.truncated,
        links: page.links.slice(0, 200),
      },
      summary: `"${page.title ?? url}": ${markdown.length} characters, ${page.links.length} links${markdown.length > charsMax ? `, cut at ${charsMax}` : ''}.`,
      findings: documents.flatMap((document) =>
        instructionFindings(document, 'web_page_to_markdown'),
      ),
    };
  },
});
