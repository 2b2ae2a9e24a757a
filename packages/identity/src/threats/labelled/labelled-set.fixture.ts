import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestFacts } from '../threat-types.ts';

/** One line of a labelled set as the request it stands for. */
export interface Labelled {
  label: string;
  place: string;
  text: string;
  facts: RequestFacts;
}

/** Reads attacks.txt or benign.txt. */
export function readLabelled(name: 'attacks' | 'benign'): Labelled[] {
  const lines = readFileSync(join(import.meta.dirname, `${name}.txt`), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('# '))
    .map((line) => {
      const [label = '', place = '', ...rest] = line.split('|');
      const written = rest.join('|');
      const text = /^".*\\[nr].*"$/.test(written)
        ? (JSON.parse(written) as string)
        : unescaped(written, place);
      return { label, place, text, facts: toFacts(place, text) };
    });
}

/** The same with another text. */
export const relabel = (one: Labelled, text: string): Labelled => ({
  ...one,
  text,
  facts: toFacts(one.place, text),
});

/** Line breaks in inputs are written as \n. */
const unescaped = (text: string, place: string) =>
  place === 't' || place === 'c' ? text.replaceAll(String.raw`\n`, '\n') : text;

export const NOBODY: RequestFacts = {
  requestId: 'request-1',
  method: 'POST',
  route: '/api/test',
  area: 'workspaces',
  operationId: 'test',
  path: '/api/test',
  query: {},
  headers: {},
  body: undefined,
  address: '203.0.113.7',
  caller: null,
};

function toFacts(place: string, text: string): RequestFacts {
  switch (place) {
    case 'q':
      return { ...NOBODY, query: { value: text } };
    case 's':
      return { ...NOBODY, query: { search: text } };
    case 'p':
      return { ...NOBODY, path: text };
    case 'h':
      return {
        ...NOBODY,
        headers: { [text.startsWith('/') ? 'x-original-url' : 'user-agent']: text },
      };
    case 'n':
      return { ...NOBODY, body: { name: text } };
    case 'u':
      return { ...NOBODY, area: 'webhooks', body: { url: text } };
    case 'k':
      return { ...NOBODY, query: { [text]: '1' } };
    case 't':
      return { ...NOBODY, area: 'recipes', body: { inputs: { request: text } } };
    default:
      return { ...NOBODY, area: 'recipes', body: { inputs: { code: text } } };
  }
}
