import { describe, expect, it } from 'vitest';
import { channelChanges, replacementFor } from './statement-text.ts';

describe('replacementFor', () => {
  it.each([
    ['COPY t FROM STDIN', true],
    ['copy t (a, b) from stdin with (format csv)', true],
    ['SELECT 1; /* x */ COPY t FROM\nSTDIN', true],
    ['-- stdin\ncopy t from stdin', true],
    ['COPY t TO STDOUT', false],
    ["SELECT 'copy t from stdin'", false],
    ["INSERT INTO t VALUES ('; copy t from stdin')", false],
    ['SELECT $x$ ; copy t from stdin $x$', false],
    ['SELECT 1 -- ; copy t from stdin', false],
  ])('%s', (sql, replaced) => {
    expect(replacementFor(sql) !== undefined).toBe(replaced);
  });
});

describe('channelChanges', () => {
  it.each([
    ['LISTEN News', [{ kind: 'listen', channel: 'news' }]],
    ['listen "Mixed ""Case"', [{ kind: 'listen', channel: 'Mixed "Case' }]],
    [
      'LISTEN a; UNLISTEN b; unlisten *',
      [
        { kind: 'listen', channel: 'a' },
        { kind: 'unlisten', channel: 'b' },
        { kind: 'unlisten', channel: '*' },
      ],
    ],
    ["SELECT 'LISTEN a'", []],
    ['SELECT listen FROM t', []],
  ])('%s', (sql, expected) => {
    expect(channelChanges(sql)).toEqual(expected);
  });
});
