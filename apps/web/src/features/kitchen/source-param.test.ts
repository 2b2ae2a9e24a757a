import { expect, it } from 'vitest';
import { parseSource, sourceMention } from './source-param.ts';

it.each([
  ['src/a.ts:12', { path: 'src/a.ts', line: 12 }],
  ['src/a.ts', { path: 'src/a.ts', line: 1 }],
  ['odd:name.txt:7', { path: 'odd:name.txt', line: 7 }],
  ['src/a.ts:0', { path: 'src/a.ts:0', line: 1 }],
])('the address %s leads to %o', (value, place) => expect(parseSource(value)).toEqual(place));

it.each([
  ['src/app/config.ts:3', { path: 'src/app/config.ts', line: 3 }],
  ['.env:1', { path: '.env', line: 1 }],
  ['bin/run:20', { path: 'bin/run', line: 20 }],
  ['localhost:3000', null],
  ['127.0.0.1:8000', null],
  ['http://x.y:80', null],
  ['two words.ts:3', null],
  ['a.ts', null],
])('code %s in a report mentions %o', (text, place) => expect(sourceMention(text)).toEqual(place));
