import type { Node, Parents, Root } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

export interface MarkdownLink {
  url: string;
  line: number;
  text: string;
}

export interface MarkdownFacts {
  links: MarkdownLink[];
  /** Anchors that links may name: headings as GitHub makes them, and ids in HTML. */
  anchors: Set<string>;
}

const parser = () => unified().use(remarkParse).use(remarkGfm);

function textOf(node: Node): string {
  if ('value' in node && typeof node.value === 'string')
    return node.type === 'html' ? '' : node.value;
  if ('children' in node) return (node as Parents).children.map(textOf).join('');
  return '';
}

/** Anchor of a heading as GitHub makes it; repeated headings get -1, -2 … */
export function slugOf(heading: string, used: Map<string, number>): string {
  const base = heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');
  const count = used.get(base) ?? 0;
  used.set(base, count + 1);
  return count === 0 ? base : `${base}-${count}`;
}

/** Reads links, images, definitions and anchors of a Markdown text with their lines. */
export function readMarkdown(text: string): MarkdownFacts {
  const links: MarkdownLink[] = [];
  const anchors = new Set<string>();
  const used = new Map<string, number>();
  const visit = (node: Node): void => {
    const line = node.position?.start.line ?? 1;
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
      links.push({
        url: (node as unknown as { url: string }).url,
        line,
        text: textOf(node).slice(0, 100),
      });
    else if (node.type === 'heading') anchors.add(slugOf(textOf(node), used));
    else if (node.type === 'html')
      readHtml((node as unknown as { value: string }).value, line, { links, anchors });
    if ('children' in node) for (const child of (node as Parents).children) visit(child);
  };
  visit(parser().parse(text) as Root);
  return { links, anchors };
}

function readHtml(html: string, line: number, facts: MarkdownFacts): void {
  for (const match of html.matchAll(/\b(?:id|name)\s*=\s*["']([^"']+)["']/gi))
    facts.anchors.add((match[1] ?? '').toLowerCase());
  for (const match of html.matchAll(/\b(?:href|src)\s*=\s*["']([^"']+)["']/gi)) {
    const offset = html.slice(0, match.index).split('\n').length - 1;
    facts.links.push({ url: match[1] ?? '', line: line + offset, text: '' });
  }
}
