import { isIP } from 'node:net';
import { parse as parseDomain } from 'tldts';
import { findConflicts, findCopies } from './find-conflicts.ts';
import { findInstructions } from './instructions.ts';
import type { SourceDocument } from './source-document.ts';
import { wordsOf } from './terms.ts';

export interface Signal {
  signal: string;
  /** Added to the score. */
  effect: number;
  reason: string;
}
export interface Judgement {
  /** 0–1, two decimals. */
  score: number;
  signals: Signal[];
  copyOf: SourceDocument | null;
}

const START = 0.5;
/** Everybody can publish there, under any name. */
const HOSTED =
  /(?:^|\.)(?:blogspot|wordpress|tumblr|medium|substack|github|gitlab|netlify|vercel|weebly|wixsite)\.(?:com|io|app|me)$/;
const OFFICIAL = /(?:^|\.)(?:gov|mil|int|edu|ac)(?:\.[a-z]{2})?$/;
const SENSATION =
  /\b(?:shocking|unbelievable|you won't believe|secret they|miracle|exposed|bombshell|100% guaranteed|act now|must see)\b/gi;
const HEARSAY =
  /\b(?:allegedly|reportedly|rumou?rs?|rumou?red|unnamed sources?|sources say|some say|people are saying|it is said|supposedly)\b/gi;

function privateHost(host: string): boolean {
  return (
    isIP(host.replaceAll(/[[\]]/g, '')) !== 0 ||
    host === 'localhost' ||
    /\.(?:local|internal|test|lan)$/.test(host)
  );
}

function addressSignals(source: SourceDocument): Signal[] {
  const url = source.url === null ? null : URL.parse(source.url);
  // Local documents and hosts inside one's own network have no public address to judge.
  if (url === null || privateHost(url.hostname)) return [];
  const { publicSuffix, domain } = parseDomain(url.hostname, { allowPrivateDomains: true });
  const signals: Signal[] = [
    url.protocol === 'https:'
      ? { signal: 'https', effect: 0.05, reason: 'the connection is encrypted' }
      : {
          signal: 'https',
          effect: -0.15,
          reason: 'the connection is not encrypted, so the text could have been changed on the way',
        },
  ];
  if (OFFICIAL.test(publicSuffix ?? ''))
    signals.push({
      signal: 'domain',
      effect: 0.2,
      reason: `"${domain}" belongs to a public or academic body`,
    });
  if (HOSTED.test(url.hostname))
    signals.push({
      signal: 'domain',
      effect: -0.1,
      reason: `anybody can publish on "${url.hostname}"`,
    });
  if (url.hostname.includes('xn--'))
    signals.push({
      signal: 'domain',
      effect: -0.1,
      reason: 'the name has letters that can imitate others',
    });
  return signals;
}

function makerSignals(source: SourceDocument): Signal[] {
  const links = source.links.filter((link) => {
    const own = source.url === null ? undefined : URL.parse(source.url)?.hostname;
    return own === undefined || privateHost(own) || URL.parse(link)?.hostname !== own;
  });
  return [
    source.author === null
      ? { signal: 'author', effect: -0.1, reason: 'no author is named' }
      : {
          signal: 'author',
          effect: 0.15,
          reason: `the author is named (${source.author.slice(0, 60)})`,
        },
    source.published === null
      ? { signal: 'date', effect: -0.1, reason: 'no date is given' }
      : { signal: 'date', effect: 0.1, reason: `it is dated ${source.published.slice(0, 10)}` },
    links.length === 0
      ? { signal: 'references', effect: -0.05, reason: 'it refers to nothing else' }
      : {
          signal: 'references',
          effect: Math.min(0.15, 0.05 * links.length),
          reason: `it refers to ${links.length} other ${links.length === 1 ? 'page' : 'pages'}`,
        },
  ];
}

function toneSignals(source: SourceDocument): Signal[] {
  const text = source.lines.join('\n').slice(0, 200_000);
  const words = Math.max(1, wordsOf(text).length);
  const shouted = text.match(/\b[A-Z]{4,}\b[^.\n]{0,40}!|!{2,}/g)?.length ?? 0;
  const sensation = (text.match(SENSATION)?.length ?? 0) + shouted;
  const hearsay = text.match(HEARSAY)?.length ?? 0;
  const signals: Signal[] = [];
  if (sensation > 0 && sensation / words > 1 / 500)
    signals.push({ signal: 'tone', effect: -0.15, reason: 'it shouts instead of reporting' });
  if (hearsay > 0 && hearsay / words > 1 / 300)
    signals.push({
      signal: 'hearsay',
      effect: -0.1,
      reason: `it repeats what unnamed others say (${hearsay} times)`,
    });
  if (findInstructions(source).some(({ quoted }) => !quoted))
    signals.push({
      signal: 'instructions',
      effect: -0.3,
      reason: 'it gives instructions to language models',
    });
  return signals;
}

/** How often each source stands alone against several others. */
function outvoted(documents: readonly SourceDocument[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { sides } of findConflicts(documents).conflicts) {
    const voices = sides.map(
      ({ statements }) => new Set(statements.map(({ sentence }) => sentence.source.id)),
    );
    const most = voices[0]?.size ?? 0;
    for (const side of voices.slice(1))
      if (side.size < most) for (const id of side) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Scores by source id. Only what can be computed counts; nothing here knows whether a source is right. */
export function judgeSources(documents: readonly SourceDocument[]): Map<string, Judgement> {
  const copies = findCopies(documents);
  const alone = outvoted(documents);
  return new Map(
    documents.map((source): [string, Judgement] => {
      const contradicted = alone.get(source.id) ?? 0;
      const signals = [
        ...addressSignals(source),
        // A log is written by the program that keeps it.
        ...(source.kind === 'history'
          ? [{ signal: 'primary', effect: 0.3, reason: 'it is the record itself' }]
          : makerSignals(source)),
        ...toneSignals(source),
        ...(contradicted === 0
          ? []
          : [
              {
                signal: 'contradicted',
                effect: -Math.min(0.3, 0.1 * contradicted),
                reason: `most others contradict it (${contradicted} times)`,
              },
            ]),
      ];
      const sum = signals.reduce((total, { effect }) => total + effect, START);
      const score = Math.round(Math.min(1, Math.max(0, sum)) * 100) / 100;
      return [source.id, { score, signals, copyOf: copies.get(source.id) ?? null }];
    }),
  );
}
