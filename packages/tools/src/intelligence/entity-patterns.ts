import { isIPv4, isIPv6 } from 'node:net';
import { parse as parseDomain } from 'tldts';
import type { FoundEntity } from './entity-types.ts';
import { dateText, findDates } from './find-dates.ts';

/** File endings that are also top-level domains: `setup.py` and `README.md` are files unless something says otherwise. */
const FILE_ENDINGS =
  /\.(?:md|py|rs|sh|pl|ps|cc|ml|mk|mm|so|zip|mov|app|as|ts|js|json|yaml|yml|toml|html|htm|css|java|go|rb|php|txt|pdf|log|csv|xml|lock|cfg|conf|ini|exe|dll|gz|tar|tsx|jsx|vue|sql|dev\.ts)$/i;
const URL_SHAPE = /\bhttps?:\/\/[^\s<>"'`)\]]+/gi;
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}\b/g;
const DOMAIN =
  /(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?![\w@(]|-\w|\.\w)/gi;
const IPV4 = /(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)/g;
const IPV6 = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:.])/gi;
const HASH = /(?<![\w-])(?:[0-9a-f]{128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32})(?![\w-])/gi;
const CVE = /\bCVE-(?:19|20)\d{2}-\d{4,7}\b/gi;
const MONEY =
  /(?<![\w.])(?:(?:US|A|C)?[$€£¥]\s?(\d[\d,]*(?:\.\d+)?)\s?(k|m|bn|million|billion|thousand)?\b|(\d[\d,]*(?:\.\d+)?)\s?(million|billion|thousand|m|bn)?\s?(USD|EUR|GBP|CHF|JPY|dollars|euros|pounds)\b)/gi;
const VERSION =
  /(?:\b(?:version|release)\s+|\bv)(\d{1,4}(?:\.\d{1,5}){0,3}(?:-[\w.]{1,20})?)\b|\b([A-Z][\w+]*(?:[ -][A-Z][\w+]*){0,2})\s+(\d{1,4}(?:\.\d{1,5}){1,3}(?:-(?:alpha|beta|rc)[\w.]{0,10})?)(?![\w%]|\.\d|,\d)/g;
const NOT_PRODUCTS =
  /^(?:version|release|section|chapter|figure|table|page|step|about|over|nearly|only|some|from|the|in|at|since|between|sha|until|by|and|or|a|an|to|of|for|with|is|was|on)$/i;

