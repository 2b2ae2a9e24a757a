import type { TriggerSpec, TriggerSpecInput } from '@automatos/sdk';
import type { InputField } from '../input-fields.ts';

/** The trigger a form holds, and back. Pure. */

type Values = NonNullable<TriggerSpecInput['inputs']>;
type Value = Values[string];
type WebhookSpec = Extract<TriggerSpec, { type: 'webhook' }>;
type EventSpec = Extract<TriggerSpec, { type: 'run_event' }>;

export interface TriggerForm {
  type: TriggerSpec['type'];
  name: string;
  enabled: boolean;
  when: string;
  /** What each input gets, as typed: text with references, or JSON for what is not text. */
  inputs: Record<string, string>;
  signature: WebhookSpec['signature'];
  signatureHeader: string;
  deliveryHeader: string;
  replayMinutes: string;
  on: EventSpec['on'];
  recipe: string;
}

export const EVENTS = [
  ['run.completed', 'completed'],
  ['run.failed', 'failed'],
  ['run.cancelled', 'was cancelled'],
] as const;

export const SIGNATURES = [
  {
    value: 'standard_webhooks',
    label: 'Standard Webhooks',
    help: 'Headers webhook-id, webhook-timestamp and webhook-signature; most senders know it.',
  },
  {
    value: 'github',
    label: 'GitHub',
    help: 'GitHub signs with X-Hub-Signature-256; paste the secret into its webhook page.',
  },
  {
    value: 'hmac_sha256',
    label: 'HMAC of the body',
    help: 'A header of your choice carries the SHA-256 digest of the raw body in hex.',
  },
  {
    value: 'bearer',
    label: 'Bearer token',
    help: 'The secret stands in the Authorization header. Proves the sender, not the body.',
  },
] as const;

export function newTrigger(): TriggerForm {
  return {
    type: 'webhook',
    name: '',
    enabled: true,
    when: '',
    inputs: {},
    signature: 'standard_webhooks',
    signatureHeader: 'X-Signature',
    deliveryHeader: '',
    replayMinutes: '5',
    on: ['run.completed'],
    recipe: '',
  };
}

const asText = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

export function formOf(spec: TriggerSpec): TriggerForm {
  const inputs = Object.fromEntries(
    Object.entries(spec.inputs).map(([key, value]) => [key, asText(value)]),
  );
  const shared = {
    ...newTrigger(),
    type: spec.type,
    name: spec.name,
    enabled: spec.enabled,
    when: spec.when ?? '',
    inputs,
  };
  if (spec.type === 'run_event') return { ...shared, on: spec.on, recipe: spec.recipe ?? '' };
  return {
    ...shared,
    signature: spec.signature,
    signatureHeader: spec.signature_header ?? shared.signatureHeader,
    deliveryHeader: spec.delivery_header ?? '',
    replayMinutes: String(spec.replay_window_ms / 60_000),
  };
}

/** Text stays text and references stay references; for other kinds of input plain JSON is read. */
function valueOf(raw: string, field: InputField | undefined): Value {
  const textual = field === undefined || ['text', 'path', 'choice'].includes(field.kind);
  if (textual || raw.includes('{{')) return raw;
  try {
    return JSON.parse(raw) as Value;
  } catch {
    // Not JSON: it is sent as typed, and the server says what it expected.
    return raw;
  }
}

export type Spec = { spec: TriggerSpecInput } | { error: string };

export function specOf(form: TriggerForm, fields: readonly InputField[]): Spec {
  if (form.name.trim() === '') return { error: 'Give the trigger a name.' };
  const given = Object.entries(form.inputs).filter(([, raw]) => raw.trim() !== '');
  const inputs = Object.fromEntries(
    given.map(([name, raw]) => [
      name,
      valueOf(
        raw,
        fields.find((field) => field.name === name),
      ),
    ]),
  );
  const when = form.when.trim() === '' ? {} : { when: form.when.trim() };
  const shared = { name: form.name.trim(), enabled: form.enabled, inputs, ...when };
  if (form.type === 'run_event') {
    if (form.on.length === 0) return { error: 'Choose at least one way in which a run ends.' };
    const recipe = form.recipe.trim() === '' ? {} : { recipe: form.recipe.trim() };
    return { spec: { type: 'run_event', on: form.on, ...recipe, ...shared } };
  }
  const minutes = Number(form.replayMinutes);
  if (!Number.isFinite(minutes) || minutes <= 0)
    return { error: 'Enter how many minutes old a delivery may be.' };
  if (form.signature === 'hmac_sha256' && form.signatureHeader.trim() === '') {
    return { error: 'Name the header that carries the signature.' };
  }
  const header =
    form.signature === 'hmac_sha256' ? { signature_header: form.signatureHeader.trim() } : {};
  const delivery =
    form.deliveryHeader.trim() === '' ? {} : { delivery_header: form.deliveryHeader.trim() };
  return {
    spec: {
      type: 'webhook',
      signature: form.signature,
      replay_window_ms: Math.round(minutes * 60_000),
      ...header,
      ...delivery,
      ...shared,
    },
  };
}
