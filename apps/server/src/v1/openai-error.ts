import type { OpenAiError } from '@automatos/contracts';
import type { ErrorKind, PlatformError } from '@automatos/kernel';
import { statusOf } from '../http/problem.ts';

/** Types as OpenAI's clients know them; the finer word is our `code`. */
const TYPES: Record<ErrorKind, string> = {
  'invalid-input': 'invalid_request_error',
  unauthenticated: 'authentication_error',
  forbidden: 'permission_error',
  'not-found': 'invalid_request_error',
  conflict: 'invalid_request_error',
  'limit-reached': 'limit_reached_error',
  'rate-limited': 'rate_limit_error',
  'upstream-failed': 'upstream_error',
  timeout: 'timeout_error',
  unavailable: 'unavailable_error',
  cancelled: 'cancelled_error',
  internal: 'server_error',
};

/** Money is out, here or at the vendor: asking again cannot help, so not 429, which clients repeat. */
const NO_MONEY = /^providers\.(?:budget\.|call\.no_credit$)/;
/** Named things that are not there; elsewhere they are faults of a field. */
const NOT_FOUND: ReadonlySet<string> = new Set([
  'providers.provider.unknown',
  'providers.model.unknown',
]);

/** HTTP status of an error under `/v1`. */
export function openAiStatus(error: PlatformError): number {
  if (NO_MONEY.test(error.code)) return 402;
  if (NOT_FOUND.has(error.code)) return 404;
  // 409 is repeated by OpenAI's clients; a cancelled call must not be.
  return error.kind === 'cancelled' ? 499 : statusOf(error);
}

/** OpenAI's clients repeat what has a status of 409, 429 or 5xx unless told not to. */
export function openAiErrorHeaders(error: PlatformError): Record<string, string> {
  return error.retryable ? {} : { 'x-should-retry': 'false' };
}

/** An error in OpenAI's shape; `internalMessage`, `details` and causes stay in the log. */
export function toOpenAiError(error: PlatformError): OpenAiError {
  return {
    error: {
      message: error.message,
      type: NO_MONEY.test(error.code) ? 'insufficient_quota' : TYPES[error.kind],
      param: toParam(error.errors?.[0]?.pointer),
      code: error.code,
    },
  };
}

/** `/messages/0/content` as OpenAI writes it: `messages[0].content`. */
function toParam(pointer: string | undefined): string | null {
  if (pointer === undefined || pointer === '' || pointer === '/provider') {
    return pointer === '/provider' ? 'model' : null;
  }
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : `${path}.${part}`));
}
