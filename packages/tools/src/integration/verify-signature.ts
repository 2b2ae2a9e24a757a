import { createHmac, timingSafeEqual } from 'node:crypto';

export const SCHEMES = ['standard_webhooks', 'github', 'slack', 'stripe'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** A recorded delivery; header names in lower case. */
export interface Delivery {
  headers: Readonly<Record<string, string>>;
  /** Exactly as it came: signatures are over bytes. */
  body: string;
}

export type Verdict = 'valid' | 'invalid' | 'missing';

/** Which scheme the headers speak; null for none that is known. */
export function schemeOf(headers: Readonly<Record<string, string>>): Scheme | null {
  if (headers['webhook-signature'] !== undefined) return 'standard_webhooks';
  if (headers['x-slack-signature'] !== undefined) return 'slack';
  if (headers['stripe-signature'] !== undefined) return 'stripe';
  return headers['x-hub-signature-256'] !== undefined ||
    headers['x-hub-signature'] !== undefined ||
    headers['x-github-delivery'] !== undefined
    ? 'github'
    : null;
}

function same(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function hex(secret: string | Buffer, text: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

/** Fields of `t=…,v1=…`; a name may come twice while a secret is changed. */
function stripeFields(header: string): { time: string; signatures: string[] } {
  const pairs = header.split(',').map((part) => part.trim().split('='));
  return {
    time: pairs.find(([name]) => name === 't')?.[1] ?? '',
    signatures: pairs.filter(([name]) => name === 'v1').map(([, value]) => value ?? ''),
  };
}

/** Time at which a delivery was signed, in ms; null where the scheme has none. */
export function signedAtMs({ headers }: Delivery, scheme: Scheme): number | null {
  const text =
    scheme === 'standard_webhooks'
      ? headers['webhook-timestamp']
      : scheme === 'slack'
        ? headers['x-slack-request-timestamp']
        : scheme === 'stripe'
          ? stripeFields(headers['stripe-signature'] ?? '').time
          : undefined;
  const seconds = Number(text);
  return text === undefined || text === '' || !Number.isFinite(seconds) ? null : seconds * 1000;
}

/** Id by which repeated deliveries are known; null where the scheme has none. */
export function deliveryId({ headers, body }: Delivery, scheme: Scheme): string | null {
  if (scheme === 'standard_webhooks') return headers['webhook-id'] ?? null;
  if (scheme === 'github')
    return headers['x-github-delivery'] ?? headers['x-atlassian-webhook-identifier'] ?? null;
  const field = scheme === 'slack' ? 'event_id' : 'id';
  return new RegExp(`"${field}"\\s*:\\s*"([^"]{1,200})"`).exec(body)?.[1] ?? null;
}

/** Whether the signature of a delivery was made with the secret over exactly these bytes. */
export function verifySignature(delivery: Delivery, scheme: Scheme, secret: string): Verdict {
  const { headers, body } = delivery;
  const check = (given: readonly string[], wanted: string): Verdict =>
    given.length === 0 ? 'missing' : given.some((one) => same(one, wanted)) ? 'valid' : 'invalid';
  switch (scheme) {
    case 'standard_webhooks': {
      const given = (headers['webhook-signature'] ?? '')
        .split(' ')
        .filter((part) => part.startsWith('v1,'));
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
      const text = `${headers['webhook-id'] ?? ''}.${headers['webhook-timestamp'] ?? ''}.${body}`;
      return check(given, `v1,${createHmac('sha256', key).update(text).digest('base64')}`);
    }
    case 'github': {
      const given = headers['x-hub-signature-256'] ?? headers['x-hub-signature'];
      return check(given === undefined ? [] : [given], `sha256=${hex(secret, body)}`);
    }
    case 'slack': {
      const given = headers['x-slack-signature'];
      const text = `v0:${headers['x-slack-request-timestamp'] ?? ''}:${body}`;
      return check(given === undefined ? [] : [given], `v0=${hex(secret, text)}`);
    }
    case 'stripe': {
      const { time, signatures } = stripeFields(headers['stripe-signature'] ?? '');
      return check(signatures, hex(secret, `${time}.${body}`));
    }
  }
}
