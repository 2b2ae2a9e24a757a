import { Worker } from 'node:worker_threads';
import type { JsonValue } from '@automatos/kernel';
import {
  CODE_MEMORY_BYTES,
  codeFailed,
  codeStopped,
  LOG_BYTES_MAX,
  RESULT_BYTES_MAX,
} from './code-failure.ts';
import type { CodeJob, CodeResult, LanguageRunner } from './code-types.ts';
import type { JavascriptAnswer, JavascriptJob } from './javascript-protocol.ts';

/** Code that only allocates hears of its deadline late, so the thread is ended from outside too. */
const GRACE_MS = 1_000;
const WORKER = new URL('./javascript-worker.ts', import.meta.url);

/** JavaScript in a WebAssembly machine in a thread of its own: no host objects, no files, no network, no timers. */
export function createJavascriptRunner(): LanguageRunner {
  return {
    check: () => Promise.resolve({ available: true }),
    async run(job) {
      job.signal.throwIfAborted();
      return toResult(await ask(job));
    },
  };
}

function toResult(answer: JavascriptAnswer): CodeResult {
  if (answer.kind === 'failed') throw codeFailed(answer.message, answer.log);
  if (answer.kind === 'stopped') throw codeStopped(answer.reason, answer.log);
  if (Buffer.byteLength(answer.json) > RESULT_BYTES_MAX) {
    throw codeFailed(`its result is larger than ${RESULT_BYTES_MAX} bytes`, answer.log);
  }
  return { value: JSON.parse(answer.json) as JsonValue, log: answer.log };
}

async function ask({ source, input, timeoutMs, signal }: CodeJob): Promise<JavascriptAnswer> {
  const job: JavascriptJob = {
    source,
    input,
    timeoutMs,
    memoryBytes: CODE_MEMORY_BYTES,
    logBytesMax: LOG_BYTES_MAX,
  };
  const worker = new Worker(WORKER, {
    workerData: job,
    env: {},
    // Deep recursion in the machine is recursion of the thread.
    resourceLimits: { stackSizeMb: 8 },
  });
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await new Promise<JavascriptAnswer>((resolve, reject) => {
      onAbort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', onAbort, { once: true });
      worker.once('message', resolve);
      worker.once('error', (error: Error) =>
        resolve({ kind: 'failed', message: `its machine broke: ${error.message}`, log: '' }),
      );
      worker.once('exit', () =>
        resolve({ kind: 'failed', message: 'its machine ended without an answer', log: '' }),
      );
      worker.once('online', () => {
        timer = setTimeout(
          () => resolve({ kind: 'stopped', reason: 'time', log: '' }),
          timeoutMs + GRACE_MS,
        );
      });
    });
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
