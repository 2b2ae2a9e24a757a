import { channelChanges, quoteIdentifier, type ChannelChange } from './statement-text.ts';
import { createInbox, type Batch, type Inbox } from './gate-inbox.ts';
import { closeStatement, concatBytes, eachFrame, errorResponse, message, query, readText, readyForQuery, rewriteErrorText, sync, code } from './wire.ts';

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
  const clients = new Map<number, Client>();
  const waiting: Waiting[] = [];
  let owner: Client | undefined;
  let unnamedOwner: Client | undefined;
  let status = 'I';

  /** Runs messages nobody waits for; their answers are dropped. */
  function executeQuietly(bytes: Uint8Array): void {
    let rest: Uint8Array = new Uint8Array(0);
    options.backend.execute(bytes, (chunk) => {
      rest = eachFrame(concatBytes([rest, chunk]), noteStatus).slice();
    });
  }

  function noteStatus(frame: Uint8Array): void {
    if (frame[0] === code('Z')) status = String.fromCharCode(frame[5] ?? 73);
  }

  function deliver(client: Client, frames: Uint8Array[]): void {
    if (frames.length > 0) options.send(client.id, concatBytes([new Uint8Array(0), ...frames]));
  }

  function notifyListeners(frame: Uint8Array, current: Client, frames: Uint8Array[]): void {
    const { text: channel } = readText(frame, 9);
    for (const client of clients.values()) {
      if (!client.channels.has(channel)) continue;
      if (client === current) frames.push(frame.slice());
      else options.send(client.id, frame.slice());
    }
  }

  function restoreNames(frame: Uint8Array, client: Client): Uint8Array {
    let restored = frame;
    for (const [name, internal] of client.inbox.statements) restored = rewriteErrorText(restored, internal, name);
    return restored;
  }

  function execute(client: Client, batch: Batch): void {
    let frames: Uint8Array[] = [];
    let size = 0;
    let rest: Uint8Array = new Uint8Array(0);
    let parseCompletesToDrop = 0;
    const replay = batch.usesUnnamed && unnamedOwner !== client ? client.inbox.unnamedParse : undefined;
    if (replay) parseCompletesToDrop = 1;
    if (batch.touchesUnnamed || replay) unnamedOwner = batch.kind === 'query' ? undefined : client;
    const onFrame = (frame: Uint8Array) => {
      noteStatus(frame);
      if (frame[0] === code('1') && parseCompletesToDrop-- > 0) return;
      if (frame[0] === code('A')) return notifyListeners(frame, client, frames);
      const kept = frame[0] === code('E') ? restoreNames(frame, client) : frame;
      frames.push(kept.slice());
      size += kept.length;
      if (size < FLUSH_BYTES) return;
      deliver(client, frames);
      frames = [];
      size = 0;
    };
    options.backend.execute(replay ? concatBytes([replay, batch.bytes]) : batch.bytes, (chunk) => {
      rest = eachFrame(rest.length === 0 ? chunk : concatBytes([rest, chunk]), onFrame).slice();
    });
    for (const change of batch.sql.flatMap(channelChanges)) applyChannel(client, change);
    deliver(client, frames);
  }

  function applyChannel(client: Client, change: ChannelChange): void {
    if (change.kind === 'listen') {
      client.channels.add(change.channel);
      return;
    }
    const dropped = change.channel === '*' ? [...client.channels] : [change.channel];
    for (const channel of dropped) client.channels.delete(channel);
    relisten(change.channel === '*' ? undefined : change.channel);
  }

  /** UNLISTEN of one connection silences the one backend for all: subscribe again to what others still hear. */
  function relisten(only: string | undefined): void {
    if (status === 'E') return;
    const held = new Set([...clients.values()].flatMap((client) => [...client.channels]));
    for (const channel of held) {
      if (only === undefined || only === channel) executeQuietly(query(`LISTEN ${quoteIdentifier(channel)}`));
    }
  }

  function run(client: Client, batch: Batch): void {
    clearTimeout(client.idleTimer);
    execute(client, batch);
    owner = batch.kind === 'flush' || status !== 'I' ? client : undefined;
    if (owner === client && batch.kind !== 'flush') watchIdle(client);
  }

  function watchIdle(client: Client): void {
    client.idleTimer = setTimeout(() => {
      const text = 'terminating connection due to idle-in-transaction timeout';
      options.send(client.id, errorResponse({ severity: 'FATAL', sqlState: '25P03', message: text }));
      remove(client);
      options.close(client.id);
      pump();
    }, options.idleInTransactionMsMax);
  }

  function pump(): void {
    for (;;) {
      const index = owner === undefined ? 0 : waiting.findIndex((entry) => entry.client === owner);
      const entry = index === -1 ? undefined : waiting[index];
      if (!entry) return;
      waiting.splice(index, 1);
      clearTimeout(entry.timer);
      run(entry.client, entry.batch);
    }
  }

  function refuse(entry: Waiting): void {
    const index = waiting.indexOf(entry);
    if (index === -1) return;
    waiting.splice(index, 1);
    const seconds = Math.round(options.waitMsMax / 1000);
    const error = errorResponse({
      severity: 'ERROR',
      sqlState: '55P03',
      message: `waited ${seconds} s for another connection's open transaction on the embedded database`,
      hint: 'The embedded database runs one transaction at a time. Typical cause: a query on the pool awaited inside a transaction callback; use the transaction it was given.',
    });
    if (entry.batch.kind === 'flush') entry.client.inbox.skipToSync();
    options.send(entry.client.id, entry.batch.kind === 'flush' ? error : concatBytes([error, readyForQuery('I')]));
  }

  function remove(client: Client): void {
    clients.delete(client.id);
    clearTimeout(client.idleTimer);
    for (let index = waiting.length - 1; index >= 0; index--) {
      if (waiting[index]?.client !== client) continue;
      clearTimeout(waiting[index]?.timer);
      waiting.splice(index, 1);
    }
    if (owner === client) {
      owner = undefined;
      executeQuietly(sync());
      if (status !== 'I') executeQuietly(query('ROLLBACK'));
    }
    if (unnamedOwner === client) unnamedOwner = undefined;
    const statements = [...client.inbox.statements.values()];
    const leftovers = () => {
      if (statements.length > 0) executeQuietly(concatBytes([...statements.map(closeStatement), sync()]));
      for (const channel of client.channels) {
        const stillHeard = [...clients.values()].some((other) => other.channels.has(channel));
        if (!stillHeard) executeQuietly(query(`UNLISTEN ${quoteIdentifier(channel)}`));
      }
    };
    // Another connection's transaction may be open: names are unique and channels filtered, so the rest is only tidiness.
    if (owner === undefined) leftovers();
  }

  function welcome(client: Client): void {
    const parameters = options.backend.parameters.map(([name, value]) => message('S', name, value));
    deliver(client, [message('R', 0), ...parameters, message('K', client.id, 0), readyForQuery('I')]);
  }

  function open(clientId: number): void {
    const inbox = createInbox({
      clientId,
      onStartup: () => welcome(client),
      onRefuseEncryption: () => options.send(clientId, new TextEncoder().encode('N')),
      onReply: (bytes) => options.send(clientId, bytes),
      onBatch(batch) {
        const entry: Waiting = { client, batch, timer: undefined };
        waiting.push(entry);
        pump();
        if (waiting.includes(entry)) entry.timer = setTimeout(() => refuse(entry), options.waitMsMax);
      },
      onLeave() {
        leave(clientId);
        options.close(clientId);
      },
    });
    const client: Client = { id: clientId, inbox, channels: new Set(), idleTimer: undefined };
    clients.set(clientId, client);
  }

  function leave(clientId: number): void {
    const client = clients.get(clientId);
    if (!client) return;
    remove(client);
    pump();
  }

  return { open, leave, receive: (clientId, bytes) => clients.get(clientId)?.inbox.receive(bytes) };
}
