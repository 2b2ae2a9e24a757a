import * as fs from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/** The parts of the engine's file system driver that we replace. */
export interface StreamOperations {
  fsync?: (stream: { nfd?: number }) => number;
  write(
    stream: { nfd?: number },
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number;
}

interface FileSystemModule {
  FS: {
    filesystems: { NODEFS: { stream_ops: StreamOperations } };
    ErrnoError: new (errno: number) => Error;
  };
}

type InitOptions = Parameters<NodeFS['init']>[1];

/** WASI numbers of the errors a file system may answer to a write. */
const ERRNO: Record<string, number> = { EDQUOT: 19, EFBIG: 22, EIO: 29, ENOSPC: 51, EROFS: 69 };

export interface FileLayerOptions {
  /** Make every sync that PostgreSQL asks for a real one. */
  fsync: boolean;
  /** Called at each real sync, for counting. */
  onSync?: (() => void) | undefined;
}

/**
 * The data folder on disk. The stock driver has no sync at all, so a commit would only reach the page cache;
 * this one hands PostgreSQL's fsync to the operating system and reports its failures as errors of the call.
 */
export class FileLayer extends NodeFS {
  readonly #options: FileLayerOptions;

  constructor(folder: string, options: FileLayerOptions) {
    super(folder);
    this.#options = options;
  }

  override async init(pg: PGlite, options: InitOptions): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(pg, options);
    const install = (module: unknown) => {
      const { FS } = module as FileSystemModule;
      this.amend(FS.filesystems.NODEFS.stream_ops, FS.ErrnoError);
    };
    return {
      emscriptenOpts: {
        ...emscriptenOpts,
        preRun: [...asList(emscriptenOpts.preRun), install],
      } as InitOptions,
    };
  }

  /** Puts our operations into the driver's table; subclasses add faults for tests. */
  protected amend(operations: StreamOperations, ErrnoError: new (errno: number) => Error): void {
    if (!this.#options.fsync) return;
    operations.fsync = (stream) => {
      if (stream.nfd === undefined) return 0;
      try {
        fs.fsyncSync(stream.nfd);
        this.#options.onSync?.();
        return 0;
      } catch (error) {
        throw new ErrnoError(ERRNO[(error as NodeJS.ErrnoException).code ?? ''] ?? 29);
      }
    };
  }
}

function asList<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** What a file layer module exports; `openEmbedded` may name another module than this one. */
export function createFileLayer(folder: string, options: FileLayerOptions): FileLayer {
  return new FileLayer(folder, options);
}
