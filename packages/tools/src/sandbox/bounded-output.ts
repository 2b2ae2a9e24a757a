import type { Readable } from 'node:stream';
import type { SandboxOutput } from './sandbox.ts';

/** What a command may write before it is stopped, as a multiple of what is kept. */
const ENDLESS = 64;

/** Reads a stream to its end, keeps the first `keep` bytes and counts the rest; `tooMuch` is called once when it does not end. */
export function readBounded(
  stream: Readable,
  { keep, onText }: { keep: number; onText?: ((text: string) => void) | undefined },
  tooMuch: () => void,
): () => SandboxOutput {
  const decoder = new TextDecoder();
  const chunks: Buffer[] = [];
  let kept = 0;
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    onText?.(decoder.decode(chunk, { stream: true }));
    const before = bytes;
    bytes += chunk.length;
    if (kept < keep) {
      const part = chunk.subarray(0, keep - kept);
      chunks.push(part);
      kept += part.length;
    }
    if (before <= keep * ENDLESS && bytes > keep * ENDLESS) tooMuch();
  });
  // A broken pipe is the end of it.
  stream.on('error', () => undefined);
  return () => ({
    text: new TextDecoder().decode(Buffer.concat(chunks)),
    bytes,
    truncated: bytes > kept,
  });
}
