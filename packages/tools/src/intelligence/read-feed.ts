import { XMLParser } from 'fast-xml-parser';
import { calendarDate } from './find-dates.ts';
import { readFragment } from './read-page.ts';

export interface FeedItem {
  title: string | null;
  url: string | null;
  author: string | null;
  published: string | null;
  text: string;
}
export interface Feed {
  title: string | null;
  items: FeedItem[];
  /** Items beyond the bound. */
  left: number;
}

type Node = Record<string, unknown>;

/** True for what begins like RSS, RDF or Atom. */
export function looksLikeFeed(text: string): boolean {
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:rss|feed|rdf:RDF)[\s>]/i.test(
    text.slice(0, 2000),
  );
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The parser resolves no entity at all, so that none can grow; the few that matter are put back here. */
function unescape(text: string): string {
  return text.replaceAll(/&(#\d{1,7}|#x[0-9a-f]{1,6}|\w{2,6});/gi, (whole, inner: string) => {
    if (!inner.startsWith('#')) return NAMED[inner.toLowerCase()] ?? whole;
    const code = /^#x/i.test(inner) ? Number.parseInt(inner.slice(2), 16) : Number(inner.slice(1));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (isNode(first)) return textOf(first['#text'] ?? first['#cdata'] ?? first['name']);
  if (typeof first !== 'string' && typeof first !== 'number') return null;
  const text = unescape(String(first)).trim();
  return text === '' ? null : text;
}

function listOf(value: unknown): Node[] {
  return (Array.isArray(value) ? value : [value]).filter(isNode);
}

function linkOf(item: Node, base: string): string | null {
  const links = Array.isArray(item['link']) ? item['link'] : [item['link']];
  const chosen =
    links.find((link) => isNode(link) && (link['@rel'] ?? 'alternate') === 'alternate') ?? links[0];
  const text = isNode(chosen) ? (textOf(chosen['@href']) ?? textOf(chosen)) : textOf(chosen);
  return text === null ? null : (URL.parse(text, base)?.href ?? null);
}

function toItem(item: Node, base: string): FeedItem {
  const body = item['content:encoded'] ?? item['content'] ?? item['description'] ?? item['summary'];
  const date = textOf(item['pubDate'] ?? item['published'] ?? item['updated'] ?? item['dc:date']);
  return {
    title: textOf(item['title']),
    url: linkOf(item, base),
    author: textOf(item['author'] ?? item['dc:creator']),
    published: date === null ? null : calendarDate(date),
    text: readFragment(textOf(body) ?? ''),
  };
}

/** Items of an RSS 2.0, RSS 1.0 or Atom document, at most `itemsMax`. Throws for what is no well-formed XML. */
export function readFeed(text: string, base: string, itemsMax: number): Feed {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    processEntities: false,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
  });
  const root = parser.parse(text.replace(/<!DOCTYPE[^>[]*(?:\[[\s\S]*?\])?[^>]*>/i, '')) as Node;
  const rss = isNode(root['rss']) ? root['rss'] : isNode(root['rdf:RDF']) ? root['rdf:RDF'] : null;
  const head = isNode(root['feed']) ? root['feed'] : isNode(rss?.['channel']) ? rss['channel'] : {};
  const items = [...listOf(head['item']), ...listOf(head['entry']), ...listOf(rss?.['item'])];
  return {
    title: textOf(head['title']),
    items: items.slice(0, itemsMax).map((item) => toItem(item, base)),
    left: Math.max(0, items.length - itemsMax),
  };
}
