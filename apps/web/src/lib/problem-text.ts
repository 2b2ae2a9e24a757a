import { isApiProblem } from '@automatos/sdk';

/** What a failed call says, with the id to quote, for a short message. */
export function problemText(error: unknown): string {
  if (!isApiProblem(error)) return error instanceof Error ? error.message : 'Try again.';
  return `${error.detail}${error.requestId === null ? '' : ` (request ${error.requestId})`}`;
}
