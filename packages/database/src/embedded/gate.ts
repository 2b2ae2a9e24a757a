import { channelChanges, quoteIdentifier, type ChannelChange } from './statement-text.ts';
import { createInbox, type Batch, type Inbox } from './gate-inbox.ts';
import {
  closeStatement,
  code,
  concatBytes,
  eachFrame,
  errorResponse,
  message,
  query,
  readText,
  readyForQuery,
  rewriteErrorText,
  sync,
} from './wire.ts';

/** The one backend behind the gate. */
export interface GateBackend {
  /** Runs whole messages to their end and hands over answer bytes, which stay valid only during the call. Throws when the backend is gone. */
  execute(bytes: Uint8Array, onData: (bytes: Uint8Array) => void): void;
  /** Parameter statuses that a new connection is told. */
  parameters: ReadonlyArray<readonly [name: string, value: string]>;
}

export interface GateOptions {
  backend: GateBackend;
  /** Answer bytes for one connection; the array belongs to the receiver. */
  send(clientId: number, bytes: Uint8Array): void;
  /** The gate is done with a connection: the other side must see it closed. */
  close(clientId: number): void;
  /** How long a batch may wait for another connection's open transaction, in ms. */
  waitMsMax: number;
  /** How long a connection may sit idle inside an open transaction, in ms. */
  idleInTransactionMsMax: number;
}

export interface Gate {
  open(clientId: number): void;
  receive(clientId: number, bytes: Uint8Array): void;
  /** The connection went away; an open transaction of it is rolled back. */
  leave(clientId: number): void;
}

interface Client {
  id: number;
  inbox: Inbox;
  channels: Set<string>;
  idleTimer: NodeJS.Timeout | undefined;
}

interface Waiting {
  client: Client;
  batch: Batch;
  timer: NodeJS.Timeout | undefined;
}

const NOTHING = new Uint8Array(0);

/** Answers are handed on in pieces of about this size, so that a large result is not held twice. */
const FLUSH_BYTES = 1_048_576;

/**
 * Several PostgreSQL connections on one backend. The unit of exclusivity is one transaction, or one batch of
 * messages outside of one: whoever has a transaction open (or a batch without its Sync) owns the backend, the
 * others wait in the order they came, and are refused with SQLSTATE 55P03 when they wait too long.
 *
 * Everything runs synchronously inside `receive`, so there is no moment at which two batches could mix.
 */
export function createGate(options: GateOptions): Gate {
  return new WireGate(options);
}

class WireGate implements Gate {
  readonly #options: GateOptions;
  readonly #clients = new Map<number, Client>();
  readonly #waiting: Waiting[] = [];
  #owner: Client | undefined;
  /** Whose unnamed statement the backend holds. */
  #unnamedOwner: Client | undefined;
  /** Transaction status of the backend: idle `I`, in a transaction `T`, in a failed one `E`. */
  #status = 'I';

  constructor(options: GateOptions) {
    this.#options = options;
  }

  open(clientId: number): void {
    const inbox = createInbox({
      clientId,
      onStartup: () => this.#welcome(clientId),
      onRefuseEncryption: () => this.#options.send(clientId, new TextEncoder().encode('N')),
      onReply: (bytes) => this.#options.send(clientId, bytes),
      onBatch: (batch) => this.#enqueue(client, batch),
      onLeave: () => {
        this.leave(clientId);
        this.#options.close(clientId);
      },
    });
    const client: Client = { id: clientId, inbox, channels: new Set(), idleTimer: undefined };
    this.#clients.set(clientId, client);
  }

  receive(clientId: number, bytes: Uint8Array): void {
    this.#clients.get(clientId)?.inbox.receive(bytes);
  }

  leave(clientId: number): void {
    const client = this.#clients.get(clientId);
    if (!client) return;
    this.#remove(client);
    this.#pump();
  }

