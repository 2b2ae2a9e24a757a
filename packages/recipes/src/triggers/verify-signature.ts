import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { TriggerSpec } from '@automatos/contracts';
import { PlatformError } from '@automatos/kernel';
import { sha256 } from '@automatos/kernel/hash';
import { signStandardWebhook } from './secrets.ts';

export type WebhookSpec = Extract<TriggerSpec, { type: 'webhook' }>;
export type Headers = Readonly<Record<string, string | undefined>>;

/** What came in, before anything is believed. Header names are lower case. */
export interface Incoming {
  headers: Headers;
  body: Uint8Array;
  receivedMs: number;
}

/** What names a genuine delivery. */
export interface DeliveryName {
  deliveryId: string;
  /** The id is made of the body and no signature covers it: only soon after the first does an equal one count as a repetition. */
  brief: boolean;
}

const HMAC_HEADER = 'x-signature';

/**
 * Proves that the sender knows the secret, over the bytes as they came and in constant time. Throws
 * `triggers.signature.invalid` or `triggers.signature.expired` and says nothing about what was expected.
 */
export function verifyDelivery(
  spec: Pick<
    WebhookSpec,
    'signature' | 'signature_header' | 'delivery_header' | 'replay_window_ms'
  >,
  secret: string,
  incoming: Incoming,
): DeliveryName {
  const { headers, body } = incoming;
  switch (spec.signature) {
    case 'standard_webhooks':
      return verifyStandard(spec.replay_window_ms, secret, incoming);
    case 'github':
      requireDigest(headers['x-hub-signature-256'], hmacHex(secret, body));
      return nameOf(headers['x-github-delivery'], body, false);
    case 'hmac_sha256': {
      const header = (spec.signature_header ?? HMAC_HEADER).toLowerCase();
      requireDigest(headers[header], hmacHex(secret, body));
      return nameOf(deliveryHeader(spec, headers), body, false);
    }
    case 'bearer': {
      const token = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? '';
      if (!sameText(token, secret)) throw signatureInvalid();
      return nameOf(deliveryHeader(spec, headers), body, true);
    }
  }
}

function verifyStandard(windowMs: number, secret: string, incoming: Incoming): DeliveryName {
  const { headers, body, receivedMs } = incoming;
  const id = headers['webhook-id'] ?? '';
  const stamp = headers['webhook-timestamp'] ?? '';
  const signatures = (headers['webhook-signature'] ?? '').split(' ');
  if (id === '' || id.length > 256 || !/^\d{1,12}$/.test(stamp)) throw signatureInvalid();
  const expected = signStandardWebhook(secret, { id, timestamp: Number(stamp), body });
  // All are compared, so that the time tells nothing.
  const matches = signatures.filter((signature) => sameText(signature, expected));
  if (matches.length === 0) throw signatureInvalid();
  if (Math.abs(receivedMs - Number(stamp) * 1000) > windowMs) throw signatureExpired();
  return { deliveryId: id, brief: false };
}

function hmacHex(secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

/** The hex digest, with or without `sha256=` before it. */
function requireDigest(given: string | undefined, expected: string): void {
  const digest = (given ?? '')
    .trim()
    .replace(/^sha256=/i, '')
    .toLowerCase();
  if (!sameText(digest, expected)) throw signatureInvalid();
}

/** Hashed first: the comparison itself wants equal lengths, and the length of a secret is nobody's business. */
function sameText(left: string, right: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(left), hash(right));
}

function deliveryHeader(
  spec: Pick<WebhookSpec, 'delivery_header'>,
  headers: Headers,
): string | undefined {
  return spec.delivery_header === undefined
    ? undefined
    : headers[spec.delivery_header.toLowerCase()];
}

function nameOf(header: string | undefined, body: Uint8Array, brief: boolean): DeliveryName {
  const id = header?.trim() ?? '';
  if (id !== '' && id.length <= 256) return { deliveryId: id, brief: false };
  return { deliveryId: `body:${sha256(body)}`, brief };
}

function signatureInvalid(): PlatformError {
  return new PlatformError({
    code: 'triggers.signature.invalid',
    kind: 'unauthenticated',
    message:
      'The delivery is not signed as this trigger asks for. Check the secret, the signature scheme, and that the body is signed as it is sent.',
  });
}

function signatureExpired(): PlatformError {
  return new PlatformError({
    code: 'triggers.signature.expired',
    kind: 'unauthenticated',
    message:
      "The delivery's time stamp lies outside the replay window. Sign it anew, and check the sender's clock.",
  });
}
