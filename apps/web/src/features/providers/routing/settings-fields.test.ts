import { expect, test } from 'vitest';
import type { RouterSettings } from '../provider-types.ts';
import {
  NUMBER_SETTINGS,
  numberAt,
  problemsOf,
  settingChanges,
  withNumber,
} from './settings-fields.ts';

const settings: RouterSettings = {
  strategy: 'priority',
  chain: [{ provider: 'openai', model: 'a', weight: 1 }],
  allow_offline: false,
  breaker: {
    consecutive_failures: 5,
    failure_rate: 0.5,
    min_calls: 10,
    window_ms: 60_000,
    cooldown_ms: 30_000,
    cooldown_max_ms: 600_000,
  },
  limits: [],
  queue: { max_waiting: 100, max_wait_ms: 10_000 },
  timeouts: {
    connect_ms: 10_000,
    first_token_ms: 60_000,
    between_tokens_ms: 60_000,
    total_ms: 300_000,
  },
  cache: { mode: 'deterministic', ttl_ms: 3_600_000, semantic: null },
};

test('the settings as they come are right, and every number of them is shown', () => {
  expect(problemsOf(settings)).toEqual({});
  for (const setting of NUMBER_SETTINGS) expect(numberAt(settings, setting)).not.toBeNull();
  const shown = NUMBER_SETTINGS.map(({ section, key }) => `${section}.${key}`);
  for (const section of ['breaker', 'timeouts', 'queue'] as const)
    for (const key of Object.keys(settings[section])) expect(shown).toContain(`${section}.${key}`);
});

test.each([null, Number.NaN, 0, 101])(
  '%s failures in a row are refused with the bounds',
  (value) => {
    const setting = NUMBER_SETTINGS[0];
    if (setting === undefined) throw new Error('no setting');
    expect(problemsOf(withNumber(settings, setting, value))).toEqual({
      '/breaker/consecutive_failures': 'From 1 to 100.',
    });
  },
);

test('bounds are told in the unit that people see', () => {
  const window = NUMBER_SETTINGS.find(({ key }) => key === 'window_ms');
  if (window === undefined) throw new Error('no setting');
  expect(problemsOf(withNumber(settings, window, 10))).toEqual({
    '/breaker/window_ms': 'From 1 to 3,600 seconds.',
  });
});

test('rows of chain and limits are checked where they stand', () => {
  const draft: RouterSettings = {
    ...settings,
    chain: [{ provider: 'openai', model: 'a', weight: 0 }],
    limits: [
      {
        provider: '',
        model: null,
        requests_per_minute: 0,
        tokens_per_minute: null,
        concurrency: 1,
      },
    ],
    cache: {
      ...settings.cache,
      semantic: { similarity: 0.2, embedding: { provider: 'openai', model: '' } },
    },
  };
  expect(Object.keys(problemsOf(draft)).toSorted()).toEqual([
    '/cache/semantic/embedding/model',
    '/cache/semantic/similarity',
    '/chain/0/weight',
    '/limits/0/provider',
    '/limits/0/requests_per_minute',
  ]);
});

test('a conflict names what differs and nothing else', () => {
  const theirs: RouterSettings = {
    ...settings,
    strategy: 'adaptive',
    chain: [...settings.chain, { provider: 'groq', model: 'b', weight: 2 }],
    queue: { ...settings.queue, max_waiting: 5 },
  };
  expect(settingChanges(settings, theirs)).toEqual([
    { setting: 'strategy', mine: 'priority', theirs: 'adaptive' },
    { setting: 'chain', mine: 'openai a 1', theirs: 'openai a 1, groq b 2' },
    { setting: 'queue.max_waiting', mine: '100', theirs: '5' },
  ]);
  expect(settingChanges(settings, settings)).toEqual([]);
});
