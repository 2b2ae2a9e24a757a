import { expect, it } from 'vitest';
import { eventsOf, otherEvents } from './webhook-events.ts';

it('boxes and typed patterns together are what was saved, each once', () => {
  const saved = ['run.failed', 'step.*', 'run.paused'];
  expect(otherEvents(saved)).toEqual(['step.*', 'run.paused']);
  expect(eventsOf(saved, 'step.*,  run.paused run.failed')).toEqual(
    saved.toSorted((a, b) => saved.indexOf(a) - saved.indexOf(b)),
  );
  expect(eventsOf([], ' , ')).toEqual([]);
});
