import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import type { FileLayer } from './file-layer.ts';
import type { GateBackend } from './gate.ts';

/** Parameters a PostgreSQL server reports to each new connection. */
const REPORTED = [
  'application_name',
  'client_encoding',
  'DateStyle',
  'default_transaction_read_only',
  'in_hot_standby',
  'integer_datetimes',
  'IntervalStyle',
  'is_superuser',
  'server_encoding',
  'server_version',
  'session_authorization',
  'standard_conforming_strings',
  'TimeZone',
];

/** What PGlite's module offers beside its public interface; wrapped to learn of the backend's end. */
interface EngineModule {
  _PostgresMainLoopOnce(): void;
  _pq_buffer_remaining_data(): number;
  _PostgresSendReadyForQueryIfNecessary(): void;
  _pgl_pq_flush(): void;
}

/** Exit status by which the engine reports an ordinary SQL error to its caller. */
const SQL_ERROR_STATUS = 100;

export class EngineDied extends Error {}

export interface Engine extends GateBackend {
  close(): Promise<void>;
}

export interface EngineOptions {
  files: FileLayer;
  fsync: boolean;
  /** Lines that the engine writes to its log, PANIC lines included. */
  onLog(line: string): void;
}

/** Opens the folder behind `files`, creating a database when it is empty; replays the log after a crash. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const durability = options.fsync ? ['-c', 'wal_sync_method=fsync'] : ['-F'];
  const stock = PGlite.defaultStartParams.filter((parameter) => parameter !== '-F');
  const pg = await PGlite.create({
    fs: options.files,
    extensions: { vector },
    startParams: [...stock, ...durability, '-c', 'shared_buffers=32MB'],
    onStderr: (line: string) => {
      options.onLog(line);
      return false;
    },
  });
  const parameters: Array<readonly [string, string]> = [];
  for (const name of REPORTED) {
    const { rows } = await pg.query<{ value: string | null }>(
      'SELECT current_setting($1, true) AS value',
      [name],
    );
    const value = rows[0]?.value;
    if (value !== null && value !== undefined) parameters.push([name, value]);
  }
  const watch = watchForDeath(pg.Module as unknown as EngineModule);
  return {
    parameters,
    execute(bytes, onData) {
      watch.assertAlive();
      // The call does all its work before it returns; the promise only carries its error.
      pg.execProtocolRawStream(bytes, { syncToFs: false, onRawData: onData }).catch(
        (error: unknown) => watch.report(error),
      );
      watch.assertAlive();
    },
    close: () => pg.close(),
  };
}

/**
 * PGlite swallows whatever its main loop throws. An SQL error is meant by that; a PANIC (say the log could not
 * be written) or an exit is not: the backend is gone, and calling it again would loop for ever or answer nonsense.
 */
function watchForDeath(module: EngineModule): {
  assertAlive(): void;
  report(error: unknown): void;
} {
  let death: unknown;
  const mainLoop = module._PostgresMainLoopOnce.bind(module);
  module._PostgresMainLoopOnce = () => {
    try {
      mainLoop();
    } catch (error) {
      if ((error as { status?: number }).status !== SQL_ERROR_STATUS) death ??= error;
      throw error;
    }
  };
  for (const name of [
    '_pq_buffer_remaining_data',
    '_PostgresSendReadyForQueryIfNecessary',
    '_pgl_pq_flush',
  ] as const) {
    const original = module[name] as () => number;
    module[name] = () => {
      if (death !== undefined) throw new EngineDied('the embedded engine ended', { cause: death });
      return original();
    };
  }
  return {
    assertAlive() {
      if (death !== undefined) throw new EngineDied('the embedded engine ended', { cause: death });
    },
    report(error) {
      death ??= error;
    },
  };
}
