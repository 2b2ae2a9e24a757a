import { expect, it } from 'vitest';
import { inputFields } from '../input-fields.ts';
import { formOf, newTrigger, specOf, type TriggerForm } from './trigger-form.ts';

const fields = inputFields({
  type: 'object',
  properties: {
    path: { type: 'string' },
    depth: { type: 'integer' },
    parts: { type: 'array', items: { type: 'string' } },
  },
});

it.each([
  {
    type: 'webhook' as const,
    name: 'Push',
    signature: 'hmac_sha256' as const,
    signature_header: 'X-Sig',
    delivery_header: 'X-Id',
    replay_window_ms: 90_000,
    when: '{{body.ref}} == "main"',
    inputs: { path: '{{body.path}}', depth: 3, parts: ['a'] },
    enabled: false,
  },
  {
    type: 'run_event' as const,
    name: 'After',
    on: ['run.failed' as const],
    recipe: 'nightly',
    inputs: { depth: '{{event.run.n}}' },
    enabled: true,
  },
])('$type: the same after the form held it', (spec) => {
  expect(specOf(formOf(spec), fields)).toEqual({ spec });
});

it('text that looks like a number stays text where the recipe asks for text', () => {
  const form = { ...newTrigger(), name: 'x', inputs: { path: '12', depth: '12', parts: '' } };
  expect(specOf(form, fields)).toMatchObject({ spec: { inputs: { path: '12', depth: 12 } } });
});

it.each<Partial<TriggerForm>>([
  { name: ' ' },
  { type: 'run_event', on: [] },
  { replayMinutes: 'soon' },
  { signature: 'hmac_sha256', signatureHeader: '' },
])('says what is missing: %j', (change) => {
  expect(specOf({ ...newTrigger(), name: 'x', ...change }, fields)).toHaveProperty('error');
});
