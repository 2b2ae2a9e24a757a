export interface SseMessage {
  id: string | null;
  event: string;
  data: string;
}

/**
 * Gives a function that takes pieces of an event stream as they arrive and returns the messages they complete. Pieces
 * may end anywhere: inside a line, between CR and LF, in the middle of a message. An unfinished message is kept.
 */
export function createSseParser(): (piece: string) => SseMessage[] {
  let rest = '';
  let skipLineFeed = false;
  let atStart = true;
  let id: string | null = null;
  let event = '';
  let data: string[] = [];

  const dispatch = (out: SseMessage[]) => {
    if (data.length > 0)
      out.push({ id, event: event === '' ? 'message' : event, data: data.join('\n') });
    event = '';
    data = [];
  };

  const readLine = (line: string, out: SseMessage[]) => {
    if (line === '') return dispatch(out);
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    let value = colon === -1 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'data') data.push(value);
    else if (field === 'event') event = value;
    else if (field === 'id' && !value.includes('\0')) id = value;
  };

  return (piece) => {
    const out: SseMessage[] = [];
    let text = piece;
    if (atStart && text !== '') {
      if (text.startsWith('\uFEFF')) text = text.slice(1);
      atStart = false;
    }
    if (skipLineFeed && text !== '') {
      if (text.startsWith('\n')) text = text.slice(1);
      skipLineFeed = false;
    }
    rest += text;
    let from = 0;
    // Only the new part can hold a line end: what was kept has none.
    for (let at = rest.length - text.length; at < rest.length; at += 1) {
      const character = rest.charCodeAt(at);
      if (character !== 10 && character !== 13) continue;
      readLine(rest.slice(from, at), out);
      if (character === 13) {
        if (at + 1 === rest.length) skipLineFeed = true;
        else if (rest.charCodeAt(at + 1) === 10) at += 1;
      }
      from = at + 1;
    }
    rest = rest.slice(from);
    return out;
  };
}

/** Reads a response body as messages; throws what the body throws, and ends where it ends. */
export async function* readSse(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<SseMessage> {
  const reader = body.getReader();
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const parse = createSseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      yield* parse(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => {
      // The stream is broken already; there is nothing left to release.
    });
  }
}
