import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PlatformError } from '@automatos/kernel';

export interface DocumentRequest {
  format: 'pdf' | 'docx';
  title: string;
  markdown: string;
}

/** Sets Markdown as a PDF or Word file. `signal` ends the work; see {@link renderDocument}. */
export type RenderDocument = (request: DocumentRequest, signal: AbortSignal) => Promise<Uint8Array>;

const MAIN = join(import.meta.dirname, 'main.ts');
const RENDER_MS_MAX = 120_000;
const MEMORY_MB_MAX = 1_024;
const ERROR_CHARACTERS = 2_000;

/**
 * Sets a document in a process of its own: a report of a hundred pages takes seconds of computing, in which the server
 * must go on answering, and what is set comes from files and models. Throws `recipes.document.failed`, and
 * `recipes.document.timeout` after two minutes.
 */
export const renderDocument: RenderDocument = (request, signal) => {
  signal.throwIfAborted();
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${MEMORY_MB_MAX}`, '--disable-warning=ExperimentalWarning', MAIN],
    { stdio: ['pipe', 'pipe', 'pipe'], env: {} },
  );
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const output: Buffer[] = [];
  let complaint = '';
  let late = false;
  const stop = () => child.kill('SIGKILL');
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, RENDER_MS_MAX);
  signal.addEventListener('abort', stop, { once: true });
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-ERROR_CHARACTERS);
  });
  // A process that ended early closes its input; the exit below says why.
  child.stdin.on('error', (error) => (complaint ||= error.message));
  child.once('error', reject);
  child.once('close', (code) => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    if (signal.aborted) reject(signal.reason as Error);
    else if (code === 0) resolve(Buffer.concat(output));
    else reject(late ? tookTooLong(request) : failed(request, complaint));
  });
  child.stdin.end(JSON.stringify(request));
  return promise;
};

function tookTooLong({ format, title }: DocumentRequest): PlatformError {
  return new PlatformError({
    code: 'recipes.document.timeout',
    kind: 'timeout',
    message: `The ${format} document "${title}" was not ready after ${RENDER_MS_MAX / 1000} s; make the report shorter, or choose the format markdown or html.`,
  });
}

function failed({ format, title }: DocumentRequest, complaint: string): PlatformError {
  return new PlatformError({
    code: 'recipes.document.failed',
    kind: 'internal',
    message: `The ${format} document "${title}" could not be made; choose the format markdown or html until this is mended.`,
    internalMessage: complaint,
  });
}
