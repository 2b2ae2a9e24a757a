import { deferred } from '@automatos/kernel';
import { expect, test } from 'vitest';
import { createDeltaBuffer } from './delta-buffer.ts';

function fixture() {
  const waits: { ms: number; end: () => void }[] = [];
  const sent: [string, number][] = [];
  const clock = {
    sleep(ms: number): Promise<void> {
      const wait = deferred<void>();
      waits.push({ ms, end: () => wait.resolve() });
      return wait.promise;
    },
  };
  return {
    waits,
    sent,
    buffer: createDeltaBuffer(clock, (text, index) => void sent.push([text, index])),
  };
}

test('waits 80 ms for more, then sends what came together', async () => {
  const { waits, sent, buffer } = fixture();
  buffer.push('a');
  buffer.push('b');
  expect(sent).toEqual([]);
  expect(waits.map((wait) => wait.ms)).toEqual([80]);
  waits[0]?.end();
  await expect.poll(() => sent).toEqual([['ab', 0]]);
  buffer.push('c');
  expect(waits).toHaveLength(2);
  buffer.close();
  expect(sent).toEqual([
    ['ab', 0],
    ['c', 1],
  ]);
});

test('sends at once when 400 characters wait, and nothing after close', () => {
  const { sent, buffer } = fixture();
  buffer.push('x'.repeat(399));
  buffer.push('y');
  expect(sent).toEqual([[`${'x'.repeat(399)}y`, 0]]);
  buffer.close();
  buffer.push('late');
  buffer.close();
  expect(sent).toHaveLength(1);
  expect(buffer.text()).toBe(`${'x'.repeat(399)}y`);
});
