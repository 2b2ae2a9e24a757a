const HIDDEN = new Set(['script', 'style', 'head', 'template', 'title', 'noscript']);
const BREAKS = new Set(
  'p div section article header footer main ul ol table thead tbody blockquote br hr dl dt dd figure'.split(
    ' ',
  ),
);
const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  amp: '&',
};

/**
 * Text of an HTML document with its headings, list items, rows and code as Markdown: for measuring, not for showing. Reads
 * each character once, whatever is left open.
 */
export function htmlToMarkdown(html: string): string {
  const writer = new Writer();
  let at = 0;
  for (const match of html.matchAll(/<!--|<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?\/?>/gi)) {
    if (match.index < at) continue;
    writer.text(html.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[0] === '<!--') {
      const end = html.indexOf('-->', at);
      at = end === -1 ? html.length : end + 3;
    } else writer.tag((match[2] ?? '').toLowerCase(), match[1] === '/');
  }
  writer.text(html.slice(at));
  return writer.out.join('');
}

class Writer {
  readonly out: string[] = [];
  #hidden: string | null = null;
  #pre = false;
  #row: { cells: string[]; head: boolean } | null = null;
  #cell: string[] | null = null;

  text(raw: string): void {
    if (this.#hidden !== null || raw === '') return;
    const text = raw.replaceAll(/&(#\d{1,7}|[a-z]{2,6});/gi, decoded);
    this.#write(this.#pre ? text : text.replaceAll(/\s+/g, ' '));
  }

  tag(name: string, closes: boolean): void {
    if (this.#hidden !== null) {
      if (closes && name === this.#hidden) this.#hidden = null;
      return;
    }
    if (HIDDEN.has(name) && !closes) this.#hidden = name;
    else if (name === 'pre') this.#fence(closes);
    else if (name === 'code' && !this.#pre) this.#write('`');
    else if (name === 'tr') this.#tableRow(closes);
    else if (name === 'td' || name === 'th') this.#tableCell(name, closes);
    else if (/^h[1-6]$/.test(name))
      this.#write(closes ? '\n\n' : `\n\n${'#'.repeat(Number(name[1]))} `);
    else if (name === 'li' && !closes) this.#write('\n- ');
    else if (BREAKS.has(name)) this.#write('\n\n');
  }

  #write(text: string): void {
    (this.#cell ?? this.out).push(text);
  }

  #fence(closes: boolean): void {
    if (closes === !this.#pre) return;
    this.#write('\n```\n');
    this.#pre = !closes;
  }

  #tableRow(closes: boolean): void {
    if (!closes) {
      this.#row = { cells: [], head: false };
      return;
    }
    this.#cell = null;
    if (this.#row === null) return;
    const { cells, head } = this.#row;
    this.#row = null;
    this.#write(`\n| ${cells.join(' | ')} |${head ? `\n|${' --- |'.repeat(cells.length)}` : ''}`);
  }

  #tableCell(name: string, closes: boolean): void {
    if (this.#row === null) return;
    if (this.#cell !== null) {
      const text = this.#cell.join('').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
      this.#row.cells.push(text);
      this.#cell = null;
    }
    if (closes) return;
    this.#row.head ||= name === 'th';
    this.#cell = [];
  }
}

function decoded(entity: string, name: string): string {
  if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? entity;
  const code = Number(name.slice(1));
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
}
