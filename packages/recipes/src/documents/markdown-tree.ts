import type { Root } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

/** The Markdown of a report as a tree. HTML inside it stays in the tree as `html` nodes, which no writer renders. */
export function parseMarkdown(markdown: string): Root {
  return unified().use(remarkParse).use(remarkGfm).parse(markdown);
}

/** Links that a reader may follow from a document; anything else is shown as text only. */
export function isSafeLink(url: string): boolean {
  return /^(?:https?:|mailto:)/i.test(url);
}

/** SVG text of a `data:` image, as charts are written; null for every other address: nothing is fetched. */
export function svgOfImage(url: string): string | null {
  const match = /^data:image\/svg\+xml(?<flags>[^,]*),(?<data>.*)$/is.exec(url);
  if (match?.groups === undefined) return null;
  const { flags = '', data = '' } = match.groups;
  const text = flags.includes('base64')
    ? Buffer.from(data, 'base64').toString('utf8')
    : decodeURIComponent(data);
  return text.includes('<svg') ? text : null;
}

/** Width and height of an SVG in its own units; 640 × 360 when it names none. */
export function svgSize(svg: string): { width: number; height: number } {
  const viewBox = /viewBox="[\d.-]+[ ,]+[\d.-]+[ ,]+([\d.]+)[ ,]+([\d.]+)"/.exec(svg);
  const width = Number(viewBox?.[1] ?? /<svg[^>]*\swidth="([\d.]+)/.exec(svg)?.[1] ?? 640);
  const height = Number(viewBox?.[2] ?? /<svg[^>]*\sheight="([\d.]+)/.exec(svg)?.[1] ?? 360);
  return { width, height };
}
