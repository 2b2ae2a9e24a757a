import type { Problem } from './generated/types.gen.ts';

export type FieldProblem = NonNullable<Problem['errors']>[number];

const brand = Symbol.for('automatos.ApiProblem');

/**
 * What every failed call throws: the server's problem details (RFC 9457). When no answer came, `status` is 0 and `code`
 * is `client.network.unreachable`; when the answer was not one of ours, `client.response.unexpected`.
 */
export class ApiProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;
  /** Problems of single fields, by JSON pointer. */
  readonly errors: readonly FieldProblem[];
  /** From `Retry-After`; null when the server did not say. */
  readonly retryAfterMs: number | null;
  readonly [brand] = true;

  constructor(
    problem: Problem | Omit<Problem, 'request_id'>,
    response?: Response,
    cause?: unknown,
  ) {
    super(problem.detail, { cause });
    this.name = 'ApiProblem';
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    const fromBody = 'request_id' in problem ? problem.request_id : null;
    this.requestId = fromBody ?? response?.headers.get('x-request-id') ?? null;
    this.errors = problem.errors ?? [];
    const seconds = Number(response?.headers.get('retry-after') ?? Number.NaN);
    this.retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
  }

  /** True when the same call may succeed later: no answer, too many requests, or a failure on the other side. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export function isApiProblem(value: unknown): value is ApiProblem {
  return typeof value === 'object' && value !== null && brand in value;
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Problem).code === 'string' &&
    typeof (value as Problem).detail === 'string' &&
    typeof (value as Problem).status === 'number'
  );
}

/** Turns whatever a call failed with into an ApiProblem; an abort by the caller stays the AbortError it is. */
export function toApiProblem(error: unknown, response?: Response): unknown {
  if (isApiProblem(error)) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  if (isProblem(error)) return new ApiProblem(error, response);
  if (response === undefined) {
    return new ApiProblem(
      {
        type: 'about:blank',
        title: 'No answer',
        status: 0,
        code: 'client.network.unreachable',
        detail: 'The server could not be reached. Check that it runs and that you are connected.',
      },
      undefined,
      error,
    );
  }
  return new ApiProblem(
    {
      type: 'about:blank',
      title: 'Unexpected answer',
      status: response.status,
      code: 'client.response.unexpected',
      detail: `The server answered ${response.status} with something this client does not understand.`,
    },
    response,
    error,
  );
}
