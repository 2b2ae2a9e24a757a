import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCost,
  formatCostInText,
  formatDuration,
  formatRelative,
  plural,
} from './format.ts';

describe('format', () => {
  it.each([
    [-5, '0 ms'],
    [12, '12 ms'],
    [1250, '1.2 s'],
    [59_990, '59.9 s'],
    [65_000, '1 min 05 s'],
    [7_800_000, '2 h 10 min'],
  ])('spans: %d ms is %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  it.each([
    [null, 'unknown'],
    [0, '$0.00'],
    [7, '$0.000007'],
    [12_300, '$0.012'],
    [300_000, '$0.30'],
    [500, '$0.0005'],
    [2_500_000, '$2.50'],
  ])('money: %s micro-dollars is %s', (micros, text) => expect(formatCost(micros)).toBe(text));

  it('says what is unknown where no label does', () => {
    expect(formatCostInText(null)).toBe('cost unknown');
    expect(formatCostInText(0)).toBe('$0.00');
  });

  it('bytes, counts and times that passed', () => {
    expect(formatBytes(1536)).toBe('1.5 kB');
    expect(plural(1, 'run')).toBe('1 run');
    expect(plural(1200, 'run')).toBe('1,200 runs');
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(formatRelative('2026-11-21T11:57:00Z', now)).toBe('3 minutes ago');
    expect(formatRelative('2026-11-20T12:00:00Z', now)).toBe('yesterday');
    expect(formatRelative('2026-11-21T12:00:02Z', now)).toBe('just now');
    expect(formatRelative('2026-11-21T12:00:30Z', now)).toBe('in a moment');
  });
});
