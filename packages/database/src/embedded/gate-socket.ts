import { Duplex } from 'node:stream';

/** How a socket reaches the worker that serves it. */
export interface GateLink {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  leave(): void;
}

/** Looks to the `pg` driver like a TCP socket, and is a pair of messages to the worker thread. */
export class GateSocket extends Duplex {
  readonly #attach: (socket: GateSocket) => Promise<GateLink>;
  #link: GateLink | undefined;

  constructor(attach: (socket: GateSocket) => Promise<GateLink>) {
    super();
    this.#attach = attach;
  }

  connect(): this {
    this.#attach(this).then(
      (link) => {
        if (this.destroyed) return link.leave();
        this.#link = link;
        this.emit('connect');
      },
      (error: Error) => this.destroy(error),
    );
    return this;
  }

  /** Bytes from the worker. */
  deliver(bytes: Uint8Array): void {
    this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** The worker is done with this connection. */
  finish(error?: Error): void {
    this.#link = undefined;
    if (error) this.destroy(error);
    else {
      this.push(null);
      this.destroy();
    }
  }

  override _read(): void {
    // The worker pushes; a result is in memory as a whole before its first row is read.
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    this.#link?.write(Uint8Array.from(chunk));
    done();
  }

  override _writev(chunks: Array<{ chunk: Uint8Array }>, done: () => void): void {
    this.#link?.write(Uint8Array.from(Buffer.concat(chunks.map((entry) => entry.chunk))));
    done();
  }

  override _final(done: () => void): void {
    this.#link?.leave();
    this.#link = undefined;
    done();
    this.push(null);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#link?.leave();
    this.#link = undefined;
    done(error);
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
