import nlp from 'compromise';
import type { FoundEntity } from './entity-types.ts';

const COMPANY =
  /\b((?:[A-Z][\w&'’-]*\s+){0,3}[A-Z][\w&'’-]*,?\s+(?:Inc|Ltd|LLC|GmbH|AG|Corp|Corporation|PLC|S\.A|B\.V|University|Institute|Foundation|Agency|Ministry|Bank|Laboratories|Labs|Group|Association|Authority|Commission|Council))\b\.?/g;
const OF_BODY =
  /\b((?:University|Institute|Ministry|Bank|Department|Office|Council)\s+(?:of|for)\s+(?:the\s+)?[A-Z][\w-]*(?:\s+[A-Z][\w-]*){0,2})/g;
const TITLED =
  /\b(?:Dr|Mr|Mrs|Ms|Prof|Professor|Sir|President|Minister|Chancellor|Commissioner|Director|CEO|CTO|CFO)\.?\s+([A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})/g;
const ROLE_AFTER =
  /\b([A-Z][a-z'’-]+(?:\s+[A-Z]\.)?\s+[A-Z][\w'’-]+),?\s+(?:the\s+)?(?:chief|head|director|founder|co-founder|CEO|CTO|CFO|president|chair|spokes|professor|engineer|analyst|maintainer|author|editor|researcher|manager)/g;
const SAYS =
  /\b([A-Z][a-z'’-]+\s+[A-Z][a-z'’-]+)\s+(?:said|says|wrote|told|added|explained|announced|confirmed|joined|reported)\b/g;
const PLACE_BEFORE = /\b(?:in|from|near|at|to|of)\s+$/;
const START_WORDS =
  /^(?:The|A|An|In|On|At|By|For|From|This|That|These|Those|It|We|They|He|She|Its|Our|Their|When|While|After|Before|Since|And|But|Or|With|Of|To|As)\s+/;

function trimName(text: string): string {
  return text
    .replace(START_WORDS, '')
    .replaceAll(/^[\s"'“”‘’(]+|[\s"'“”‘’(),.;:!?]+$/g, '')
    .replace(/['’]s$/, '');
}

function isName(text: string): boolean {
  return /^[A-Z]/.test(text) && !/\d|@|\//.test(text) && text.length <= 80;
}

function matched(text: string, shapes: readonly RegExp[]): string[] {
  return shapes.flatMap((shape) =>
    [...text.matchAll(shape)].map((match) => trimName((match[1] ?? match[0]).replace(',', ''))),
  );
}

/** People, organisations and places that a sentence names: own patterns first, then a part-of-speech lexicon for the rest. */
export function namedEntities(sentence: string): FoundEntity[] {
  const organisations = new Set(matched(sentence, [COMPANY, OF_BODY]).filter(isName));
  const people = new Set(matched(sentence, [TITLED, ROLE_AFTER, SAYS]).filter(isName));
  const covered = (name: string): boolean =>
    [...organisations, ...people].some((known) => known.includes(name));
  const document = nlp(sentence);
  for (const raw of document.people().out('array') as string[]) {
    const name = trimName(raw);
    // A single word is as often a product or a month as a person.
    if (isName(name) && name.includes(' ') && !covered(name)) people.add(name);
  }
  const places = new Set<string>();
  for (const raw of document.places().out('array') as string[]) {
    const name = trimName(raw);
    const at = sentence.indexOf(name);
    const stated =
      at > 0 &&
      (PLACE_BEFORE.test(sentence.slice(0, at)) ||
        sentence.slice(at + name.length).startsWith(','));
    if (isName(name) && !covered(name) && stated) places.add(name);
  }
  for (const raw of document.organizations().out('array') as string[]) {
    const name = trimName(raw);
    if (isName(name) && !covered(name) && !places.has(name)) organisations.add(name);
  }
  return [
    ...[...people].map((value) => ({ type: 'person' as const, value })),
    ...[...organisations].map((value) => ({ type: 'organisation' as const, value })),
    ...[...places].map((value) => ({ type: 'place' as const, value })),
  ];
}
