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

interface Running {
  worker: Worker;
  sockets: Map<number, GateSocket>;
  ready: Promise<void>;
  stopped: Promise<void>;
}

/**
 * Runs the embedded engine in its thread and starts a new one when it died (a full disk at commit ends it, as it
 * ends a PostgreSQL server): open connections are cut, the log is replayed, nothing acknowledged is lost.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  const counters = options.counters ?? new SharedArrayBuffer(16);
  let nextClientId = 1;
  let closed = false;
  let running: Running | undefined = start();
  await running.ready;

  function start(): Running {
    const workerData: WorkerStart = {
      folder: options.folder,
      fsync: options.fsync,
      waitMsMax: options.waitMsMax ?? 15_000,
      idleInTransactionMsMax: options.idleInTransactionMsMax ?? 60_000,
      fileLayerModule: options.fileLayerModule ?? new URL('./file-layer.ts', import.meta.url).href,
      counters,
    };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, execArgv: [], name: 'automatos-database' });
    const sockets = new Map<number, GateSocket>();
    const ready = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    ready.promise.catch(() => undefined);
    const current: Running = { worker, sockets, ready: ready.promise, stopped: stopped.promise };

    let dead = false;
    function die(message: string): void {
      if (dead) return;
      dead = true;
      if (running === current) running = undefined;
      // Nothing of the old engine may touch the files once a new one has started.
      void worker.terminate();
      const error = failure(message);
      ready.reject(error);
      stopped.resolve();
      if (!closed) options.logger.error({ reason: message }, 'the embedded database ended; it is started again on next use');
      for (const socket of sockets.values()) socket.finish(error);
      sockets.clear();
    }
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') ready.resolve();
      else if (message.kind === 'data') sockets.get(message.clientId)?.deliver(message.bytes);
      else if (message.kind === 'failed') die(message.message);
      else if (message.kind === 'stopped') stopped.resolve();
      else {
        sockets.get(message.clientId)?.finish();
        sockets.delete(message.clientId);
      }
    });
    worker.on('error', (error) => die(error.message));
    worker.on('exit', () => die('its thread ended'));
    return current;
  }

  async function attach(socket: GateSocket): Promise<GateLink> {
    if (closed) throw failure('it was closed');
    running ??= start();
    const { worker, sockets, ready } = running;
    await ready;
    const clientId = nextClientId++;
    const post = (message: ToWorker, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
    sockets.set(clientId, socket);
    post({ kind: 'open', clientId });
    return {
      write: (bytes) => post({ kind: 'data', clientId, bytes }, [bytes.buffer]),
      leave() {
        sockets.delete(clientId);
        post({ kind: 'leave', clientId });
      },
    };
  }

  return {
    connect: () => new GateSocket(attach),
    syncs: () => Atomics.load(new Int32Array(counters), 0),
    async close() {
      if (closed) return;
      closed = true;
      const last = running;
      running = undefined;
      if (!last) return;
      await last.ready.catch(() => undefined);
      last.worker.postMessage({ kind: 'stop' } satisfies ToWorker);
      await last.stopped;
      await last.worker.terminate();
    },
  };
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
