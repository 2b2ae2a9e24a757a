import { PlatformError } from '@automatos/kernel';
import type { PlatformErrorOptions } from '@automatos/kernel';
import type { TasksErrorCode } from './error-codes.ts';

/** An error of this room; its code is checked against the room's registry. */
export function taskError(
  code: TasksErrorCode,
  options: Omit<PlatformErrorOptions, 'code'>,
): PlatformError {
  return new PlatformError({ ...options, code });
}
