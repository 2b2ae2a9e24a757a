import { describe, expect, it } from 'vitest';
import { originsOf, scopeAreas, scopesOf, withinRole } from './key-scopes.ts';

describe('scopes', () => {
  it('stand under their area, only those of the role', () => {
    const runs = scopeAreas('viewer').find(({ area }) => area === 'runs');
    expect(runs).toEqual({
      area: 'runs',
      label: 'Runs',
      scopes: [{ scope: 'runs:read', label: 'read' }],
    });
    const all = scopeAreas('member').flatMap(({ scopes }) => scopes.map(({ scope }) => scope));
    expect(all.toSorted()).toEqual(scopesOf('member').toSorted());
  });

  it('never reach beyond the role', () => {
    expect(withinRole(['runs:read', 'keys:write'], 'member')).toEqual(['runs:read']);
    expect(withinRole(['runs:read', 'platform:write'], 'admin')).toEqual(['runs:read']);
  });
});

it.each([
  ['', { origins: [] }],
  [
    'https://a.example\n http://localhost:3000, https://a.example',
    { origins: ['https://a.example', 'http://localhost:3000'] },
  ],
  ['https://a.example/', { problem: expect.stringContaining('https://a.example/ is no origin') }],
  ['a.example', { problem: expect.stringContaining('a.example is no origin') }],
  ['ftp://a.example', { problem: expect.any(String) }],
])('origins of %j', (text, read) => expect(originsOf(text)).toEqual(read));
