import type { Code, Heading, Node, Parents, Root } from 'mdast';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

/** A fenced block of code in a document. */
export interface Example {
  path: string;
  language: string;
  text: string;
  /** 1-based line of its first line of code. */
  line: number;
}

/** A problem in an example; `offset` counts its lines from 0. */
export interface ExampleProblem {
  rule: string;
  message: string;
  offset: number;
  fix: string;
}

/** Documents and sections that speak of what was, on purpose. */
const PAST_FILES = /(?:^|\/)(?:CHANGELOG|CHANGES|HISTORY|RELEASES?|UPGRADING|MIGRAT\w*)[^/]*$/i;
const PAST_HEADINGS = /\b(?:migrat\w*|upgrad\w*|changelog|deprecated|removed|legacy)\b/i;

function plain(node: Node): string {
  if ('value' in node && typeof node.value === 'string') return node.value;
  return 'children' in node ? (node as Parents).children.map(plain).join('') : '';
}

/** Fenced blocks of a Markdown text that speak of the present. */
export function readExamples(path: string, source: string): Example[] {
  if (PAST_FILES.test(path)) return [];
  const root: Root = unified().use(remarkParse).use(remarkGfm).parse(source);
  const lines = source.split('\n');
  const found: Example[] = [];
  /** Level of the heading under which everything is past. */
  let past = 0;
  const visit = (node: Node): void => {
    if (node.type === 'heading') {
      const { depth } = node as Heading;
      if (past === 0 || depth <= past) past = PAST_HEADINGS.test(plain(node)) ? depth : 0;
    } else if (node.type === 'code' && past === 0) {
      const code = node as Code;
      const start = code.position?.start.line ?? 1;
      const fenced = /^\s*(?:>\s*)*(?:`{3,}|~{3,})/.test(lines[start - 1] ?? '');
      if (fenced)
        found.push({
          path,
          language: (code.lang ?? '').toLowerCase(),
          text: code.value,
          line: start + 1,
        });
    }
    if ('children' in node) for (const child of (node as Parents).children) visit(child);
  };
  visit(root);
  return found;
}
