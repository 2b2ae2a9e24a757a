import { createHmac } from 'node:crypto';

/**
 * Secret of a trigger or webhook, in the form of Standard Webhooks (`whsec_` and 32 bytes in base64). It follows from the
 * installation's secret, so that no secret is stored; a new version is a new secret.
 */
export function deriveSecret(
  instanceSecret: Uint8Array,
  of: { kind: 'trigger' | 'webhook'; id: string; version: number },
): string {
  const text = `${of.kind}:${of.id}:${of.version}`;
  return `whsec_${createHmac('sha256', instanceSecret).update(text).digest('base64')}`;
}

/** The key bytes of such a secret. */
export function secretBytes(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

/** Signature of Standard Webhooks, `v1,<base64>`, over id, time stamp (seconds) and the body as it is sent. */
export function signStandardWebhook(
  secret: string,
  message: { id: string; timestamp: number; body: Uint8Array | string },
): string {
  const digest = createHmac('sha256', secretBytes(secret))
    .update(`${message.id}.${message.timestamp}.`)
    .update(message.body)
    .digest('base64');
  return `v1,${digest}`;
}
