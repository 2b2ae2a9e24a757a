import type { ApiSymbol } from './api-symbol.ts';
import type { PackageFacts } from './read-packages.ts';

const GROUPS: readonly [ApiSymbol['kind'], string][] = [
  ['function', 'Functions'],
  ['class', 'Classes'],
  ['constant', 'Constants'],
  ['interface', 'Interfaces'],
  ['type', 'Types'],
  ['enum', 'Enumerations'],
];

const cell = (text: string): string =>
  text
    .replaceAll('|', String.raw`\|`)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
const code = (text: string): string => (text === '' ? '' : `\`${cell(text)}\``);

/** A fence longer than any in the text. */
function fenced(language: string, text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, text, fence, ''];
}

function bare(text: string): { language: string; text: string } {
  const inner = /^```(\w*)\n([\s\S]*?)\n```$/.exec(text.trim());
  return inner === null
    ? { language: 'ts', text: text.trim() }
    : { language: inner[1] || 'ts', text: inner[2] ?? '' };
}

function renderParameters({ parameters }: ApiSymbol): string[] {
  if (parameters.every(({ doc, type }) => doc === '' && type === '')) return [];
  return [
    '| parameter | type | | meaning |',
    '| --- | --- | --- | --- |',
    ...parameters.map(
      ({ name, type, optional, doc }) =>
        `| ${code(name)} | ${code(type)} | ${optional ? 'optional' : ''} | ${cell(doc)} |`,
    ),
    '',
  ];
}

function renderMembers({ members }: ApiSymbol): string[] {
  if (members.length === 0) return [];
  return [
    '| member | meaning |',
    '| --- | --- |',
    ...members.map(({ signature, doc }) => `| ${code(signature)} | ${cell(doc)} |`),
    '',
  ];
}

function renderSymbol(symbol: ApiSymbol): string[] {
  const language = symbol.path.endsWith('.py') ? 'python' : 'ts';
  return [
    `### ${symbol.name}`,
    '',
    ...fenced(language, symbol.signature),
    ...(symbol.deprecated === null ? [] : [`**Deprecated.** ${cell(symbol.deprecated)}`, '']),
    ...(symbol.doc === '' ? ['*Not documented.*', ''] : [symbol.doc, '']),
    ...renderParameters(symbol),
    ...(symbol.returns === '' ? [] : [`Returns ${cell(symbol.returns)}`, '']),
    ...renderMembers(symbol),
    ...symbol.examples.map(bare).flatMap((example) => fenced(example.language, example.text)),
    `Source: \`${symbol.path}:${symbol.line}\``,
    '',
  ];
}

/** The reference of symbols, grouped by kind and in the order of their names. */
export function renderReference(title: string, symbols: readonly ApiSymbol[]): string {
  const groups = GROUPS.flatMap(([kind, heading]) => {
    const members = symbols
      .filter((symbol) => symbol.kind === kind)
      .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return members.length === 0 ? [] : [`## ${heading}`, '', ...members.flatMap(renderSymbol)];
  });
  return `${[`# ${title}`, '', ...groups].join('\n').trimEnd()}\n`;
}

/** First sentence of a documentation text. */
export function firstSentence(doc: string): string {
  const text = cell(doc);
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}

export interface ReadmePart {
  heading: string;
  /** Other headings under which the same is found. */
  like: RegExp;
  body: string;
}

/** Installation, usage and exports of a package, as far as the sources tell them. */
export function readmeParts(
  own: PackageFacts,
  symbols: readonly ApiSymbol[],
  reference: string,
): ReadmePart[] {
  const values = symbols.filter(({ kind }) => kind === 'function' || kind === 'class');
  const shown = values.find(({ examples }) => examples.length > 0);
  const example = shown?.examples[0];
  const usage =
    example === undefined
      ? fenced(
          'ts',
          `import { ${values
            .slice(0, 3)
            .map(({ name }) => name)
            .join(', ')} } from '${own.name}';`,
        )
      : fenced(bare(example).language, bare(example).text);
  const rows = symbols.map(
    ({ name, kind, doc }) => `| \`${name}\` | ${kind} | ${firstSentence(doc)} |`,
  );
  return [
    ...(own.isPrivate || own.name === ''
      ? []
      : [
          {
            heading: 'Installation',
            like: /^(?:install|getting started|set ?up)/i,
            body: fenced('sh', `npm install ${own.name}`).join('\n').trim(),
          },
        ]),
    ...(values.length === 0
      ? []
      : [
          {
            heading: 'Usage',
            like: /^(?:usage|quick ?start|examples?)/i,
            body: usage.join('\n').trim(),
          },
        ]),
    {
      heading: 'Exports',
      like: /^(?:exports|api)\b/i,
      body: [
        '| name | kind | what it is |',
        '| --- | --- | --- |',
        ...rows,
        '',
        `Details: [${reference}](${reference})`,
      ].join('\n'),
    },
  ];
}

/** Puts the parts into a README: `Exports` is replaced, the others are added only where nothing like them stands. */
export function mergeReadme(
  readme: string | null,
  title: string,
  parts: readonly ReadmePart[],
): string {
  let text = readme ?? `# ${title}\n`;
  for (const { heading, like, body } of parts) {
    const sections = [...text.matchAll(/^## +(.+?)\s*$/gm)];
    const at = sections.findIndex((match) => like.test(match[1] ?? ''));
    const found = sections[at];
    if (found === undefined) text = `${text.trimEnd()}\n\n## ${heading}\n\n${body}\n`;
    else if (heading === 'Exports' && found[1] === 'Exports') {
      const next = sections[at + 1]?.index ?? text.length;
      const rest = text.slice(next);
      text = `${text.slice(0, found.index)}## ${heading}\n\n${body}\n${rest === '' ? '' : `\n${rest}`}`;
    }
  }
  return text;
}
