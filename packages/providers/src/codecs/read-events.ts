/** One server-sent event: `event` is empty when the server named none. */
export interface ServerEvent {
  event: string;
  data: string;
}

/**
 * The events of a stream, one by one; comments and pings without data are passed over. Borders of chunks may fall anywhere, also
 * inside a character. A last event without its empty line is dropped, as the format says.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<ServerEvent> {
  if (body === null) return;
  const decoder = new TextDecoder();
  let rest = '';
  let event = '';
  let data: string[] = [];
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield { event, data: data.join('\n') };
        event = '';
        data = [];
      } else if (line.startsWith('data:')) data.push(fieldOf(line, 5));
      else if (line.startsWith('event:')) event = fieldOf(line, 6);
    }
  }
}

function fieldOf(line: string, from: number): string {
  return line.slice(line[from] === ' ' ? from + 1 : from);
}
