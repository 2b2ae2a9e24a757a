import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';
import { toolError } from '../tool-error.ts';
import { calendarDate } from './find-dates.ts';

/** A page as text. */
export interface PageText {
  title: string | null;
  author: string | null;
  published: string | null;
  canonical: string | null;
  markdown: string;
  links: string[];
  hidden: string[];
}

/** Shorter than this is more likely a part of the page than its article. */
const ARTICLE_CHARS_MIN = 140;
const LINKS_MAX = 500;
/** Telling the article apart costs more time than the rest together; longer pages are read whole. */
const ARTICLE_HTML_MAX = 600_000;

/** The DOM that readers take; ours has what they use of it. */
type ReadableDocument = ConstructorParameters<typeof Readability>[0];

interface Element {
  textContent: string | null;
  getAttribute(name: string): string | null;
  remove(): void;
  setAttribute(name: string, value: string): void;
  replaceWith(text: string): void;
}
interface Page {
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  body: Element & { innerHTML: string };
}

/** Deeper pages are not written for readers, and parsers take a time for them that grows with the square. */
const DEPTH_MAX = 500;
/** Elements that end without an end tag. */
const ENDLESS =
  /^(?:area|base|br|col|dd|dt|embed|hr|img|input|li|link|meta|option|p|path|param|source|tbody|td|tfoot|th|thead|tr|track|wbr)$/;

function assertShallow(html: string): void {
  let depth = 0;
  for (const [tag, closing, name] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)(?:\s[^<>]*)?>/gi)) {
    if (ENDLESS.test((name ?? '').toLowerCase()) || tag.endsWith('/>')) continue;
    depth = Math.max(0, depth + (closing === '/' ? -1 : 1));
    if (depth > DEPTH_MAX)
      throw toolError(
        'tools.document.refused',
        'invalid-input',
        `The page nests its elements deeper than ${DEPTH_MAX} levels.`,
      );
  }
}

function open(html: string): Page {
  assertShallow(html);
  const whole = /<html[\s>]/i.test(html)
    ? html
    : `<!doctype html><html><body>${html}</body></html>`;
  return parseHTML(whole).document as unknown as Page;
}

function clean(text: string | null | undefined): string | null {
  const joined = (text ?? '').replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  return joined === '' ? null : joined;
}

function firstOf(page: Page, selectors: readonly [string, string | null][]): string | null {
  for (const [selector, attribute] of selectors) {
    const element = page.querySelector(selector);
    const text = attribute === null ? element?.textContent : element?.getAttribute(attribute);
    const found = clean(text);
    if (found !== null) return found;
  }
  return null;
}

/** Author and date from the structured data that many sites embed. */
function linkedData(page: Page): { author: string | null; published: string | null } {
  for (const script of page.querySelectorAll('script[type="application/ld+json"]')) {
    const text = script.textContent ?? '';
    const published = /"datePublished"\s*:\s*"([^"]{4,40})"/.exec(text)?.[1] ?? null;
    const author =
      /"author"\s*:\s*(?:\[\s*)?\{[^{}]*"name"\s*:\s*"([^"]{1,200})"/.exec(text)?.[1] ??
      /"author"\s*:\s*"([^"]{1,200})"/.exec(text)?.[1] ??
      null;
    if (published !== null || author !== null) return { author, published };
  }
  return { author: null, published: null };
}

function absolute(link: string, base: string | null): string | null {
  const url = base === null ? URL.parse(link) : URL.parse(link, base);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : null;
}

function hiddenTexts(page: Page, html: string): string[] {
  const comments = [...html.matchAll(/<!--([\s\S]{1,5000}?)-->/g)].map((match) => match[1] ?? '');
  const unseen = [
    ...page.querySelectorAll(
      '[hidden], [style*="display:none"], [style*="display: none"], [style*="visibility:hidden"], [style*="visibility: hidden"], [style*="font-size:0"], [style*="font-size: 0"]',
    ),
  ].map((element) => element.textContent ?? '');
  const aside = [...page.querySelectorAll('img[alt]')].map(
    (image) => image.getAttribute('alt') ?? '',
  );
  return [...comments, ...unseen, ...aside]
    .map((text) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 1000))
    .filter((text) => text !== '')
    .slice(0, 200);
}

