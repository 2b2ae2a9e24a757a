import { describe, expect, it } from 'vitest';
import { PROVIDER_ROWS } from '../index.ts';
import { readVendorLimits } from './read-vendor-limits.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');

describe('limits that vendors tell in headers', () => {
  it.each<[string, Record<string, string>, unknown]>([
    [
      'openai',
      {
        'x-ratelimit-limit-requests': '5000',
        'x-ratelimit-remaining-requests': '4999',
        'x-ratelimit-reset-requests': '12ms',
        'x-ratelimit-limit-tokens': '160000',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6m0s',
      },
      {
        requests: { limit: 5000, remaining: 4999, resetMs: 12 },
        tokens: { limit: 160_000, remaining: 0, resetMs: 360_000 },
      },
    ],
    [
      'anthropic',
      {
        'anthropic-ratelimit-requests-limit': '50',
        'anthropic-ratelimit-requests-remaining': '49',
        'anthropic-ratelimit-requests-reset': '2026-11-20T10:00:02.500Z',
        'anthropic-ratelimit-input-tokens-limit': '40000',
        'anthropic-ratelimit-input-tokens-remaining': '39000',
        'anthropic-ratelimit-output-tokens-limit': '8000',
        'anthropic-ratelimit-output-tokens-remaining': '100',
        'anthropic-ratelimit-output-tokens-reset': '2026-11-20T10:01:00Z',
      },
      {
        requests: { limit: 50, remaining: 49, resetMs: 2500 },
        tokens: { limit: 8000, remaining: 100, resetMs: 60_000 },
      },
    ],
    [
      'groq',
      {
        'x-ratelimit-limit-requests': '14400',
        'x-ratelimit-remaining-requests': '14370',
        'x-ratelimit-reset-requests': '2m59.56s',
        'x-ratelimit-limit-tokens': '18000',
        'x-ratelimit-remaining-tokens': '17997',
        'x-ratelimit-reset-tokens': '7.66s',
      },
      {
        requests: { limit: 14_400, remaining: 14_370, resetMs: 179_560 },
        tokens: { limit: 18_000, remaining: 17_997, resetMs: 7660 },
      },
    ],
    [
      'together',
      {
        'x-ratelimit-limit': '10',
        'x-ratelimit-limit-dynamic': '4',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '2',
        'x-tokenlimit-limit': '3000',
        'x-tokenlimit-remaining': '1200',
      },
      {
        requests: { limit: 4, remaining: 0, resetMs: 2000 },
        tokens: { limit: 3000, remaining: 1200, resetMs: null },
      },
    ],
    [
      'fireworks',
      {
        'x-ratelimit-limit-tokens-prompt': '3600000',
        'x-ratelimit-limit-tokens-generated': '36000',
      },
      { tokens: { limit: 3_600_000, remaining: null, resetMs: null } },
    ],
    [
      'mistral',
      {
        'ratelimitbysize-limit': '500000',
        'ratelimitbysize-remaining': '499000',
        'ratelimitbysize-reset': '32',
      },
      { tokens: { limit: 500_000, remaining: 499_000, resetMs: 32_000 } },
    ],
    [
      'mistral',
      { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '59' },
      { requests: { limit: 60, remaining: 59, resetMs: null } },
    ],
    [
      'moonshot',
      {
        'x-ratelimit-limit': '3',
        'x-ratelimit-remaining': '2',
        'x-ratelimit-reset': String(NOW / 1000 + 20),
      },
      { requests: { limit: 3, remaining: 2, resetMs: 20_000 } },
    ],
    ['openai', { 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-reset-tokens': '1s' }, {}],
    ['google', { 'x-ratelimit-limit-requests': '9' }, {}],
  ])('%s %#', (provider, headers, limits) => {
    expect(readVendorLimits(provider, headers, NOW)).toEqual(limits);
  });

  it('a reset that is over, or that cannot be read, is no wait', () => {
    const read = (reset: string) =>
      readVendorLimits(
        'openai',
        { 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': reset },
        NOW,
      ).requests?.resetMs;
    expect([read('2026-11-20T09:00:00Z'), read('soon'), read('400d')]).toEqual([
      0,
      null,
      172_800_000,
    ]);
  });

  it('says nothing for vendors that document no headers', () => {
    const all = { 'x-ratelimit-limit': '1', 'x-ratelimit-limit-requests': '1' };
    for (const id of [
      'deepseek',
      'cohere',
      'ai21',
      'writer',
      'huggingface',
      'alephalpha',
      'replicate',
    ])
      expect([
        id,
        PROVIDER_ROWS.some((row) => row.id === id),
        readVendorLimits(id, all, NOW),
      ]).toEqual([id, true, {}]);
  });
});
