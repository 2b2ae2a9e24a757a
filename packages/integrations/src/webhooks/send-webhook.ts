import { isPlatformError } from '@automatos/kernel';
import type { Clock, JsonObject } from '@automatos/kernel';
import { deriveSecret, signStandardWebhook } from '@automatos/recipes';
import type { GuardedFetch, GuardedResponse } from '@automatos/tools';
import { readRetryAfter } from './retry-plan.ts';

export interface SendDeps {
  /** The way out of the product: public addresses only, unless the operator allowed a host. */
  fetch: GuardedFetch;
  clock: Pick<Clock, 'now'>;
  instanceSecret: Uint8Array;
}

export interface Endpoint {
  id: string;
  url: string;
  secretVersion: number;
  rotatedAt: Date | null;
}

export interface Message {
  /** The same on each attempt, so that receivers know a repetition. */
  id: string;
  payload: JsonObject;
}

export interface SendResult {
  delivered: boolean;
  /** Null when no answer came. */
  status: number | null;
  error: string | null;
  /** Wish of the receiver, ms. */
  retryAfterMs: number | null;
  durationMs: number;
}

/** Time for the whole answer, ms. */
const TIMEOUT_MS = 15_000;
/** How long the secret before a rotation still signs, ms. */
export const ROTATION_MS = 86_400_000;
const ANSWER_BYTES_MAX = 4_096;
const ERROR_LENGTH_MAX = 500;

/** Posts a message, signed now; every failure is a result. Redirects are failures: the signature is for this address. */
export async function sendWebhook(
  deps: SendDeps,
  endpoint: Endpoint,
  message: Message,
): Promise<SendResult> {
  const startedMs = deps.clock.now();
  const body = JSON.stringify(message.payload);
  const timestamp = Math.floor(startedMs / 1000);
  const signature = versionsAt(endpoint, startedMs)
    .map((version) =>
      deriveSecret(deps.instanceSecret, { kind: 'webhook', id: endpoint.id, version }),
    )
    .map((secret) => signStandardWebhook(secret, { id: message.id, timestamp, body }))
    .join(' ');
  try {
    const response = await deps.fetch(endpoint.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Automatos-Webhooks',
        'webhook-id': message.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signature,
      },
      body,
      timeoutMs: TIMEOUT_MS,
      bytesMax: ANSWER_BYTES_MAX,
      redirectsMax: 0,
    });
    return toResult(response, deps.clock.now(), startedMs);
  } catch (error) {
    const text =
      isPlatformError(error) && error.code === 'tools.network.redirects_exceeded'
        ? 'The receiver redirects; give the address it redirects to.'
        : (error as Error).message;
    const durationMs = deps.clock.now() - startedMs;
    return { delivered: false, status: null, error: plain(text), retryAfterMs: null, durationMs };
  }
}

/** The current version of the secret, and the one before for a while after a rotation. */
function versionsAt({ secretVersion, rotatedAt }: Endpoint, nowMs: number): number[] {
  const isRotating = rotatedAt !== null && nowMs - rotatedAt.getTime() < ROTATION_MS;
  return isRotating && secretVersion > 1 ? [secretVersion, secretVersion - 1] : [secretVersion];
}

function toResult(response: GuardedResponse, nowMs: number, startedMs: number): SendResult {
  const { status } = response;
  const delivered = status >= 200 && status < 300;
  const said = plain(new TextDecoder().decode(response.body)).slice(0, 300);
  return {
    delivered,
    status,
    error: delivered ? null : `HTTP ${status}${said === '' ? '' : `: ${said}`}`,
    retryAfterMs: readRetryAfter(response.headers['retry-after'], nowMs),
    durationMs: nowMs - startedMs,
  };
}

/** One line without control characters, which the database could not keep. */
function plain(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, ERROR_LENGTH_MAX);
}
