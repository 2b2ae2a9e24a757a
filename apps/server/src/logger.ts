import { Writable } from 'node:stream';
import type { Logger } from '@automatos/kernel';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import { currentRequest } from './http/request-context.ts';

export interface LoggerOptions {
  level: 'debug' | 'info' | 'warn' | 'error';
  /** `pretty` is for people at a terminal. */
  format: 'json' | 'pretty';
  /** Default: standard output. */
  destination?: NodeJS.WritableStream;
}

const SECRET_NAMES: ReadonlySet<string> = new Set([
  'password',
  'secret',
  'token',
  'ticket',
  'key',
  'api_key',
  'apiKey',
  'authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'credential',
  'credentials',
]);
const HIDDEN = '[hidden]';
/** What lies deeper is not written: it could hold anything, or itself. */
const DEPTH_MAX = 8;

/** Fields without what their names call secret, at every depth. */
function masked(fields: object): Record<string, unknown> {
  return maskedObject(fields as Record<string, unknown>, 1);
}

function maskedObject(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | null = null;
  for (const name of Object.keys(fields)) {
    const value = fields[name];
    const shown =
      SECRET_NAMES.has(name) && value !== undefined ? HIDDEN : maskedValue(value, depth);
    if (shown !== value) (copy ??= { ...fields })[name] = shown;
  }
  return copy ?? fields;
}

function maskedValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[deeper]';
  if (Array.isArray(value)) return value.map((item) => maskedValue(item, depth + 1));
  if (value instanceof Error)
    return maskedObject(
      { ...pino.stdSerializers.err(value) } as Record<string, unknown>,
      depth + 1,
    );
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return value;
  return maskedObject(value as Record<string, unknown>, depth + 1);
}

/** Standard output takes the lines of one turn of the event loop in one write; none is left when the process ends. */
function batchedOutput(): { write(line: string): void } {
  let waiting = '';
  function flush(): void {
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    process.stdout.write(lines);
  }
  process.on('exit', flush);
  return {
    write(line) {
      if (waiting === '') setImmediate(flush);
      waiting += line;
    },
  };
}

/** Returns the process's logger: one JSON object per line, request and workspace ids added, fields with secrets masked. */
export function createLogger(options: LoggerOptions): Logger {
  const out = options.destination ?? batchedOutput();
  const destination: DestinationStream =
    options.format === 'json' ? { write: (line) => void out.write(line) } : prettyStream(out);
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: masked },
      mixin: () => ({ ...currentRequest() }),
      mixinMergeStrategy: (fields, context) => ({ ...context, ...fields }),
    },
    destination,
  );
  return wrap(root);
}

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(masked(fields))),
  };
}

/** `12:34:56 warn  message  name=value …` */
function prettyStream(out: { write(line: string): unknown }): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      out.write(`${prettyLine(String(chunk))}\n`);
      done();
    },
  });
}

function prettyLine(line: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const stack = (err as { stack?: string } | undefined)?.stack;
  return [
    `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${String(msg)}`,
    ...(details.length > 0 ? [`  ${details.join(' ')}`] : []),
    ...(stack === undefined ? [] : [`\n${stack}`]),
  ].join('');
}
