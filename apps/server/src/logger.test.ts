import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { runInRequest } from './http/request-context.ts';
import { createLogger, type LoggerOptions } from './logger.ts';

function capture(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return {
    lines,
    logger: createLogger({ level: 'info', format: 'json', destination, ...options }),
  };
}

describe('log lines', () => {
  test('are JSON with level, time, message and the request they belong to', () => {
    const { lines, logger } = capture();
    runInRequest({ request_id: 'r-12345678', workspace_id: 'w' }, () =>
      logger.child({ room: 'runs' }).info({ run_id: 'x' }, 'started'),
    );
    const line = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    expect(line).toMatchObject({
      level: 'info',
      msg: 'started',
      request_id: 'r-12345678',
      workspace_id: 'w',
      room: 'runs',
      run_id: 'x',
    });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test.each(['json', 'pretty'] as const)('hide secrets at every depth (%s)', (format) => {
    const { lines, logger } = capture({ format });
    const secrets = {
      password: 'hunter2',
      headers: { authorization: 'hunter2', 'x-api-key': 'hunter2' },
      a: { b: { token: 'hunter2' } },
    };
    logger.info(secrets, 'with secrets');
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('[hidden]');
  });

  test('below the level are not written; pretty ones are one readable line', () => {
    const { lines, logger } = capture({ format: 'pretty' });
    logger.debug({}, 'unseen');
    logger.warn({ port: 8000, address: 'x y' }, 'slow');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}slow {2}port=8000 address=x y\n$/);
  });
});
