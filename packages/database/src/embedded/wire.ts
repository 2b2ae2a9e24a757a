/** The few shapes of PostgreSQL's wire protocol 3.0 that the gate must read or write. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Single-letter message types as byte values. */
export const code = (letter: string): number => letter.charCodeAt(0);

export const STARTUP_CODES = {
  protocol3: 196_608,
  cancel: 80_877_102,
  ssl: 80_877_103,
  gssEncryption: 80_877_104,
} as const;

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function readInt32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + offset, 4).getInt32(0);
}

/** Text up to the next zero byte, and where the byte after it stands. */
export function readText(bytes: Uint8Array, offset: number): { text: string; next: number } {
  const end = bytes.indexOf(0, offset);
  const stop = end === -1 ? bytes.length : end;
  return { text: decoder.decode(bytes.subarray(offset, stop)), next: stop + 1 };
}

/** A message of `type` around `parts`; texts get their closing zero byte. */
export function message(type: string, ...parts: Array<string | Uint8Array | number>): Uint8Array {
  const encoded = parts.map((part) => {
    if (typeof part === 'string') return encoder.encode(`${part}\0`);
    if (typeof part !== 'number') return part;
    const word = new Uint8Array(4);
    new DataView(word.buffer).setInt32(0, part);
    return word;
  });
  const body = concatBytes([new Uint8Array(0), ...encoded]);
  const out = new Uint8Array(body.length + 5);
  out[0] = code(type);
  new DataView(out.buffer).setInt32(1, body.length + 4);
  out.set(body, 5);
  return out;
}

export const sync = (): Uint8Array => message('S');
export const query = (sql: string): Uint8Array => message('Q', sql);
export const closeStatement = (name: string): Uint8Array =>
  message('C', Uint8Array.of(code('S')), name);
export const readyForQuery = (status: string): Uint8Array =>
  message('Z', Uint8Array.of(code(status)));

export interface ErrorFields {
  severity: 'ERROR' | 'FATAL';
  sqlState: string;
  message: string;
  hint?: string;
}

export function errorResponse(fields: ErrorFields): Uint8Array {
  const parts: Array<string | Uint8Array> = [];
  const field = (letter: string, text: string) => parts.push(Uint8Array.of(code(letter)), text);
  field('S', fields.severity);
  field('V', fields.severity);
  field('C', fields.sqlState);
  field('M', fields.message);
  if (fields.hint !== undefined) field('H', fields.hint);
  return message('E', ...parts, Uint8Array.of(0));
}

/** Replaces `from` by `to` in every field of an ErrorResponse or NoticeResponse. */
export function rewriteErrorText(frame: Uint8Array, from: string, to: string): Uint8Array {
  const text = decoder.decode(frame.subarray(5));
  if (!text.includes(from)) return frame;
  return message(String.fromCharCode(frame[0] ?? 0), encoder.encode(text.replaceAll(from, to)));
}

/** Calls `onFrame` for every whole message in `bytes`; returns what is left over. */
export function eachFrame(bytes: Uint8Array, onFrame: (frame: Uint8Array) => void): Uint8Array {
  let offset = 0;
  while (bytes.length - offset >= 5) {
    const end = offset + 1 + readInt32(bytes, offset + 1);
    if (end > bytes.length) break;
    onFrame(bytes.subarray(offset, end));
    offset = end;
  }
  return bytes.subarray(offset);
}
