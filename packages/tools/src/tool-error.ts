import { PlatformError, type ErrorKind, type PlatformErrorOptions } from '@automatos/kernel';
import type { ToolsErrorCode } from './error-codes.ts';

type ErrorExtras = Omit<Partial<PlatformErrorOptions>, 'code' | 'kind'> & { message: string };

/** Builds a {@link PlatformError} whose code is checked against the registry of this room. */
export function toolError(
  code: ToolsErrorCode,
  kind: ErrorKind,
  message: string | ErrorExtras,
): PlatformError {
  const extras = typeof message === 'string' ? { message } : message;
  return new PlatformError({ ...extras, code, kind });
}
