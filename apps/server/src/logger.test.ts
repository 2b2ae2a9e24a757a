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
      a: { b: { token: 'hunter2', list: [{ c: { key: 'hunter2' } }] } },
      err: Object.assign(new Error('broken', { cause: { secret: 'hunter2' } }), {
        token: 'hunter2',
      }),
      other: Object.assign(new Error('broken'), { details: { cookie: 'hunter2' } }),
    };
    const before = structuredClone(secrets.a);
    logger.info(secrets, 'with secrets');
    logger.child({ credentials: 'hunter2' }).info({ reason: 'none' }, 'with a child');
    expect(secrets.a).toEqual(before);
    expect(lines.join('')).not.toContain('hunter2');
    expect(lines.join('')).toContain('[hidden]');
  });

  test('end where fields go round in a circle', () => {
    const { lines, logger } = capture();
    const circle: Record<string, unknown> = { name: 'a' };
    circle['self'] = circle;
    logger.info({ circle, at: new Date(0) }, 'round');
    expect(lines[0]).toContain('[deeper]');
    expect(lines[0]).toContain('1970-01-01T00:00:00.000Z');
  });

  test('below the level are not written; pretty ones are one readable line', () => {
    const { lines, logger } = capture({ format: 'pretty' });
    logger.debug({}, 'unseen');
    logger.warn({ port: 8000, address: 'x y' }, 'slow');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}slow {2}port=8000 address=x y\n$/);
  });
});
