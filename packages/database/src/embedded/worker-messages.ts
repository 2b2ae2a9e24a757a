/** Start-up data of the worker thread. */
export interface WorkerStart {
  folder: string;
  fsync: boolean;
  waitMsMax: number;
  idleInTransactionMsMax: number;
  /** Module that exports `createFileLayer`; another one than ours injects faults in tests. */
  fileLayerModule: string;
  /** Counts real syncs; tests of a file layer may read further cells. */
  counters: SharedArrayBuffer;
}

export type ToWorker =
  | { kind: 'open'; clientId: number }
  | { kind: 'data'; clientId: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'leave'; clientId: number }
  | { kind: 'stop' };

export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'data'; clientId: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'close'; clientId: number }
  | { kind: 'failed'; message: string }
  | { kind: 'stopped' };