/** Links become absolute; those that are not http(s) (`javascript:`, `data:`) keep their words only. */
function settleLinks(page: Page, base: string | null): string[] {
  const links = new Set<string>();
  for (const anchor of page.querySelectorAll('a[href]')) {
    const target = absolute(anchor.getAttribute('href') ?? '', base);
    if (target === null) anchor.replaceWith(anchor.textContent ?? '');
    else {
      anchor.setAttribute('href', target);
      if (links.size < LINKS_MAX) links.add(target);
    }
  }
  return [...links];
}

function articleOf(
  html: string,
  base: string | null,
): { html: string; byline: string | null } | null {
  const page = open(html);
  settleLinks(page, base);
  const article = new Readability(page as unknown as ReadableDocument, {
    charThreshold: 200,
  }).parse();
  if (article === null || (article.textContent ?? '').trim().length < ARTICLE_CHARS_MIN)
    return null;
  return { html: article.content ?? '', byline: clean(article.byline) };
}

function toMarkdown(html: string): string {
  const turndown = new TurndownService({
    headingStyle: 'atx',
    bulletListMarker: '-',
    codeBlockStyle: 'fenced',
  });
  turndown.remove(['script', 'style', 'noscript', 'iframe', 'object', 'form', 'button']);
  turndown.addRule('images', { filter: 'img', replacement: () => '' });
  turndown.addRule('rows', {
    filter: 'tr',
    replacement: (content) => `\n|${content}`,
  });
  turndown.addRule('cells', {
    filter: ['td', 'th'],
    replacement: (content) => ` ${content.replaceAll(/\s+/g, ' ').trim()} |`,
  });
  const node = open(html).body;
  return turndown
    .turndown(node as unknown as Parameters<TurndownService['turndown']>[0])
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** Reads a page: its article when one can be told apart, else its body without navigation. `base` makes links absolute. */
export function readPage(html: string, base: string | null): PageText {
  const page = open(html);
  const data = linkedData(page);
  const hidden = hiddenTexts(page, html);
  const links = settleLinks(page, base);
  const title = firstOf(page, [
    ['meta[property="og:title"]', 'content'],
    ['title', null],
    ['h1', null],
  ]);
  const author =
    firstOf(page, [
      ['meta[name="author"]', 'content'],
      ['meta[property="article:author"]', 'content'],
      ['[rel="author"]', null],
    ]) ?? clean(data.author);
  const published =
    firstOf(page, [
      ['meta[property="article:published_time"]', 'content'],
      ['meta[name="date"]', 'content'],
      ['meta[name="dcterms.date"]', 'content'],
      ['time[datetime]', 'datetime'],
    ]) ?? data.published;
  const canonical = page.querySelector('link[rel="canonical"]')?.getAttribute('href') ?? null;
  const article = html.length > ARTICLE_HTML_MAX ? null : articleOf(html, base);
  for (const element of page.querySelectorAll(
    'nav, header nav, footer, aside, script, style, template, [hidden], [style*="display:none"], [style*="display: none"]',
  ))
    element.remove();
  return {
    title,
    author: author ?? article?.byline ?? null,
    published: published === null ? null : calendarDate(published),
    canonical: canonical === null ? null : absolute(canonical, base),
    markdown: toMarkdown(article?.html ?? page.body.innerHTML),
    links,
    hidden,
  };
}

/** Words of a fragment such as the text of a feed item. */
export function readFragment(html: string): string {
  return /<[a-z!/]/i.test(html) ? toMarkdown(html) : html.trim();
}
