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

const SECRET_NAMES = [
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
];
const REDACTED = SECRET_NAMES.flatMap((name) => {
  const step = /^\w+$/.test(name) ? `.${name}` : `["${name}"]`;
  return [step.replace(/^\./, ''), `*${step}`, `*.*${step}`];
});

/** Returns the process's logger: one JSON object per line, request and workspace ids added, fields with secrets masked. */
export function createLogger(options: LoggerOptions): Logger {
  const out = options.destination ?? process.stdout;
  const destination: DestinationStream =
    options.format === 'json' ? { write: (line) => void out.write(line) } : prettyStream(out);
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: REDACTED, censor: '[hidden]' },
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
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** `12:34:56 warn  message  name=value …` */
function prettyStream(out: NodeJS.WritableStream): Writable {
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
