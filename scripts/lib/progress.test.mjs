import { expect, test } from 'vitest';
import { createProgress, liveLine } from './progress.mjs';

test('a line of the live display never wraps', () => {
  const task = { label: 'x'.repeat(200), startedAt: Date.now(), fraction: 0.5 };
  expect(liveLine(task, '⠋', 80)).toHaveLength(79);
});

test('the bar fills with the fraction and never overflows', () => {
  const line = (fraction) => liveLine({ label: 'a', startedAt: Date.now(), fraction }, '⠋', 80);
  expect(line(0.5).match(/█/g)).toHaveLength(10);
  expect(line(7).match(/█/g)).toHaveLength(20);
  expect(line(undefined)).not.toMatch(/█|░/);
});

test('without a terminal there are plain lines, also for a failure', async () => {
  const written = [];
  const progress = createProgress({ isTTY: false, write: (text) => written.push(text) });
  await progress.run('first', () => Promise.resolve());
  await expect(progress.run('second', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(written.join('')).toMatch(
    /^… first\n✓ first \(0\.\d s\)\n… second\n✗ second failed after 0\.\d s\n$/,
  );
});
