import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { newId, PlatformError } from '@automatos/kernel';
import { toProblem } from './problem.ts';
import { securityHeaders } from './security-headers.ts';

interface Refusal {
  status: number;
  code: string;
  message: string;
}

const MALFORMED: Refusal = {
  status: 400,
  code: 'http.request.malformed',
  message: 'The request cannot be read.',
};
const REFUSALS: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: { ...MALFORMED, status: 431, message: 'The headers are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'http.request.timeout',
    message: 'The request did not arrive in time.',
  },
};

/** What is no HTTP, or did not come in time, has no request to answer; the socket gets a minimal problem and is closed. */
export function answerBrokenRequest(error: { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, message } = REFUSALS[error.code ?? ''] ?? MALFORMED;
  const problem = toProblem(new PlatformError({ code, kind: 'invalid-input', message }), newId());
  socket.end(
    rawAnswer(status, JSON.stringify({ ...problem, status, title: STATUS_CODES[status] })),
  );
}

/** An answer with the headers of every other one, for sockets that no response object belongs to. */
export function rawAnswer(status: number, problem: string): string {
  const headers = {
    connection: 'close',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(problem)),
    ...securityHeaders(false),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`, ...lines, '', problem].join(
    '\r\n',
  );
}