/** Undoes `hxxp://`, `[.]` and `[at]`, with which reports keep addresses from being clicked. */
export function refang(text: string): string {
  return text
    .replaceAll(/\bhxxp(s?):\/\//gi, 'http$1://')
    .replaceAll(/\[\.\]|\(\.\)|\[dot\]/gi, '.')
    .replaceAll(/\[@\]|\[at\]/gi, '@');
}

function unit(text: string | undefined): string {
  const word = (text ?? '').toLowerCase();
  if (word === 'k' || word === 'thousand') return '000';
  if (word === 'm' || word === 'million') return '000000';
  return word === 'bn' || word === 'billion' ? '000000000' : '';
}

function amount(digits: string, scale: string): string {
  const value = Number(digits.replaceAll(',', '')) * Number(`1${scale}`);
  return String(Math.round(value * 100) / 100);
}

const CURRENCY: Readonly<Record<string, string>> = {
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  dollars: 'USD',
  euros: 'EUR',
  pounds: 'GBP',
};

function moneyIn(text: string): FoundEntity[] {
  return [...text.matchAll(MONEY)].map((match) => {
    const sign = /[$€£¥]/.exec(match[0])?.[0];
    const word = match[5] ?? '';
    const currency =
      sign === undefined ? (CURRENCY[word.toLowerCase()] ?? word.toUpperCase()) : CURRENCY[sign];
    const value = amount(match[1] ?? match[3] ?? '0', unit(match[2] ?? match[4]));
    return { type: 'money', value: `${currency} ${value}` };
  });
}

function versionsIn(text: string): FoundEntity[] {
  return [...text.matchAll(VERSION)].flatMap((match): FoundEntity[] => {
    const [, bare, product, number] = match;
    if (bare !== undefined) {
      const before = /([A-Z][\w+]*(?:[ -][A-Z][\w+]*){0,2}),?\s*$/.exec(
        text.slice(0, match.index),
      )?.[1];
      const isProduct = before !== undefined && !NOT_PRODUCTS.test(before);
      return isProduct
        ? [
            { type: 'version', value: `${before} ${bare}` },
            { type: 'product', value: before },
          ]
        : [{ type: 'version', value: bare }];
    }
    const words = (product ?? '').split(' ').filter((word) => !NOT_PRODUCTS.test(word));
    if (words.length === 0 || number === undefined) return [];
    const name = words.join(' ');
    return [
      { type: 'version', value: `${name} ${number}` },
      { type: 'product', value: name },
    ];
  });
}

function domainsIn(text: string): FoundEntity[] {
  return [...text.matchAll(DOMAIN)].flatMap(([name]): FoundEntity[] => {
    const lower = name.toLowerCase();
    if (FILE_ENDINGS.test(lower) && !lower.startsWith('www.')) return [];
    const { domain, isIcann } = parseDomain(lower);
    return domain !== null && isIcann === true && /^[a-z0-9.-]+$/.test(lower)
      ? [{ type: 'domain', value: lower }]
      : [];
  });
}

/** `1.2.3.4` is an address unless the words before it say that it is a version. */
function isAddress(text: string, ip: string, at: number): boolean {
  return (
    isIPv4(ip) && !/(?:version|release|build|\bv)\s*$/i.test(text.slice(Math.max(0, at - 20), at))
  );
}

function addressesIn(text: string): FoundEntity[] {
  const four = [...text.matchAll(IPV4)].filter(({ 0: ip, index }) => isAddress(text, ip, index));
  const six = [...text.matchAll(IPV6)].filter(([ip]) => isIPv6(ip) && ip !== '::');
  return [...four, ...six].map(([ip]) => ({ type: 'ip', value: ip.toLowerCase() }));
}

function isHash(text: string): boolean {
  return /\d/.test(text) && /[a-f]/i.test(text);
}

/** Entities of a fixed form in one sentence or line; what one form has taken, no other takes again. */
export function patternEntities(line: string): FoundEntity[] {
  const text = refang(line);
  const found: FoundEntity[] = [];
  let rest = text;
  const take = (shape: RegExp, keep: (value: string) => FoundEntity[]): void => {
    rest = rest.replaceAll(shape, (match) => {
      found.push(...keep(match));
      return ' '.repeat(match.length);
    });
  };
  take(URL_SHAPE, (match) => {
    const url = URL.parse(match.replace(/[.,;:]+$/, ''));
    if (url === null) return [];
    const { domain, isIcann } = parseDomain(url.hostname);
    const host: FoundEntity[] =
      domain !== null && isIcann === true ? [{ type: 'domain', value: url.hostname }] : [];
    return [{ type: 'url', value: url.href }, ...host];
  });
  take(EMAIL, (match) => [{ type: 'email', value: match.toLowerCase() }]);
  take(HASH, (match) => (isHash(match) ? [{ type: 'hash', value: match.toLowerCase() }] : []));
  take(CVE, (match) => [{ type: 'cve', value: match.toUpperCase() }]);
  found.push(...addressesIn(rest), ...domainsIn(rest), ...moneyIn(rest));
  for (const date of findDates(rest)) {
    if (!Number.isNaN(date.startMs) && !date.ambiguous)
      found.push({ type: 'date', value: dateText(date) });
    rest =
      rest.slice(0, date.at) +
      ' '.repeat(date.text.length) +
      rest.slice(date.at + date.text.length);
  }
  found.push(
    ...versionsIn(rest.replaceAll(IPV4, (ip, at: number) => (isAddress(rest, ip, at) ? ' ' : ip))),
  );
  return found;
}
