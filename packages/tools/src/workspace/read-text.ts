import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { toolError } from '../tool-error.ts';

export const TEXT_BYTES_MAX = 2 * 1024 * 1024;
const SNIFF_BYTES = 8192;

/** Text of a file, or why it was not read. */
export type TextResult =
  | { kind: 'text'; text: string }
  | { kind: 'binary' | 'too_large' | 'unreadable' };

async function fill(handle: FileHandle, buffer: Buffer, from: number): Promise<number> {
  let at = from;
  while (at < buffer.length) {
    const { bytesRead } = await handle.read(buffer, at, buffer.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

function decode(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.subarray(0, SNIFF_BYTES).includes(0)) return undefined;
  return new TextDecoder('utf-8').decode(bytes);
}

/**
 * Reads a regular file as text without ever loading more than `bytesMax`: size and the first 8 kB are looked at
 * first. A NUL byte there means binary, unless a UTF-16 mark says otherwise. Links are not followed.
 */
export async function readTextFile(
  path: string,
  bytesMax: number = TEXT_BYTES_MAX,
): Promise<TextResult> {
  let handle: FileHandle;
  try {
    // O_NONBLOCK: opening a named pipe must not wait for a writer.
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return { kind: 'unreadable' };
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) return { kind: 'unreadable' };
    const head = Buffer.alloc(Math.min(SNIFF_BYTES, stats.size));
    const headLength = await fill(handle, head, 0);
    if (decode(head.subarray(0, headLength)) === undefined) return { kind: 'binary' };
    if (stats.size > bytesMax) return { kind: 'too_large' };
    const whole = Buffer.alloc(stats.size);
    head.copy(whole, 0, 0, headLength);
    const text = decode(whole.subarray(0, await fill(handle, whole, headLength)));
    return text === undefined ? { kind: 'binary' } : { kind: 'text', text };
  } catch {
    return { kind: 'unreadable' };
  } finally {
    await handle.close();
  }
}

/** The same for a single file that was asked for by name: what cannot be read is an error with the reason. */
export async function requireText(
  path: string,
  shown: string,
  bytesMax: number = TEXT_BYTES_MAX,
): Promise<string> {
  const result = await readTextFile(path, bytesMax);
  if (result.kind === 'text') return result.text;
  if (result.kind === 'binary')
    throw toolError(
      'tools.file.binary',
      'invalid-input',
      `"${shown}" is a binary file; this tool reads text.`,
    );
  if (result.kind === 'too_large') {
    throw toolError(
      'tools.file.too_large',
      'invalid-input',
      `"${shown}" is larger than ${Math.floor(bytesMax / 1024)} kB, the most this tool reads.`,
    );
  }
  throw toolError(
    'tools.path.unreadable',
    'invalid-input',
    `"${shown}" cannot be read; check its permissions.`,
  );
}
