import type { PlatformError } from '@automatos/kernel';
import { toolError } from '../../tool-error.ts';

/** Largest result as JSON. */
export const RESULT_BYTES_MAX = 4 * 1024 * 1024;
/** Kept of what code prints. */
export const LOG_BYTES_MAX = 64 * 1024;
export const CODE_MEMORY_BYTES = 256 * 1024 * 1024;
/** A stack of tens of kilobytes tells nobody more. */
const MESSAGE_CHARS = 2_000;

export function codeFailed(message: string, log: string): PlatformError {
  return toolError('tools.code.failed', 'invalid-input', {
    message: `The code failed: ${message.slice(0, MESSAGE_CHARS)}`,
    retryable: false,
    details: { log },
  });
}

const STOPPED = {
  time: 'it did not end in its time',
  memory: 'it needs more memory than it may have',
  folder: 'it wrote more files than it may keep',
  output: 'it printed without end',
} as const;

export function codeStopped(reason: keyof typeof STOPPED, log: string): PlatformError {
  return toolError('tools.code.stopped', reason === 'time' ? 'timeout' : 'invalid-input', {
    message: `The code was stopped: ${STOPPED[reason]}.`,
    retryable: false,
    details: { log },
  });
}
