import type { Place } from '../rules/rule.ts';
import { SCANNED_HEADERS, profileOf } from './field-policy.ts';
import type { FieldProfile } from './field-policy.ts';

/** A text of a request with where it stood and how it is read. */
export interface FoundText {
  text: string;
  place: Place;
  where: string;
  profile: FieldProfile;
}

export interface RequestTexts {
  /** Tag of the route; empty when no route fits. */
  area: string;
  operationId: string;
  /** As it was asked for, without the query, still encoded. */
  path: string;
  query: Readonly<Record<string, unknown>>;
  headers: Readonly<Record<string, string | undefined>>;
  body: unknown;
}

const TEXTS_MAX = 250;
const CHARS_MAX = 48 * 1024;
const CHARS_EACH_MAX = 16 * 1024;

/** Everything in a request that somebody wrote, at most 250 texts of 48 KiB together; secrets are left out by their names. */
export function collectTexts(request: RequestTexts): FoundText[] {
  const found: FoundText[] = [];
  const room = { texts: TEXTS_MAX, chars: CHARS_MAX };
  const add = (each: FoundText) => {
    if (each.profile === 'secret' || room.texts <= 0 || room.chars <= 0 || isHarmless(each.text))
      return;
    room.texts -= 1;
    room.chars -= Math.min(each.text.length, CHARS_EACH_MAX);
    found.push(each);
  };
  add({ text: request.path, place: 'path', where: 'path', profile: 'strict' });
  for (const name of Object.keys(request.query)) {
    add({ text: name, place: 'key', where: `query:${shortName(name)}`, profile: 'strict' });
    const profile = profileOf({ ...request, pointer: `/${name.toLowerCase()}` }, 'strict');
    for (const text of textsIn(request.query[name]))
      add({ text, place: 'query', where: `query:${shortName(name)}`, profile });
  }
  for (const name of SCANNED_HEADERS) {
    const text = request.headers[name];
    if (text !== undefined)
      add({ text, place: 'header', where: `header:${name}`, profile: 'strict' });
  }
  if (typeof request.body === 'object' && request.body !== null) walkBody(request, add);
  return found;
}

/** Depth is bounded by the parser; an own stack keeps deep input from overflowing anyway. */
function walkBody(request: RequestTexts, add: (text: FoundText) => void): void {
  const pending: { value: unknown; pointer: string; general: string }[] = [
    { value: request.body, pointer: '', general: '' },
  ];
  for (let seen = 0; seen < 4_000; seen += 1) {
    const item = pending.pop();
    if (item === undefined) return;
    const { value, pointer, general } = item;
    if (typeof value === 'string') {
      const profile = profileOf({ ...request, pointer: general });
      const place = profile === 'text' || profile === 'code' ? 'text' : 'body';
      add({ text: value, place, where: `body:${pointer}`, profile });
    } else if (Array.isArray(value)) {
      for (let index = Math.min(value.length, 200) - 1; index >= 0; index -= 1)
        pending.push({
          value: value[index] as unknown,
          pointer: `${pointer}/${index}`,
          general: `${general}/#`,
        });
    } else if (typeof value === 'object' && value !== null) {
      const keys = Object.keys(value).slice(0, 300);
      for (const key of keys.toReversed()) {
        const name = shortName(key);
        const below = {
          pointer: `${pointer}/${name}`,
          general: `${general}/${name.toLowerCase()}`,
        };
        const profile = profileOf({ ...request, pointer: general });
        const isName = profile === 'strict' || profile === 'search' || profile === 'address';
        if (isName) add({ text: key, place: 'key', where: `body:${below.pointer}`, profile });
        pending.push({ value: (value as Record<string, unknown>)[key], ...below });
      }
    }
  }
}

function* textsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  else if (Array.isArray(value))
    for (const each of value.slice(0, 50)) if (typeof each === 'string') yield each;
}

/** Names of fields come from the caller too. */
const shortName = (name: string) => name.slice(0, 60).replaceAll(/[^\w.$[\]-]/g, '_');

const PLAIN = /^(?:[a-z0-9]+(?:[-_ .][a-z0-9]+){0,3}|\/api\/[a-z-]+|application\/json|\*|)$/i;
const ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d\d-\d\d(?:T[\d:.]{5,12}Z?)?$/;

/** Short words, ids and times can hold nothing that a pattern finds. */
function isHarmless(text: string): boolean {
  if (text.length > 36) return false;
  return (
    (text.length <= 16 && PLAIN.test(text) && !text.startsWith('127')) ||
    ID.test(text) ||
    TIME.test(text)
  );
}
