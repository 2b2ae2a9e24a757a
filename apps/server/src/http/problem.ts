import { STATUS_CODES } from 'node:http';
import type { Problem } from '@automatos/contracts';
import { ERROR_KINDS, isPlatformError, PlatformError, toPlatformError } from '@automatos/kernel';

/** Codes whose HTTP status is finer than their kind's. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'http.method.not_allowed': 405,
  'http.body.too_large': 413,
  'http.media_type.unsupported': 415,
  'http.content_encoding.unsupported': 415,
  'http.request.timeout': 408,
  'http.body.text_too_long': 413,
  'http.body.too_many_values': 413,
  'http.precondition.required': 428,
};
/** Rooms say that the sent version is old by a conflict whose code ends so; that is 412 on routes with If-Match. */
const STALE_CODE = /\.(?:stale|version_conflict|version_mismatch|precondition_failed)$/;

export function statusOf(error: PlatformError): number {
  if (error.kind === 'conflict' && STALE_CODE.test(error.code)) return 412;
  return STATUS_OF_CODE[error.code] ?? ERROR_KINDS[error.kind].status;
}

/** The page of this server that explains every code; see errors-page.ts. */
export const ERRORS_PATH = '/docs/errors';

/** RFC 9457 form of an error; `type` is where this server explains it. `internalMessage`, `details` and causes stay in the log. */
export function toProblem(error: PlatformError, requestId: string): Problem {
  const status = statusOf(error);
  return {
    type: `${ERRORS_PATH}#${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
  };
}

/** What Fastify itself throws before a handler runs, in our words. */
const FRAMEWORK_ERRORS: Readonly<Record<string, { code: string; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'http.body.too_large', message: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'http.media_type.unsupported',
    message: 'Send the body as application/json.',
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    code: 'http.request.malformed',
    message: 'The body does not have the length that Content-Length promised.',
  },
  FST_ERR_BAD_URL: { code: 'http.request.malformed', message: 'The URL cannot be decoded.' },
  FST_ERR_MAX_PARAM_LENGTH: {
    code: 'http.route.not_found',
    message: 'No operation has this path.',
  },
};

/** Ours unchanged, the framework's translated, everything else as `internal`. */
export function toRequestError(error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  const known = typeof code === 'string' ? FRAMEWORK_ERRORS[code] : undefined;
  if (known !== undefined) {
    const kind = known.code === 'http.route.not_found' ? 'not-found' : 'invalid-input';
    return new PlatformError({ ...known, kind, cause: error });
  }
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new PlatformError({
      code: 'http.request.malformed',
      kind: 'invalid-input',
      message: 'The request cannot be read.',
      cause: error,
    });
  }
  return toPlatformError(error);
}
