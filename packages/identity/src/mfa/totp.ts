import { createHmac, timingSafeEqual } from 'node:crypto';
import { base32 } from '@better-auth/utils/base32';

const STEP_MS = 30_000;
/** Clocks of phones go wrong by that many steps. */
const STEPS_ASIDE = 1;
const DIGITS = 6;

/** Code of one counter (RFC 4226, SHA-1, six digits). */
export function hotp(secret: Uint8Array, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(message).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** Time-step of a moment (RFC 6238, 30 seconds). */
export function stepOf(nowMs: number): number {
  return Math.floor(nowMs / STEP_MS);
}

/** The first step around now, after `lastStep`, that the code is of; `used` when it is only of older ones; null when of none. */
export function matchingStep(
  secret: Uint8Array,
  code: string,
  at: { nowMs: number; lastStep: number },
): number | 'used' | null {
  const now = stepOf(at.nowMs);
  const steps = Array.from({ length: 2 * STEPS_ASIDE + 1 }, (_, n) => now - STEPS_ASIDE + n);
  const matching = steps.filter((step) => isSame(hotp(secret, step), code));
  if (matching.length === 0) return null;
  return matching.find((step) => step > at.lastStep) ?? 'used';
}

function isSame(expected: string, given: string): boolean {
  return (
    given.length === expected.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given))
  );
}

/** What authenticators read from a QR code. */
export function otpauthUri(account: string, secret: Uint8Array): string {
  const query = new URLSearchParams({
    secret: toBase32(secret),
    issuer: 'Automatos',
    algorithm: 'SHA1',
    digits: String(DIGITS),
    period: String(STEP_MS / 1000),
  });
  return `otpauth://totp/Automatos:${encodeURIComponent(account)}?${query.toString()}`;
}

/** Base32 without padding, for typing in by hand. */
export function toBase32(secret: Uint8Array): string {
  return base32.encode(secret, { padding: false });
}
