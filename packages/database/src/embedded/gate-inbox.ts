import { replacementFor } from './statement-text.ts';
import {
  STARTUP_CODES,
  code,
  concatBytes,
  message,
  readInt32,
  readText,
  readyForQuery,
} from './wire.ts';

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
  return new ClientInbox(options);
}

interface Draft {
  parts: Uint8Array[];
  sql: string[];
  usesUnnamed: boolean;
  touchesUnnamed: boolean;
}

const emptyDraft = (): Draft => ({ parts: [], sql: [], usesUnnamed: false, touchesUnnamed: false });
const typeOf = (frame: Uint8Array): string => String.fromCharCode(frame[0] ?? 0);

class ClientInbox implements Inbox {
  readonly statements = new Map<string, string>();
  unnamedParse: Uint8Array | undefined;
  readonly #options: InboxOptions;
  #buffered: Uint8Array = new Uint8Array(0);
  #draft = emptyDraft();
  #started = false;
  #gone = false;
  #skipping = false;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  receive(bytes: Uint8Array): void {
    this.#buffered = this.#buffered.length === 0 ? bytes : concatBytes([this.#buffered, bytes]);
    while (!this.#gone && this.#buffered.length >= (this.#started ? 5 : 8)) {
      // Only start-up messages come without a type byte.
      const length = this.#started
        ? 1 + readInt32(this.#buffered, 1)
        : readInt32(this.#buffered, 0);
      if (this.#buffered.length < length) return;
      const frame = this.#buffered.subarray(0, length);
      this.#buffered = this.#buffered.subarray(length);
      if (this.#started) this.#accept(frame);
      else this.#startup(frame);
    }
  }

  skipToSync(): void {
    this.#skipping = true;
  }

  #startup(frame: Uint8Array): void {
    const request = readInt32(frame, 4);
    if (request === STARTUP_CODES.ssl || request === STARTUP_CODES.gssEncryption) {
      this.#options.onRefuseEncryption();
    } else if (request === STARTUP_CODES.protocol3) {
      this.#started = true;
      this.#options.onStartup();
    } else {
      // A cancel request: the engine cannot be interrupted, and the protocol expects no answer.
      this.#leave();
    }
  }

  #leave(): void {
    this.#gone = true;
    this.#options.onLeave();
  }

  #accept(frame: Uint8Array): void {
    const type = typeOf(frame);
    if (type === 'X') return this.#leave();
    if (this.#skipping) {
      this.#skipping = type !== 'S';
      if (type === 'S') this.#options.onReply(readyForQuery('I'));
      return;
    }
    // Copy data without a copy under way: PostgreSQL ignores it too.
    if (type === 'd' || type === 'c' || type === 'f') return;
    this.#draft.parts.push(this.#rewrite(type, frame));
    if (type === 'Q' || type === 'F') this.#finish('query');
    else if (type === 'S') this.#finish('sync');
    else if (type === 'H') this.#finish('flush');
  }

  #finish(kind: Batch['kind']): void {
    const { parts, ...rest } = this.#draft;
    this.#draft = emptyDraft();
    this.#options.onBatch({ ...rest, kind, bytes: concatBytes(parts).slice() });
  }

  #rewrite(type: string, frame: Uint8Array): Uint8Array {
    if (type === 'P') return this.#parse(frame);
    if (type === 'B') return this.#bind(frame);
    if (type === 'D' || type === 'C') return this.#describeOrClose(type, frame);
    return type === 'Q' ? this.#simpleQuery(frame) : frame;
  }

  #internalName(name: string): string {
    if (name === '') return '';
    const known = this.statements.get(name);
    if (known !== undefined) return known;
    const internal = `gate.${this.#options.clientId}.${this.statements.size + 1}`;
    this.statements.set(name, internal);
    return internal;
  }

  #parse(frame: Uint8Array): Uint8Array {
    const name = readText(frame, 5);
    const sql = readText(frame, name.next);
    this.#draft.sql.push(sql.text);
    const text = replacementFor(sql.text) ?? sql.text;
    const rewritten = message('P', this.#internalName(name.text), text, frame.subarray(sql.next));
    if (name.text === '') {
      this.unnamedParse = rewritten;
      this.#draft.touchesUnnamed = true;
    }
    return rewritten;
  }

  #bind(frame: Uint8Array): Uint8Array {
    const portal = readText(frame, 5);
    const statement = readText(frame, portal.next);
    if (statement.text === '') {
      if (!this.#draft.touchesUnnamed) this.#draft.usesUnnamed = true;
      return frame;
    }
    const rest = frame.subarray(statement.next);
    return message('B', portal.text, this.#internalName(statement.text), rest);
  }

  /** Describe and Close name either a statement (`S`) or a portal (`P`). */
  #describeOrClose(type: string, frame: Uint8Array): Uint8Array {
    if (frame[5] !== code('S')) return frame;
    const { text: name } = readText(frame, 6);
    if (name !== '') return message(type, Uint8Array.of(code('S')), this.#internalName(name));
    if (type === 'D' && !this.#draft.touchesUnnamed) this.#draft.usesUnnamed = true;
    return frame;
  }

  #simpleQuery(frame: Uint8Array): Uint8Array {
    const { text: sql } = readText(frame, 5);
    this.#draft.sql.push(sql);
    this.#draft.touchesUnnamed = true;
    this.unnamedParse = undefined;
    const replacement = replacementFor(sql);
    return replacement === undefined ? frame : message('Q', replacement);
  }
}
