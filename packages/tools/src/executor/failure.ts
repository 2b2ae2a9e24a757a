import { cutText, isPlatformError, type PlatformError } from '@automatos/kernel';
import { toolError } from '../tool-error.ts';

/** Turns whatever a tool threw into a typed error that names the tool. */
export function toRunError(tool: string, error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  if (
    error instanceof RangeError &&
    /allocation failed|invalid (?:array|string) length|array buffer/i.test(error.message)
  ) {
    return toolError('tools.run.out_of_memory', 'limit-reached', {
      message: `Tool "${tool}" asked for more memory than it may have.`,
      cause: error,
    });
  }
  const text = error instanceof Error ? error.message : String(error);
  return toolError('tools.run.failed', 'internal', {
    message: `Tool "${tool}" failed: ${cutText(text, 300) || 'it gave no reason'}.`,
    ...(error instanceof Error && error.stack !== undefined
      ? { internalMessage: cutText(error.stack, 4000) }
      : {}),
    cause: error,
  });
}
