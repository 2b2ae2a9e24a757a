import { expect, test } from 'vitest';
import { returnedChallenge } from './returned-challenge.ts';

test('reads what the API put behind the #, and nothing else', () => {
  const hash = '#challenge=ab-_9&methods=totp%2Cother&expires_at=2026-01-01T00%3A05%3A00.000Z';
  expect(returnedChallenge(hash)).toEqual({
    mfa_required: true,
    challenge: 'ab-_9',
    methods: ['totp'],
    expires_at: '2026-01-01T00:05:00.000Z',
  });
  expect(returnedChallenge('')).toBeNull();
  expect(returnedChallenge('#top')).toBeNull();
});
