import { isPlatformError } from '@automatos/kernel';
import { describe, expect, it } from 'vitest';
import { signStandardWebhook } from './secrets.ts';
import { verifyDelivery } from './verify-signature.ts';
import type { Incoming } from './verify-signature.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const window = { replay_window_ms: 300_000 };

function verdict(
  spec: Omit<Parameters<typeof verifyDelivery>[0], 'replay_window_ms'>,
  secret: string,
  incoming: Partial<Incoming>,
) {
  try {
    return verifyDelivery({ ...window, ...spec }, secret, {
      headers: {},
      body: new Uint8Array(),
      receivedMs: 0,
      ...incoming,
    });
  } catch (error) {
    return isPlatformError(error) ? error.code : error;
  }
}

describe('Standard Webhooks', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = bytes('{"test": 2432232314}');
  const sentMs = 1_614_265_330_000;
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const spec = { signature: 'standard_webhooks' } as const;

  it('accepts the published example', () => {
    const accepted = { deliveryId: headers['webhook-id'], brief: false };
    expect(verdict(spec, secret, { headers, body, receivedMs: sentMs })).toEqual(accepted);
    expect(verdict(spec, secret, { headers, body, receivedMs: sentMs + 300_000 })).toEqual(
      accepted,
    );
    const rotated = {
      ...headers,
      'webhook-signature': `v1,AAAA ${headers['webhook-signature']} v2,x`,
    };
    expect(verdict(spec, secret, { headers: rotated, body, receivedMs: sentMs })).toEqual(accepted);
  });

  it('refuses outside of the window, both ways, and a time stamp changed to fit', () => {
    for (const receivedMs of [sentMs + 300_001, sentMs - 300_001]) {
      expect(verdict(spec, secret, { headers, body, receivedMs })).toBe(
        'triggers.signature.expired',
      );
    }
    const moved = { ...headers, 'webhook-timestamp': '1614269999' };
    expect(verdict(spec, secret, { headers: moved, body, receivedMs: 1_614_269_999_000 })).toBe(
      'triggers.signature.invalid',
    );
  });

  it.each([
    ['another body', { body: bytes('{"test": 2432232315}') }],
    ['the same JSON in other bytes', { body: bytes('{"test":2432232314}') }],
    ['no headers', { headers: {} }],
    ['no signature', { headers: { ...headers, 'webhook-signature': '' } }],
    ['an odd time stamp', { headers: { ...headers, 'webhook-timestamp': 'NaN' } }],
    ['another id', { headers: { ...headers, 'webhook-id': 'msg_other' } }],
  ])('refuses %s', (_name, change) => {
    const incoming = { headers, body, receivedMs: sentMs, ...change };
    expect(verdict(spec, secret, incoming)).toBe('triggers.signature.invalid');
  });

  it('signs as it verifies', () => {
    const message = { id: headers['webhook-id'], timestamp: 1_614_265_330, body };
    expect(signStandardWebhook(secret, message)).toBe(headers['webhook-signature']);
  });
});

describe('GitHub', () => {
  const secret = "It's a Secret to Everybody";
  const signature = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
  const spec = { signature: 'github' } as const;

  it('accepts the published example, named by its delivery id', () => {
    const headers = { 'x-hub-signature-256': signature, 'x-github-delivery': '72d3162e' };
    expect(verdict(spec, secret, { headers, body: bytes('Hello, World!') })).toEqual({
      deliveryId: '72d3162e',
      brief: false,
    });
  });

  it('refuses another body, secret or header', () => {
    const headers = { 'x-hub-signature-256': signature };
    const body = bytes('Hello, World!');
    const refused = 'triggers.signature.invalid';
    expect(verdict(spec, secret, { headers, body: bytes('Hello World!') })).toBe(refused);
    expect(verdict(spec, 'other', { headers, body })).toBe(refused);
    expect(verdict(spec, secret, { headers: { 'x-hub-signature': signature }, body })).toBe(
      refused,
    );
    expect(verdict(spec, secret, { body })).toBe(refused);
  });
});

describe('other schemes', () => {
  it('hmac_sha256 reads the named header and names deliveries by header or body', () => {
    const spec = {
      signature: 'hmac_sha256',
      signature_header: 'X-Hub-Signature',
      delivery_header: 'X-Id',
    } as const;
    const digest = 'a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9';
    const incoming = {
      headers: { 'x-hub-signature': `sha256=${digest}` },
      body: bytes('Hello World!'),
    };
    const secret = "It's a Secret to Everybody";
    expect(verdict(spec, secret, incoming)).toMatchObject({
      deliveryId: expect.stringMatching(/^body:[0-9a-f]{64}$/) as string,
      brief: false,
    });
    const named = { ...incoming, headers: { ...incoming.headers, 'x-id': 'd-1' } };
    expect(verdict(spec, secret, named)).toMatchObject({ deliveryId: 'd-1' });
    expect(verdict(spec, 'wrong', incoming)).toBe('triggers.signature.invalid');
  });

  it('bearer wants the whole token', () => {
    const spec = { signature: 'bearer' } as const;
    const as = (authorization: string) =>
      verdict(spec, 'whsec_abc', { headers: { authorization } });
    expect(as('Bearer whsec_abc')).toMatchObject({ brief: true });
    for (const wrong of [
      '',
      'Bearer',
      'Bearer ',
      'Bearer whsec_ab',
      'whsec_abc',
      'Basic whsec_abc',
    ]) {
      expect(as(wrong)).toBe('triggers.signature.invalid');
    }
  });
});
