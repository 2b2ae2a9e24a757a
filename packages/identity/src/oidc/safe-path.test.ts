import { expect, test } from 'vitest';
import { safePath } from './safe-path.ts';

test.each([
  ['/', '/'],
  ['/runs/1?tab=log#end', '/runs/1?tab=log#end'],
  ['/a/../b', '/b'],
])('%s stays on this site', (path, expected) => expect(safePath(path)).toBe(expected));

test.each([
  undefined,
  '',
  'runs',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'https://evil.example/',
  'javascript:alert(1)',
  '/..//evil.example',
  '/x\\..\\\\evil.example',
])('%j leads to the first page', (path) => expect(safePath(path)).toBe('/'));
