import { isApiProblem } from '@automatos/sdk';

/** What a script can tell from how the command ended. */
export const EXIT = {
  completed: 0,
  failed: 1,
  /** Wrong command line, or input that the server refused. */
  usage: 2,
  cancelled: 3,
  /** Server not reachable, or it does not know the caller. */
  unreachable: 4,
  /** The run has not ended: paused, or left running on request. */
  unfinished: 5,
} as const;

/** A wrong command line; its message is all a person needs. */
export class UsageError extends Error {}

/** Exit code of anything a command threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (!isApiProblem(error)) return EXIT.failed;
  if (
    error.status === 0 ||
    error.status === 401 ||
    error.status === 403 ||
    error.status === 429 ||
    error.status === 503
  ) {
    return EXIT.unreachable;
  }
  return error.status < 500 ? EXIT.usage : EXIT.failed;
}

/** Exit code of a run by its status. */
export function exitCodeOfRun(status: string): number {
  if (status === 'completed') return EXIT.completed;
  if (status === 'failed') return EXIT.failed;
  return status === 'cancelled' ? EXIT.cancelled : EXIT.unfinished;
}
