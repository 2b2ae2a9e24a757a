import { PlatformError } from '@automatos/kernel';
import type { PlatformErrorOptions } from '@automatos/kernel';
import type { IDENTITY_ERROR_CODES } from '../error-codes.ts';

type Code = Extract<
  keyof typeof IDENTITY_ERROR_CODES,
  `credentials.${string}` | `encryption.${string}`
>;

/** An anticipated failure of this room. Callers write no secret into it. */
export function credentialError(
  code: Code,
  options: Omit<PlatformErrorOptions, 'code'>,
): PlatformError {
  return new PlatformError({ code, ...options });
}
