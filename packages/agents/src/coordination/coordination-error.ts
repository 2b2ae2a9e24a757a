import type { ErrorInfo } from '@automatos/contracts';
import { isPlatformError, serializeError } from '@automatos/kernel';
import type { PlatformError } from '@automatos/kernel';

/** Errors of the run itself: they say nothing about who worked in it. */
const OF_THE_RUN = /^runs\./;

/**
 * What a turn failed of, when that is the agent's failure and others can go on. Rejects again with everything else: a cancel (with
 * its reason), a stop of the process, a fault of the program.
 */
export function failureOf(error: unknown, signals: readonly AbortSignal[]): ErrorInfo {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted !== undefined) throw aborted.reason;
  if (!isPlatformError(error) || OF_THE_RUN.test(error.code)) throw error;
  return errorInfoOf(error);
}

function errorInfoOf(error: PlatformError): ErrorInfo {
  const { code, kind, message, retryable } = serializeError(error);
  return { code, kind, message, retryable };
}
