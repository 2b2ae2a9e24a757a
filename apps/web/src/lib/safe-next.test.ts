import { expect, it } from 'vitest';
import { safeNext } from './safe-next.ts';

it.each([
  ['/runs/1?tab=log', '/runs/1?tab=log'],
  [null, '/'],
  ['', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['javascript:alert(1)', '/'],
])('%s leads to %s', (next, path) => expect(safeNext(next)).toBe(path));
