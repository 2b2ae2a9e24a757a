/** Bounds of the executor; sizes in bytes, times in ms. */
export interface ExecutorLimits {
  findingsMax: number;
  outputBytesMax: number;
  inputBytesMax: number;
  summaryCharsMax: number;
  /** Processes that run tools at the same time. */
  workers: number;
  /** Heap of one worker, in MB; more ends the call with `tools.run.out_of_memory`. */
  workerMemoryMb: number;
  /** A worker without work for this long ends and gives its memory back. */
  workerIdleMs: number;
  /** Calls that may wait for a worker. */
  waitingMax: number;
  /** No call may ask for more time than this. */
  timeoutMsMax: number;
}

export const DEFAULT_LIMITS: ExecutorLimits = {
  findingsMax: 500,
  outputBytesMax: 256 * 1024,
  inputBytesMax: 1024 * 1024,
  summaryCharsMax: 2000,
  workers: 2,
  workerMemoryMb: 768,
  workerIdleMs: 15_000,
  waitingMax: 500,
  timeoutMsMax: 15 * 60_000,
};
