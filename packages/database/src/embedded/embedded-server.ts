import { Worker } from 'node:worker_threads';
import { PlatformError, type Logger } from '@automatos/kernel';
import { GateSocket, type GateLink } from './gate-socket.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

export interface EmbeddedServerOptions {
  /** Folder of the database files; must exist and be locked by the caller. */
  folder: string;
  fsync: boolean;
  logger: Logger;
  /** Default 15,000 ms. */
  waitMsMax?: number;
  /** Default 60,000 ms. */
  idleInTransactionMsMax?: number;
  fileLayerModule?: string;
  counters?: SharedArrayBuffer;
}

export interface EmbeddedServer {
  /** A new connection, for the `stream` option of `pg`. */
  connect(): GateSocket;
  /** Real syncs to disk so far. */
  syncs(): number;
  close(): Promise<void>;
}

/**
 * Runs the embedded engine in its thread and starts a new one when it died (a full disk at commit ends it, as it
 * ends a PostgreSQL server): open connections are cut, the log is replayed, nothing acknowledged is lost.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const server = new RestartingServer(options);
  await server.start();
  return server;
}

class RestartingServer implements EmbeddedServer {
  readonly #options: EmbeddedServerOptions;
  readonly #counters: SharedArrayBuffer;
  #nextClientId = 1;
  #closed = false;
  #engine: EngineThread | undefined;

  constructor(options: EmbeddedServerOptions) {
    this.#options = options;
    this.#counters = options.counters ?? new SharedArrayBuffer(16);
  }

  async start(): Promise<EngineThread> {
    const options = this.#options;
    this.#engine ??= new EngineThread(
      {
        folder: options.folder,
        fsync: options.fsync,
        waitMsMax: options.waitMsMax ?? 15_000,
        idleInTransactionMsMax: options.idleInTransactionMsMax ?? 60_000,
        fileLayerModule:
          options.fileLayerModule ?? new URL('./file-layer.ts', import.meta.url).href,
        counters: this.#counters,
      },
      (engine, reason) => {
        if (this.#engine === engine) this.#engine = undefined;
        if (this.#closed) return;
        options.logger.error(
          { reason },
          'the embedded database ended; it is started again on next use',
        );
      },
    );
    const engine = this.#engine;
    await engine.ready;
    return engine;
  }

  connect(): GateSocket {
    return new GateSocket(async (socket) => {
      if (this.#closed) throw failure('it was closed');
      return (await this.start()).attach(socket, this.#nextClientId++);
    });
  }

  syncs(): number {
    return Atomics.load(new Int32Array(this.#counters), 0);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#engine?.stop();
  }
}

/** One life of the engine. */
class EngineThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #sockets = new Map<number, GateSocket>();
  readonly #started = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  readonly #onDeath: (engine: EngineThread, reason: string) => void;
  #dead = false;

  constructor(start: WorkerStart, onDeath: (engine: EngineThread, reason: string) => void) {
    this.#onDeath = onDeath;
    this.ready = this.#started.promise;
    // Whoever needs it awaits it; nobody may be waiting when a restart fails.
    this.ready.catch(() => undefined);
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: start,
      execArgv: [],
      name: 'automatos-database',
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (error) => this.#die(error.message));
    this.#worker.on('exit', () => this.#die('its thread ended'));
  }

  attach(socket: GateSocket, clientId: number): GateLink {
    if (this.#dead) throw failure('it ended');
    this.#sockets.set(clientId, socket);
    this.#post({ kind: 'open', clientId });
    return {
      write: (bytes) => this.#post({ kind: 'data', clientId, bytes }, [bytes.buffer]),
      leave: () => {
        this.#sockets.delete(clientId);
        this.#post({ kind: 'leave', clientId });
      },
    };
  }

  async stop(): Promise<void> {
    await this.ready.catch(() => undefined);
    this.#post({ kind: 'stop' });
    await this.#stopped.promise;
    await this.#worker.terminate();
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'ready') this.#started.resolve();
    else if (message.kind === 'data') this.#sockets.get(message.clientId)?.deliver(message.bytes);
    else if (message.kind === 'failed') this.#die(message.message);
    else if (message.kind === 'stopped') this.#stopped.resolve();
    else {
      this.#sockets.get(message.clientId)?.finish();
      this.#sockets.delete(message.clientId);
    }
  }

  #die(reason: string): void {
    if (this.#dead) return;
    this.#dead = true;
    const error = failure(reason);
    this.#started.reject(error);
    this.#stopped.resolve();
    this.#onDeath(this, reason);
    // Nothing of the old engine may touch the files once a new one has started.
    void this.#worker.terminate();
    for (const socket of this.#sockets.values()) socket.finish(error);
    this.#sockets.clear();
  }
}

function failure(reason: string): PlatformError {
  const full = /no space left|ENOSPC|could not extend file|disk full/i.test(reason);
  return new PlatformError({
    code: full ? 'database.disk.full' : 'database.engine.unavailable',
    kind: 'unavailable',
    message: full
      ? 'The disk of the data folder is full, so the last change was not confirmed. Free some space; the database continues by itself.'
      : `The embedded database is not available: ${reason}`,
    internalMessage: reason,
  });
}
