import type { ResponseSink } from '@automatos/contracts';
import { toPlatformError } from '@automatos/kernel';
import { SSE_HEADERS } from './answer-headers.ts';
import { toOpenAiError } from './openai-error.ts';

/** Answer as Server-Sent Events; every piece is written as soon as it is there. */
export interface StreamWriter {
  /** Sends the head, once; further calls do nothing. */
  begin(headers: Record<string, string>): void;
  write(text: string): void;
  end(text: string): void;
  /** Ends with the error as a message of its own. Nothing follows it, no end mark either. */
  fail(error: unknown): void;
}

const ALIVE = ': alive\n\n';

/** Starts writing to `sink`; while nothing comes, a comment every `heartbeatMs` says that the answer is still being made. */
export function createStreamWriter(sink: ResponseSink, heartbeatMs: number): StreamWriter {
  let heartbeat: NodeJS.Timeout | undefined;
  const stop = () => clearInterval(heartbeat);
  return {
    begin(headers) {
      if (sink.started) return;
      sink.start(200, { ...SSE_HEADERS, ...headers });
      heartbeat = setInterval(() => {
        if (sink.closed) stop();
        else sink.write(ALIVE);
      }, heartbeatMs);
    },
    write(text) {
      // A client that is behind is held by its socket's buffer; codecs give no way to slow a vendor down.
      if (text !== '') sink.write(text);
    },
    end(text) {
      stop();
      sink.end(text);
    },
    fail(error) {
      stop();
      sink.end(`data: ${JSON.stringify(toOpenAiError(toPlatformError(error)))}\n\n`);
    },
  };
}
