import { expect, test } from 'vitest';
import { checkPlatform, isRecent } from './runtime.mjs';

const VERSIONS = [
  ['20.20.2', false],
  ['22.17.9', false],
  ['22.18.0', true],
  ['23.0.0', true],
  ['24.21.0', true],
];

test.each(VERSIONS)('Node %s runs the sources directly: %s', (version, recent) => {
  expect(isRecent(version)).toBe(recent);
});

test('what cannot work is refused with the way out', () => {
  expect(() => checkPlatform('win32', '24.0.0')).toThrow(/WSL 2/);
  expect(() => checkPlatform('linux', '18.19.0')).toThrow(/install Node 20 or newer/);
  expect(() => checkPlatform('linux', '20.0.0')).not.toThrow();
});
