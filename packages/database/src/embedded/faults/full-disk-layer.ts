/** A file layer whose disk can be filled from outside: cell 1 of the shared counters set to 1 makes growing writes fail, 2 makes every write and sync fail. */
import { fstatSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { FileLayer, type FileLayerOptions, type StreamOperations } from '../file-layer.ts';
import type { WorkerStart } from '../worker-messages.ts';

const ENOSPC = 51;
export const FAULT_CELL = 1;
export const FAULTS = { none: 0, full: 1, broken: 2 } as const;

class FullDiskLayer extends FileLayer {
  protected override amend(
    operations: StreamOperations,
    ErrnoError: new (errno: number) => Error,
  ): void {
    super.amend(operations, ErrnoError);
    const cells = new Int32Array((workerData as WorkerStart).counters);
    const write = operations.write.bind(operations);
    operations.write = (...call) => {
      const [stream, , , length, position] = call;
      const fault = Atomics.load(cells, FAULT_CELL);
      const grows = position + length > sizeOf(stream.nfd);
      if (fault === FAULTS.broken || (fault === FAULTS.full && grows)) throw new ErrnoError(ENOSPC);
      return write(...call);
    };
    const sync = operations.fsync;
    operations.fsync = (stream) => {
      if (Atomics.load(cells, FAULT_CELL) === FAULTS.broken) throw new ErrnoError(ENOSPC);
      return sync?.(stream) ?? 0;
    };
  }
}

function sizeOf(descriptor: number | undefined): number {
  return descriptor === undefined ? 0 : fstatSync(descriptor).size;
}

export function createFileLayer(folder: string, options: FileLayerOptions): FileLayer {
  return new FullDiskLayer(folder, options);
}
