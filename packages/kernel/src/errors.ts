/**
 * Closed list of error kinds. A kind decides HTTP status, log level and whether a retry may help; see
 * {@link ERROR_KINDS}. Finer meaning is carried by `code`.
 */
export const ERROR_KINDS = {
  'invalid-input': { status: 400, level: 'info', retryable: false },
  unauthenticated: { status: 401, level: 'info', retryable: false },
  forbidden: { status: 403, level: 'info', retryable: false },
  'not-found': { status: 404, level: 'info', retryable: false },
  conflict: { status: 409, level: 'info', retryable: false },
  'limit-reached': { status: 422, level: 'info', retryable: false },
  'rate-limited': { status: 429, level: 'info', retryable: true },
  'upstream-failed': { status: 502, level: 'warn', retryable: true },
  timeout: { status: 504, level: 'warn', retryable: true },
  unavailable: { status: 503, level: 'warn', retryable: true },
  cancelled: { status: 409, level: 'info', retryable: false },
  internal: { status: 500, level: 'error', retryable: false },
} as const satisfies Record<
  string,
  { status: number; level: 'info' | 'warn' | 'error'; retryable: boolean }
>;

export type ErrorKind = keyof typeof ERROR_KINDS;

/** One field that is wrong: `pointer` is an RFC 6901 JSON pointer into the input. */
export interface FieldError {
  pointer: string;
  message: string;
  /** 1-based position for text inputs such as YAML. */
  line?: number;
  column?: number;
  /** What the caller probably meant. */
  suggestion?: string;
}

export interface PlatformErrorOptions {
  /** Stable `<area>.<noun>.<reason>`; must stand in the registry of `@automatos/contracts`. */
  code: string;
  kind: ErrorKind;
  /** Shown to people and models: names the field or upstream and the way out. Never holds secrets. */
  message: string;
  /** Goes to logs only. */
  internalMessage?: string;
  errors?: FieldError[];
  details?: Record<string, unknown>;
  cause?: unknown;
  /** Overrides the kind's default. */
  retryable?: boolean;
  retryAfterMs?: number;
}

const BRAND = Symbol.for('automatos.platform-error');

/** The one error class of the product; recognised by brand, so that two copies of this package agree. */
export class PlatformError extends Error {
  readonly [BRAND] = true;
  readonly code: string;
  readonly kind: ErrorKind;
  readonly internalMessage: string | undefined;
  readonly errors: FieldError[] | undefined;
  readonly details: Record<string, unknown> | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(options: PlatformErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PlatformError';
    this.code = options.code;
    this.kind = options.kind;
    this.internalMessage = options.internalMessage;
    this.errors = options.errors;
    this.details = options.details;
    this.retryable = options.retryable ?? ERROR_KINDS[options.kind].retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function isPlatformError(value: unknown): value is PlatformError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<symbol, unknown>)[BRAND] === true
  );
}

/** Form of an error that survives JSON: what journals, events and worker messages carry. */
export interface SerializedError {
  code: string;
  kind: ErrorKind;
  message: string;
  retryable: boolean;
  retry_after_ms?: number;
  errors?: FieldError[];
  details?: Record<string, unknown>;
}

/** Converts anything thrown into its JSON form. Unknown errors become `internal.error.unexpected` with their message kept. */
export function serializeError(error: unknown): SerializedError {
  const known = toPlatformError(error);
  return {
    code: known.code,
    kind: known.kind,
    message: known.message,
    retryable: known.retryable,
    ...(known.retryAfterMs === undefined ? {} : { retry_after_ms: known.retryAfterMs }),
    ...(known.errors === undefined ? {} : { errors: known.errors }),
    ...(known.details === undefined ? {} : { details: known.details }),
  };
}

export function deserializeError(data: SerializedError): PlatformError {
  return new PlatformError({
    code: data.code,
    kind: data.kind,
    message: data.message,
    retryable: data.retryable,
    ...(data.retry_after_ms === undefined ? {} : { retryAfterMs: data.retry_after_ms }),
    ...(data.errors === undefined ? {} : { errors: data.errors }),
    ...(data.details === undefined ? {} : { details: data.details }),
  });
}

/** Returns `error` when it is ours already, else wraps it as `internal`. */
export function toPlatformError(error: unknown): PlatformError {
  if (isPlatformError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new PlatformError({
    code: 'internal.error.unexpected',
    kind: 'internal',
    message:
      'Something went wrong inside the server; the log line with this request or run id says more.',
    internalMessage: message,
    cause: error,
  });
}

export function invalidInput(
  message: string,
  errors: FieldError[] = [],
  code = 'request.input.invalid',
): PlatformError {
  return new PlatformError({ code, kind: 'invalid-input', message, errors });
}

export function notFound(noun: string, id: string): PlatformError {
  return new PlatformError({
    code: `${noun}.item.not_found`,
    kind: 'not-found',
    message: `No ${noun.replaceAll('_', ' ')} "${id}" in this workspace.`,
  });
}
