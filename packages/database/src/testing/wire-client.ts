import net from 'node:net';
import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { concatBytes, eachFrame, message, readInt32, readText } from '../embedded/wire.ts';

const decoder = new TextDecoder();

/** Speaks the wire protocol by hand and writes down what comes back, one line per message, without what may differ by version. */
export interface WireClient {
  /** Sends the messages in one write and resolves to the transcript up to the `until` message (default `Z`, ready), `count` of them. */
  talk(messages: Uint8Array[], until?: { type: string; count?: number }): Promise<string[]>;
  /** Resolves to the next asynchronous message that `talk` has not returned yet. */
  next(): Promise<string>;
  destroy(): void;
}

export async function openWire(pool: pg.Pool): Promise<WireClient> {
  const { stream, user, database } = await connect(pool);
  const waiters: Array<() => void> = [];
  const lines: string[] = [];
  let rest: Uint8Array = new Uint8Array(0);
  stream.on('data', (chunk: Uint8Array) => {
    rest = eachFrame(concatBytes([rest, chunk]), (frame) => {
      const line = describe(frame);
      if (line !== undefined) lines.push(line);
    }).slice();
    for (const wake of waiters.splice(0)) wake();
  });
  const change = () => new Promise<void>((resolve) => waiters.push(resolve));

  async function take(done: () => number): Promise<string[]> {
    for (;;) {
      const end = done();
      if (end > 0) return lines.splice(0, end);
      await change();
    }
  }

  async function talk(
    messages: Uint8Array[],
    until: { type: string; count?: number } = { type: 'Z' },
  ): Promise<string[]> {
    stream.write(concatBytes([new Uint8Array(0), ...messages]));
    return take(() => {
      const ends = lines.flatMap((line, index) => (line.startsWith(until.type) ? [index + 1] : []));
      return ends[(until.count ?? 1) - 1] ?? 0;
    });
  }

  const start = message(
    'x',
    196_608,
    'user',
    user,
    'database',
    database,
    Uint8Array.of(0),
  ).subarray(1);
  await talk([start]);
  return {
    talk,
    next: async () => (await take(() => (lines.length > 0 ? 1 : 0)))[0] ?? '',
    destroy: () => stream.destroy(),
  };
}

async function connect(pool: pg.Pool): Promise<{ stream: Duplex; user: string; database: string }> {
  const options = pool.options as unknown as {
    connectionString?: string;
    stream?: () => Duplex & { connect(): void };
  };
  if (options.stream) {
    const stream = options.stream();
    const connected = new Promise((resolve) => stream.once('connect', resolve));
    stream.connect();
    await connected;
    return { stream, user: 'postgres', database: 'postgres' };
  }
  const url = new URL(options.connectionString ?? '');
  const stream = net.connect(Number(url.port || 5432), url.hostname);
  await new Promise((resolve, reject) => stream.once('connect', resolve).once('error', reject));
  return { stream, user: decodeURIComponent(url.username), database: url.pathname.slice(1) };
}

/** Fields of errors and notices that mean the same in every version: severity, state, message, detail, hint. */
const KEPT_FIELDS = new Set(['S', 'C', 'M', 'D', 'H']);

function describe(frame: Uint8Array): string | undefined {
  const type = String.fromCharCode(frame[0] ?? 0);
  const body = frame.subarray(5);
  if (type === 'K' || type === 'S') return undefined;
  if (type === 'E' || type === 'N') return `${type} ${fields(body).join(' | ')}`;
  if (type === 'D') return `D ${dataRow(body).join(' | ')}`;
  if (type === 'T') return `T ${columns(body).join(' | ')}`;
  if (type === 'A') {
    const channel = readText(body, 4);
    return `A ${channel.text} ${readText(body, channel.next).text}`;
  }
  if (type === 't')
    return `t ${Array.from({ length: (body.length - 2) / 4 }, (_, index) => readInt32(body, 2 + 4 * index)).join(',')}`.trim();
  if (type === 'R') return `R ${readInt32(body, 0)}`;
  if (type === 'H' || type === 'G') return type;
  return `${type} ${decoder.decode(body).replaceAll('\0', '')}`.trim();
}

function fields(body: Uint8Array): string[] {
  const found: string[] = [];
  let offset = 0;
  while (offset < body.length && body[offset] !== 0) {
    const letter = String.fromCharCode(body[offset] ?? 0);
    const { text, next } = readText(body, offset + 1);
    if (KEPT_FIELDS.has(letter)) found.push(text);
    offset = next;
  }
  return found;
}

const readInt16 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);

function dataRow(body: Uint8Array): string[] {
  let offset = 2;
  return Array.from({ length: readInt16(body, 0) }, () => {
    const size = readInt32(body, offset);
    offset += 4;
    if (size < 0) return 'NULL';
    offset += size;
    return decoder.decode(body.subarray(offset - size, offset));
  });
}

/** Name and type of each column; table and type modifiers are left out. */
function columns(body: Uint8Array): string[] {
  let offset = 2;
  return Array.from({ length: readInt16(body, 0) }, () => {
    const { text, next } = readText(body, offset);
    offset = next + 18;
    return `${text}:${readInt32(body, next + 6)}`;
  });
}

/** Messages a client may send. */
export const frontend = {
  query: (sql: string) => message('Q', sql),
  parse: (name: string, sql: string, types: number[] = []) =>
    message('P', name, sql, int16(types.length), ...types),
  bind: (portal: string, statement: string, values: Array<string | null> = []) =>
    message(
      'B',
      portal,
      statement,
      int16(0),
      int16(values.length),
      ...values.flatMap(parameter),
      int16(0),
    ),
  describe: (kind: 'S' | 'P', name: string) =>
    message('D', Uint8Array.of(kind.charCodeAt(0)), name),
  execute: (portal: string, rowsMax = 0) => message('E', portal, rowsMax),
  close: (kind: 'S' | 'P', name: string) => message('C', Uint8Array.of(kind.charCodeAt(0)), name),
  flush: () => message('H'),
  sync: () => message('S'),
  terminate: () => message('X'),
};

const int16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

function parameter(value: string | null): Array<Uint8Array | number> {
  if (value === null) return [-1];
  const bytes = new TextEncoder().encode(value);
  return [bytes.length, bytes];
}
