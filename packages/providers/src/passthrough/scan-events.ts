const BLANK = Buffer.from('\n\n');
const BLANK_CRLF = Buffer.from('\r\n\r\n');
/** One event of a chat stream is small; what grows beyond this is no such stream. */
const EVENT_BYTES_MAX = 8 * 1024 * 1024;

export interface EventScanner {
  /** Whole events among the bytes so far, in order, each with its closing blank line; the rest waits for its end. */
  take(chunk: Buffer): Buffer[];
  /** What is left without a closing blank line. */
  rest(): Buffer;
}

/**
 * Cuts a stream of Server-Sent Events at its events without copying them: a chunk that holds whole events, as nearly all do,
 * is handed on as parts of itself. Throws `RangeError` for an event without end.
 */
export function createEventScanner(): EventScanner {
  let carry: Buffer | null = null;
  return {
    take(chunk) {
      const bytes = carry === null ? chunk : Buffer.concat([carry, chunk]);
      carry = null;
      const events: Buffer[] = [];
      let from = 0;
      for (;;) {
        const end = endOfEvent(bytes, from);
        if (end === -1) break;
        events.push(bytes.subarray(from, end));
        from = end;
      }
      if (from < bytes.length) {
        carry = bytes.subarray(from);
        if (carry.length > EVENT_BYTES_MAX) throw new RangeError('an event has no end');
      }
      return events;
    },
    rest: () => carry ?? Buffer.alloc(0),
  };
}

/** Index behind the blank line that closes the event at `from`; -1 when it is not there yet. */
function endOfEvent(bytes: Buffer, from: number): number {
  const plain = bytes.indexOf(BLANK, from);
  const withReturn = bytes.indexOf(BLANK_CRLF, from);
  if (plain === -1 && withReturn === -1) return -1;
  if (withReturn === -1 || (plain !== -1 && plain < withReturn)) return plain + BLANK.length;
  return withReturn + BLANK_CRLF.length;
}

/** Text of the event's `data` lines; null for comments and other fields. */
export function dataOf(event: Buffer): string | null {
  const text = event.toString('utf8');
  if (text.startsWith('data: ') && text.indexOf('\n') >= text.length - 2)
    return text.slice(6).trim();
  const lines = text
    .split(/\r\n|\n|\r/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(5).trimStart());
  return lines.length === 0 ? null : lines.join('\n').trim();
}
