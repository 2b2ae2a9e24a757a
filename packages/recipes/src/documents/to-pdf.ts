import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ListItem, Nodes, PhrasingContent, RootContent, Table } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { isSafeLink, parseMarkdown, svgOfImage, svgSize } from './markdown-tree.ts';
import type { PdfContent, PdfMaker } from './pdfmake-types.ts';

const PAGE_WIDTH_PT = 595.28 - 2 * 48;
const HEADING_PT = [22, 17, 14, 12, 11, 10] as const;
const GREY = '#5b6470';

const require = createRequire(import.meta.url);

/** Sets Markdown as an A4 PDF with a page number on each page. Nothing is fetched while it is set. */
export async function markdownToPdf(title: string, markdown: string): Promise<Uint8Array> {
  const maker = loadMaker();
  const document = maker.createPdf({
    info: { title },
    pageMargins: [48, 48, 48, 56],
    defaultStyle: { font: 'Sans', fontSize: 9.5, lineHeight: 1.25 },
    content: parseMarkdown(markdown).children.flatMap(block),
    footer: (page: number, pages: number) => ({
      text: `${page} / ${pages}`,
      alignment: 'center',
      fontSize: 8,
      color: GREY,
      margin: [0, 18, 0, 0],
    }),
  });
  return document.getBuffer();
}

function loadMaker(): PdfMaker {
  const maker = require('pdfmake') as PdfMaker;
  const folder = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  const font = (name: string) => join(folder, `DejaVu${name}.ttf`);
  maker.setFonts({
    Sans: {
      normal: font('Sans'),
      bold: font('Sans-Bold'),
      italics: font('Sans-Oblique'),
      bolditalics: font('Sans-BoldOblique'),
    },
    Mono: {
      normal: font('SansMono'),
      bold: font('SansMono-Bold'),
      italics: font('SansMono-Oblique'),
      bolditalics: font('SansMono-BoldOblique'),
    },
  });
  maker.setUrlAccessPolicy(() => false);
  maker.setLocalAccessPolicy((path) => path.startsWith(folder));
  return maker;
}

function block(node: RootContent): PdfContent[] {
  switch (node.type) {
    case 'heading':
      return [
        {
          text: inline(node.children),
          bold: true,
          fontSize: HEADING_PT[node.depth - 1] ?? 10,
          margin: [0, node.depth === 1 ? 0 : 10, 0, 4],
          headlineLevel: node.depth,
        },
      ];
    case 'paragraph':
      return paragraph(node.children);
    case 'list':
      return [
        {
          [node.ordered === true ? 'ol' : 'ul']: node.children.map(listItem),
          margin: [0, 0, 0, 6],
        },
      ];
    case 'code':
      return [codeBlock(node.value)];
    case 'blockquote':
      return [
        { stack: node.children.flatMap(block), color: GREY, italics: true, margin: [14, 2, 0, 6] },
      ];
    case 'table':
      return [table(node)];
    case 'thematicBreak':
      return [
        {
          canvas: [
            {
              type: 'line',
              x1: 0,
              y1: 4,
              x2: PAGE_WIDTH_PT,
              y2: 4,
              lineWidth: 0.5,
              lineColor: '#c4cad3',
            },
          ],
          margin: [0, 4, 0, 8],
        },
      ];
    default:
      return [];
  }
}

/** Images stand on lines of their own; the text around them keeps its order. */
function paragraph(children: readonly PhrasingContent[]): PdfContent[] {
  const blocks: PdfContent[] = [];
  let run: PhrasingContent[] = [];
  const flush = () => {
    if (run.length > 0) blocks.push({ text: inline(run), margin: [0, 0, 0, 6] });
    run = [];
  };
  for (const child of children) {
    const svg = child.type === 'image' ? svgOfImage(child.url) : null;
    if (svg === null) run.push(child);
    else {
      flush();
      blocks.push({
        svg,
        width: Math.min(PAGE_WIDTH_PT, svgSize(svg).width),
        margin: [0, 4, 0, 8],
      });
    }
  }
  flush();
  return blocks;
}

