import { PlatformError, isJsonObject } from '@automatos/kernel';
import type { JsonObject, JsonValue } from '@automatos/kernel';
import type { Headers, WebhookSpec } from './verify-signature.ts';

/** Largest body of a delivery, bytes. */
export const BODY_BYTES_MAX = 1_048_576;
const DEPTH_MAX = 64;

export function requireSize(body: Uint8Array): void {
  if (body.byteLength <= BODY_BYTES_MAX) return;
  throw new PlatformError({
    code: 'triggers.delivery.too_large',
    kind: 'invalid-input',
    message: `The body has ${body.byteLength} bytes; at most ${BODY_BYTES_MAX} are taken. Send a reference to what is large.`,
  });
}

/** What templates and conditions of a trigger see of a delivery. */
export interface DeliveryRoots extends JsonObject {
  body: JsonValue;
  headers: JsonObject;
}

/** Reads a genuine delivery: JSON, or a form as an object of texts (lists where a name comes twice). Throws `triggers.delivery.unreadable`. */
export function readDelivery(
  spec: Pick<WebhookSpec, 'signature_header'>,
  headers: Headers,
  body: Uint8Array,
): DeliveryRoots {
  return {
    body: readBody(headers['content-type'] ?? '', body),
    headers: visibleHeaders(spec, headers),
  };
}

function readBody(contentType: string, body: Uint8Array): JsonValue {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const text = decode(body);
  if (type === 'application/x-www-form-urlencoded') return readForm(text);
  if (type !== '' && type !== 'application/json' && !type.endsWith('+json')) {
    throw unreadable(`The content type "${type.slice(0, 100)}" is not taken; send JSON or a form.`);
  }
  if (text.trim() === '') return {};
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw unreadable(`The body is not valid JSON: ${(error as Error).message}.`);
  }
  if (isTooDeep(value)) throw unreadable(`The body nests deeper than ${DEPTH_MAX} levels.`);
  return value;
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw unreadable('The body is not UTF-8 text.');
  }
}

function readForm(text: string): JsonObject {
  const form = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => {
      const values = form.getAll(name);
      return [name, values.length === 1 ? (values[0] as string) : values];
    }),
  );
}

function isTooDeep(root: JsonValue): boolean {
  let level: JsonValue[] = [root];
  for (let depth = 0; depth <= DEPTH_MAX; depth += 1) {
    level = level.flatMap((value) => {
      if (Array.isArray(value)) return value;
      return isJsonObject(value) ? Object.values(value) : [];
    });
    if (level.length === 0) return false;
  }
  return true;
}

/** What proves the sender must not get into prompts, runs and logs. */
const SECRET_HEADER =
  /^(authorization|proxy-authorization|cookie)$|signature|token|secret|api-?key|password/;

function visibleHeaders(spec: Pick<WebhookSpec, 'signature_header'>, headers: Headers): JsonObject {
  const own = spec.signature_header?.toLowerCase();
  const visible = Object.entries(headers).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && entry[0] !== own && !SECRET_HEADER.test(entry[0]),
  );
  return Object.fromEntries(visible);
}

function unreadable(message: string): PlatformError {
  return new PlatformError({
    code: 'triggers.delivery.unreadable',
    kind: 'invalid-input',
    message,
  });
}
