import {
  AlignmentType,
  BorderStyle,
  Document,
  ExternalHyperlink,
  Footer,
  HeadingLevel,
  ImageRun,
  LevelFormat,
  Packer,
  PageNumber,
  Paragraph,
  ShadingType,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
} from 'docx';
import type { IRunOptions, ParagraphChild } from 'docx';
import type { List, Nodes, PhrasingContent, RootContent, Table as TableNode } from 'mdast';
import { toString as textOf } from 'mdast-util-to-string';
import { isSafeLink, parseMarkdown, svgOfImage, svgSize } from './markdown-tree.ts';

const HEADINGS = [
  HeadingLevel.HEADING_1,
  HeadingLevel.HEADING_2,
  HeadingLevel.HEADING_3,
  HeadingLevel.HEADING_4,
  HeadingLevel.HEADING_5,
  HeadingLevel.HEADING_6,
] as const;
const IMAGE_WIDTH_MAX = 600;
/** Shown by programs that know no SVG: one transparent pixel. */
const EMPTY_PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);
type Block = Paragraph | Table;

/** Sets Markdown as a Word document: real headings, lists, tables and links. */
export async function markdownToDocx(title: string, markdown: string): Promise<Uint8Array> {
  const numbered = { count: 0 };
  const children = parseMarkdown(markdown).children.flatMap((node) => block(node, numbered));
  const document = new Document({
    title,
    styles: { default: { document: { run: { font: 'Calibri', size: 21 } } } },
    numbering: {
      config: Array.from({ length: numbered.count }, (_none, index) => ({
        reference: `list-${index}`,
        levels: [0, 1, 2, 3].map((level) => ({
          level,
          format: LevelFormat.DECIMAL,
          text: `%${level + 1}.`,
          alignment: AlignmentType.START,
          style: { paragraph: { indent: { left: 360 * (level + 1), hanging: 360 } } },
        })),
      })),
    },
    sections: [
      {
        footers: {
          default: new Footer({
            children: [
              new Paragraph({
                alignment: AlignmentType.CENTER,
                children: [
                  new TextRun({ children: [PageNumber.CURRENT, ' / ', PageNumber.TOTAL_PAGES] }),
                ],
              }),
            ],
          }),
        },
        children,
      },
    ],
  });
  return Packer.toBuffer(document);
}

interface Numbered {
  /** Numbered lists so far: each counts from one again. */
  count: number;
}

function block(node: RootContent, numbered: Numbered): Block[] {
  switch (node.type) {
    case 'heading':
      return [
        new Paragraph({
          heading: HEADINGS[node.depth - 1] ?? HEADINGS[5],
          children: inline(node.children),
        }),
      ];
    case 'paragraph':
      return [new Paragraph({ spacing: { after: 120 }, children: inline(node.children) })];
    case 'list':
      return list(node, 0, numbered);
    case 'code':
      return node.value.split('\n').map(
        (line) =>
          new Paragraph({
            shading: { type: ShadingType.CLEAR, fill: 'F3F5F8' },
            children: [new TextRun({ text: line, font: 'Consolas', size: 18 })],
          }),
      );
    case 'blockquote':
      return node.children.flatMap((child) =>
        child.type === 'paragraph'
          ? [
              new Paragraph({
                indent: { left: 360 },
                children: inline(child.children, { italics: true }),
              }),
            ]
          : block(child, numbered),
      );
    case 'table':
      return [table(node), new Paragraph({})];
    case 'thematicBreak':
      return [
        new Paragraph({
          border: { bottom: { style: BorderStyle.SINGLE, size: 4, color: 'C4CAD3' } },
        }),
      ];
    default:
      return [];
  }
}

function list(node: List, level: number, numbered: Numbered): Block[] {
  const reference = node.ordered === true ? `list-${numbered.count++}` : null;
  return node.children.flatMap((item) =>
    item.children.flatMap((child, index): Block[] => {
      if (child.type === 'list') return list(child, Math.min(3, level + 1), numbered);
      if (child.type !== 'paragraph') return block(child, numbered);
      const done = item.checked === true ? '☑ ' : item.checked === false ? '☐ ' : '';
      const children = [...(done === '' ? [] : [new TextRun(done)]), ...inline(child.children)];
      if (index > 0) return [new Paragraph({ indent: { left: 360 * (level + 1) }, children })];
      return [
        new Paragraph({
          children,
          ...(reference === null ? { bullet: { level } } : { numbering: { reference, level } }),
        }),
      ];
    }),
  );
}

function inline(children: readonly PhrasingContent[], style: IRunOptions = {}): ParagraphChild[] {
  return children.flatMap((node): ParagraphChild[] => {
    switch (node.type) {
      case 'text':
        return [new TextRun({ ...style, text: node.value })];
      case 'strong':
        return inline(node.children, { ...style, bold: true });
      case 'emphasis':
        return inline(node.children, { ...style, italics: true });
      case 'delete':
        return inline(node.children, { ...style, strike: true });
      case 'inlineCode':
        return [new TextRun({ ...style, text: node.value, font: 'Consolas' })];
      case 'break':
        return [new TextRun({ ...style, break: 1 })];
      case 'link':
        if (!isSafeLink(node.url)) return inline(node.children, style);
        return [
          new ExternalHyperlink({
            link: node.url,
            children: inline(node.children, { ...style, style: 'Hyperlink' }),
          }),
        ];
      case 'image':
        return [image(node.url, node.alt ?? 'image')];
      default:
        return [new TextRun({ ...style, text: textOf(node as Nodes) })];
    }
  });
}

function image(url: string, alt: string): ParagraphChild {
  const svg = svgOfImage(url);
  if (svg === null) return new TextRun({ text: `[${alt}]`, color: '5B6470' });
  const size = svgSize(svg);
  const width = Math.min(IMAGE_WIDTH_MAX, size.width);
  return new ImageRun({
    type: 'svg',
    data: Buffer.from(svg),
    fallback: { type: 'png', data: EMPTY_PNG },
    transformation: { width, height: Math.round((width * size.height) / size.width) },
    altText: { name: alt, title: alt, description: alt },
  });
}

function table(node: TableNode): Table {
  const [head] = node.children;
  const columns = head?.children.length ?? 1;
  return new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    rows: node.children.map(
      (row, index) =>
        new TableRow({
          tableHeader: index === 0,
          children: Array.from(
            { length: columns },
            (_none, column) =>
              new TableCell({
                children: [
                  new Paragraph({
                    children: inline(row.children[column]?.children ?? [], { bold: index === 0 }),
                  }),
                ],
              }),
          ),
        }),
    ),
  });
}