interface Style {
  bold?: boolean;
  italics?: boolean;
  decoration?: 'lineThrough' | 'underline';
  link?: string;
  color?: string;
}

function inline(children: readonly PhrasingContent[], style: Style = {}): PdfContent[] {
  return children.flatMap((node): PdfContent[] => {
    switch (node.type) {
      case 'text':
        return [{ text: node.value, ...style }];
      case 'strong':
        return inline(node.children, { ...style, bold: true });
      case 'emphasis':
        return inline(node.children, { ...style, italics: true });
      case 'delete':
        return inline(node.children, { ...style, decoration: 'lineThrough' });
      case 'inlineCode':
        return [{ text: node.value, font: 'Mono', fontSize: 8.5, ...style }];
      case 'break':
        return [{ text: '\n' }];
      case 'link':
        return inline(
          node.children,
          isSafeLink(node.url) ? { ...style, link: node.url, color: '#1d4ed8' } : style,
        );
      case 'image':
        return [{ text: `[${node.alt ?? 'image'}]`, ...style, color: GREY }];
      default:
        return [{ text: textOf(node as Nodes), ...style }];
    }
  });
}

function listItem(item: ListItem): PdfContent {
  const done = item.checked === true ? '☑ ' : item.checked === false ? '☐ ' : '';
  const blocks = item.children.flatMap(block);
  return { stack: done === '' ? blocks : [{ text: done }, ...blocks] };
}

function codeBlock(value: string): PdfContent {
  return {
    table: {
      widths: ['*'],
      body: [[{ text: value, font: 'Mono', fontSize: 8, preserveLeadingSpaces: true }]],
    },
    layout: { hLineWidth: () => 0, vLineWidth: () => 0, fillColor: () => '#f3f5f8' },
    margin: [0, 2, 0, 8],
  };
}

function table(node: Table): PdfContent {
  const [head, ...rows] = node.children;
  const columns = head?.children.length ?? 0;
  const fontSize = columns > 4 ? 7.5 : 8.5;
  const cells = (row: Table['children'][number], bold: boolean) =>
    Array.from({ length: columns }, (_none, index) => ({
      text: inline(row.children[index]?.children ?? []),
      bold,
      alignment: node.align?.[index] ?? 'left',
    }));
  const body = [
    ...(head === undefined ? [] : [cells(head, true)]),
    ...rows.map((row) => cells(row, false)),
  ];
  return {
    table: { headerRows: 1, dontBreakRows: true, widths: widthsOf(node, columns, fontSize), body },
    layout: {
      hLineWidth: (line: number) => (line === 1 ? 0.8 : 0.3),
      vLineWidth: () => 0,
      hLineColor: () => '#c4cad3',
      paddingLeft: () => 3,
      paddingRight: () => 3,
    },
    fontSize,
    margin: [0, 2, 0, 10],
  };
}

/** Shares of the page by the longest text of each column; no column is narrower than the longest word of its head. */
function widthsOf(node: Table, columns: number, fontSize: number): number[] {
  const texts = (index: number) =>
    node.children
      .slice(0, 60)
      .map((row) => textOf(row.children[index] ?? { type: 'text', value: '' }));
  const least = Array.from({ length: columns }, (_none, index) => {
    const words = (texts(index)[0] ?? '').split(/\s+/).map((word) => word.length);
    return Math.max(20, Math.max(...words) * fontSize * 0.72);
  });
  const weights = Array.from({ length: columns }, (_none, index) =>
    Math.min(60, Math.max(4, ...texts(index).map((text) => text.length))),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const room = PAGE_WIDTH_PT - columns * 7 - least.reduce((sum, width) => sum + width, 0);
  return weights.map((weight, index) => (least[index] ?? 0) + Math.max(0, room * weight) / total);
}
