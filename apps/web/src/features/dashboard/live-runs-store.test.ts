import type { RunEvent } from '@automatos/sdk';
import { expect, it } from 'vitest';
import { createLiveRunsStore } from './live-runs-store.ts';

const event = (type: string, step_id?: string, data: unknown = {}) =>
  ({ type, run_id: 'r', ...(step_id === undefined ? {} : { step_id }), data }) as RunEvent;

it('knows which steps run now, and forgets them when they or their run end', () => {
  const store = createLiveRunsStore();
  store
    .getState()
    .read([
      event('step.started', 'group', { name: 'Group', type: 'parallel' }),
      event('step.started', 'a', { name: 'Scan', type: 'agent' }),
      event('step.started', 'b', { name: 'Read', type: 'agent' }),
      event('step.completed', 'a'),
      event('llm.delta', 'b'),
    ]);
  expect(store.getState().steps).toEqual({ r: { b: 'Read' } });
  store.getState().read([event('run.completed')]);
  expect(store.getState().steps).toEqual({});
});
