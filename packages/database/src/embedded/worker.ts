/**
 * Body of the thread that owns the embedded engine. A thread of its own is needed: the engine blocks while a
 * statement runs, and on the main thread it would starve every timer and socket of the process.
 */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { createFileLayer } from './file-layer.ts';
import { openEngine, type Engine } from './engine.ts';
import { createGate, type Gate } from './gate.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

const LOG_LINES_KEPT = 20;

async function main(port: MessagePort, start: WorkerStart): Promise<void> {
  const log: string[] = [];
  const counters = new Int32Array(start.counters);
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);

  function fail(error: unknown): void {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const text = cause instanceof Error ? cause.message : String(cause);
    const said = log.filter((line) => /PANIC|FATAL|ERROR/.test(line)).at(-1);
    post({ kind: 'failed', message: said ?? text });
    // After a PANIC nothing of the engine may run again, not even its closing checkpoint: the log is replayed at the next start.
    port.close();
  }

  let engine: Engine;
  try {
    const layer = (await import(start.fileLayerModule)) as {
      createFileLayer: typeof createFileLayer;
    };
    const onSync = () => Atomics.add(counters, 0, 1);
    engine = await openEngine({
      files: layer.createFileLayer(start.folder, { fsync: start.fsync, onSync }),
      fsync: start.fsync,
      onLog(line) {
        log.push(line);
        if (log.length > LOG_LINES_KEPT) log.shift();
      },
    });
  } catch (error) {
    return fail(error);
  }
  const gate = createGate({
    backend: engine,
    waitMsMax: start.waitMsMax,
    idleInTransactionMsMax: start.idleInTransactionMsMax,
    send(clientId, bytes) {
      const owned = bytes.buffer.byteLength === bytes.byteLength ? bytes : bytes.slice();
      post({ kind: 'data', clientId, bytes: owned as Uint8Array<ArrayBuffer> }, [
        owned.buffer as ArrayBuffer,
      ]);
    },
    close: (clientId) => post({ kind: 'close', clientId }),
  });
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'stop') {
      engine.close().then(() => {
        post({ kind: 'stopped' });
        port.close();
      }, fail);
      return;
    }
    try {
      dispatch(gate, message);
    } catch (error) {
      fail(error);
    }
  });
  post({ kind: 'ready' });
}

function dispatch(gate: Gate, message: Exclude<ToWorker, { kind: 'stop' }>): void {
  if (message.kind === 'open') gate.open(message.clientId);
  else if (message.kind === 'leave') gate.leave(message.clientId);
  else gate.receive(message.clientId, message.bytes);
}

if (parentPort) await main(parentPort, workerData as WorkerStart);
