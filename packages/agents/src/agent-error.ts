import { PlatformError } from '@automatos/kernel';
import type { PlatformErrorOptions } from '@automatos/kernel';
import type { AgentsErrorCode } from './error-codes.ts';

/** A PlatformError whose code stands in this room's registry. */
export function agentError(
  code: AgentsErrorCode,
  options: Omit<PlatformErrorOptions, 'code'>,
): PlatformError {
  return new PlatformError({ code, ...options });
}
