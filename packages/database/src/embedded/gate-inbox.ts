import { replacementFor } from './statement-text.ts';
import { STARTUP_CODES, code, concatBytes, message, readInt32, readText, readyForQuery } from './wire.ts';

/** Messages that the backend gets in one go. */
export interface Batch {
  bytes: Uint8Array;
  /** A `flush` batch leaves the connection in the middle of an exchange, until its Sync. */
  kind: 'query' | 'sync' | 'flush';
  /** Statement texts in it. */
  sql: string[];
  /** It binds or describes the unnamed statement that an earlier batch of this connection parsed. */
  usesUnnamed: boolean;
  /** It parses the unnamed statement, or drops it as a simple query does. */
  touchesUnnamed: boolean;
}

export interface InboxOptions {
  clientId: number;
  onStartup(): void;
  onRefuseEncryption(): void;
  onBatch(batch: Batch): void;
  onReply(bytes: Uint8Array): void;
  onLeave(): void;
}

export interface Inbox {
  receive(bytes: Uint8Array): void;
  /** Drops what comes until the next Sync, and answers that one; used after a flushed batch was refused. */
  skipToSync(): void;
  /** Name given by the connection → name known to the backend. */
  readonly statements: Map<string, string>;
  /** The last Parse of the unnamed statement, kept because another connection may replace it in the backend. */
  readonly unnamedParse: Uint8Array | undefined;
}

/** Cuts one connection's byte stream into batches and gives its prepared statements names of their own. */
export function createInbox(options: InboxOptions): Inbox {
  const statements = new Map<string, string>();
  let buffered: Uint8Array = new Uint8Array(0);
  let started = false;
  let gone = false;
  let skipping = false;
  let unnamedParse: Uint8Array | undefined;
  let batch = emptyBatch();

  function internalName(name: string): string {
    if (name === '') return '';
    let internal = statements.get(name);
    if (internal === undefined) {
      internal = `gate.${options.clientId}.${statements.size + 1}`;
      statements.set(name, internal);
    }
    return internal;
  }

  /** Returns how many bytes of the head of the stream were a start-up message. */
  function startup(bytes: Uint8Array): number {
    const length = readInt32(bytes, 0);
    if (bytes.length < length) return 0;
    const request = readInt32(bytes, 4);
    if (request === STARTUP_CODES.ssl || request === STARTUP_CODES.gssEncryption) options.onRefuseEncryption();
    else if (request === STARTUP_CODES.protocol3) {
      started = true;
      options.onStartup();
    } else {
      // A cancel request: the engine cannot be interrupted, and the protocol expects no answer.
      gone = true;
      options.onLeave();
    }
    return length;
  }

  function parse(frame: Uint8Array): Uint8Array {
    const name = readText(frame, 5);
    const sql = readText(frame, name.next);
    batch.sql.push(sql.text);
    const rewritten = message('P', internalName(name.text), replacementFor(sql.text) ?? sql.text, frame.subarray(sql.next));
    if (name.text === '') {
      unnamedParse = rewritten;
      batch.touchesUnnamed = true;
    }
    return rewritten;
  }

  function bind(frame: Uint8Array): Uint8Array {
    const portal = readText(frame, 5);
    const statement = readText(frame, portal.next);
    if (statement.text === '') {
      if (!batch.touchesUnnamed) batch.usesUnnamed = true;
      return frame;
    }
    return message('B', portal.text, internalName(statement.text), frame.subarray(statement.next));
  }

  /** Describe and Close name either a statement (`S`) or a portal (`P`). */
  function describeOrClose(frame: Uint8Array): Uint8Array {
    const { text: name } = readText(frame, 6);
    if (frame[5] !== code('S')) return frame;
    if (name !== '') return message(String.fromCharCode(frame[0] ?? 0), Uint8Array.of(code('S')), internalName(name));
    if (frame[0] === code('D') && !batch.touchesUnnamed) batch.usesUnnamed = true;
    return frame;
  }

  function simpleQuery(frame: Uint8Array): Uint8Array {
    const { text: sql } = readText(frame, 5);
    batch.sql.push(sql);
    batch.touchesUnnamed = true;
    unnamedParse = undefined;
    const replacement = replacementFor(sql);
    return replacement === undefined ? frame : message('Q', replacement);
  }

  function finish(kind: Batch['kind']): void {
    const { parts, ...rest } = batch;
    batch = emptyBatch();
    options.onBatch({ ...rest, kind, bytes: concatBytes(parts).slice() });
  }

  function accept(frame: Uint8Array): void {
    const type = String.fromCharCode(frame[0] ?? 0);
    if (type === 'X') {
      gone = true;
      return options.onLeave();
    }
    if (skipping) {
      skipping = type !== 'S';
      if (type === 'S') options.onReply(readyForQuery('I'));
      return;
    }
    // Copy data without a copy under way: PostgreSQL ignores it too.
    if (type === 'd' || type === 'c' || type === 'f') return;
    const rewrite = { P: parse, B: bind, D: describeOrClose, C: describeOrClose, Q: simpleQuery }[type];
    batch.parts.push(rewrite ? rewrite(frame) : frame);
    if (type === 'Q' || type === 'F') finish('query');
    else if (type === 'S') finish('sync');
    else if (type === 'H') finish('flush');
  }

  function receive(bytes: Uint8Array): void {
    buffered = buffered.length === 0 ? bytes : concatBytes([buffered, bytes]);
    while (!gone && buffered.length >= (started ? 5 : 8)) {
      let length: number;
      if (started) {
        length = 1 + readInt32(buffered, 1);
        if (buffered.length < length) break;
        accept(buffered.subarray(0, length));
      } else {
        length = startup(buffered);
        if (length === 0) break;
      }
      buffered = buffered.subarray(length);
    }
  }

  return {
    receive,
    skipToSync() {
      skipping = true;
    },
    statements,
    get unnamedParse() {
      return unnamedParse;
    },
  };
}

function emptyBatch(): Omit<Batch, 'bytes' | 'kind'> & { parts: Uint8Array[] } {
  return { parts: [], sql: [], usesUnnamed: false, touchesUnnamed: false };
}