  #welcome(clientId: number): void {
    const parameters = this.#options.backend.parameters.map((pair) => message('S', ...pair));
    const key = message('K', clientId, 0);
    const frames = [message('R', 0), ...parameters, key, readyForQuery('I')];
    this.#options.send(clientId, concatBytes(frames));
  }

  #enqueue(client: Client, batch: Batch): void {
    const entry: Waiting = { client, batch, timer: undefined };
    this.#waiting.push(entry);
    this.#pump();
    if (this.#waiting.includes(entry)) {
      entry.timer = setTimeout(() => this.#refuse(entry), this.#options.waitMsMax);
    }
  }

  /** Runs all that may run now: the owner's batches, or everyone's in the order they came. */
  #pump(): void {
    for (;;) {
      const index = this.#owner
        ? this.#waiting.findIndex(({ client }) => client === this.#owner)
        : 0;
      const entry = index === -1 ? undefined : this.#waiting[index];
      if (!entry) return;
      this.#waiting.splice(index, 1);
      clearTimeout(entry.timer);
      this.#run(entry.client, entry.batch);
    }
  }

  #run(client: Client, batch: Batch): void {
    clearTimeout(client.idleTimer);
    this.#execute(client, batch);
    for (const change of batch.sql.flatMap(channelChanges)) this.#applyChannel(client, change);
    this.#owner = batch.kind === 'flush' || this.#status !== 'I' ? client : undefined;
    if (this.#owner && batch.kind !== 'flush') this.#watchIdle(client);
  }

  #execute(client: Client, batch: Batch): void {
    let frames: Uint8Array[] = [];
    let size = 0;
    let rest: Uint8Array = NOTHING;
    const deliver = () => {
      if (frames.length > 0) this.#options.send(client.id, concatBytes([NOTHING, ...frames]));
      frames = [];
      size = 0;
    };
    const replay = this.#unnamedReplay(client, batch);
    let parseCompletesToDrop = replay ? 1 : 0;
    const onFrame = (frame: Uint8Array) => {
      this.#noteStatus(frame);
      if (frame[0] === code('1') && parseCompletesToDrop-- > 0) return;
      if (frame[0] === code('A') && !this.#notifyListeners(frame, client)) return;
      frames.push(frame[0] === code('E') ? restoreNames(frame, client) : frame.slice());
      size += frame.length;
      if (size >= FLUSH_BYTES) deliver();
    };
    const bytes = replay ? concatBytes([replay, batch.bytes]) : batch.bytes;
    this.#options.backend.execute(bytes, (chunk) => {
      rest = eachFrame(rest.length === 0 ? chunk : concatBytes([rest, chunk]), onFrame).slice();
    });
    deliver();
  }

  /** The Parse to send again first, when another connection replaced this one's unnamed statement in the backend. */
  #unnamedReplay(client: Client, batch: Batch): Uint8Array | undefined {
    const stolen = batch.usesUnnamed && this.#unnamedOwner !== client;
    const replay = stolen ? client.inbox.unnamedParse : undefined;
    if (batch.kind === 'query') this.#unnamedOwner = undefined;
    else if (batch.touchesUnnamed || replay) this.#unnamedOwner = client;
    return replay;
  }

  /** Runs messages nobody waits for; their answers are dropped. */
  #executeQuietly(bytes: Uint8Array): void {
    let rest: Uint8Array = NOTHING;
    this.#options.backend.execute(bytes, (chunk) => {
      rest = eachFrame(concatBytes([rest, chunk]), (frame) => this.#noteStatus(frame)).slice();
    });
  }

  #noteStatus(frame: Uint8Array): void {
    if (frame[0] === code('Z')) this.#status = String.fromCharCode(frame[5] ?? code('I'));
  }

  /** Passes a notification to those who listen; tells whether `current` is one of them. */
  #notifyListeners(frame: Uint8Array, current: Client): boolean {
    const { text: channel } = readText(frame, 9);
    for (const client of this.#clients.values()) {
      if (client === current || !client.channels.has(channel)) continue;
      this.#options.send(client.id, frame.slice());
    }
    return current.channels.has(channel);
  }

  #applyChannel(client: Client, { kind, channel }: ChannelChange): void {
    if (kind === 'listen') {
      client.channels.add(channel);
      return;
    }
    const dropped = channel === '*' ? [...client.channels] : [channel];
    for (const name of dropped) client.channels.delete(name);
    this.#relisten(channel);
  }

  /** UNLISTEN of one connection silences the one backend for all: subscribe again to what others still hear. */
  #relisten(channel: string): void {
    if (this.#status === 'E') return;
    const held = new Set([...this.#clients.values()].flatMap(({ channels }) => [...channels]));
    for (const name of held) {
      if (channel !== '*' && channel !== name) continue;
      this.#executeQuietly(query(`LISTEN ${quoteIdentifier(name)}`));
    }
  }

  #watchIdle(client: Client): void {
    client.idleTimer = setTimeout(() => {
      const text = 'terminating connection due to idle-in-transaction timeout';
      const error = errorResponse({ severity: 'FATAL', sqlState: '25P03', message: text });
      this.#options.send(client.id, error);
      this.#remove(client);
      this.#options.close(client.id);
      this.#pump();
    }, this.#options.idleInTransactionMsMax);
  }

  #refuse(entry: Waiting): void {
    const index = this.#waiting.indexOf(entry);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    const seconds = Math.round(this.#options.waitMsMax / 1000);
    const error = errorResponse({
      severity: 'ERROR',
      sqlState: '55P03',
      message: `waited ${seconds} s for another connection's open transaction on the embedded database`,
      hint: 'The embedded database runs one transaction at a time. Typical cause: a query on the pool awaited inside a transaction callback; use the transaction it was given.',
    });
    const flushed = entry.batch.kind === 'flush';
    if (flushed) entry.client.inbox.skipToSync();
    this.#options.send(entry.client.id, flushed ? error : concatBytes([error, readyForQuery('I')]));
  }

  #remove(client: Client): void {
    this.#clients.delete(client.id);
    clearTimeout(client.idleTimer);
    for (const entry of this.#waiting.filter((waiting) => waiting.client === client)) {
      clearTimeout(entry.timer);
      this.#waiting.splice(this.#waiting.indexOf(entry), 1);
    }
    if (this.#owner === client) {
      this.#owner = undefined;
      this.#executeQuietly(sync());
      if (this.#status !== 'I') this.#executeQuietly(query('ROLLBACK'));
    }
    if (this.#unnamedOwner === client) this.#unnamedOwner = undefined;
    // Inside another connection's transaction nothing may run: names are unique and channels filtered, so what
    // stays behind is untidy, not wrong.
    if (this.#owner === undefined) this.#forget(client);
  }

  /** Drops the statements and channels of a connection that left. */
  #forget(client: Client): void {
    const statements = [...client.inbox.statements.values()].map(closeStatement);
    if (statements.length > 0) this.#executeQuietly(concatBytes([...statements, sync()]));
    for (const channel of client.channels) {
      const heard = [...this.#clients.values()].some(({ channels }) => channels.has(channel));
      if (!heard) this.#executeQuietly(query(`UNLISTEN ${quoteIdentifier(channel)}`));
    }
  }
}

function restoreNames(frame: Uint8Array, client: Client): Uint8Array {
  let restored: Uint8Array = frame.slice();
  for (const [name, internal] of client.inbox.statements) {
    restored = rewriteErrorText(restored, internal, name);
  }
  return restored;
}
