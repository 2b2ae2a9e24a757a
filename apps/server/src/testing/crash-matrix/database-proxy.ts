import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** Where a process is killed: at its n-th write to the database, before it arrives or after it is committed and not yet answered. */
export interface CrashPoint {
  write: number;
  when: 'before' | 'after';
}

/**
 * Stands between one process and PostgreSQL and reads the wire protocol as it passes, so that a process dies exactly at a
 * write without any hook in the product.
 */
export interface DatabaseProxy {
  url: string;
  /** Counts writes from now on; at the point `kill` is called and nothing more passes. */
  arm(point: CrashPoint, kill: (statement: string) => void): void;
  disarm(): void;
  /** Writes since `arm`. */
  readonly writes: number;
  close(): Promise<void>;
}

/** Statements that are no work of a run: signs of life go on whatever runs do. */
const NO_WORK = /run_executors|pg_notify|set_config/i;
const WRITE = /^\s*(?:with\b[\s\S]*?\b)?(?:insert\s+into|update\s+\S|delete\s+from)|^\s*commit/i;

const isWrite = (statement: string) => WRITE.test(statement) && !NO_WORK.test(statement);

export async function createDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const watch = createWatch();
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const backend = connect({ host: target.hostname, port: Number(target.port || 5432) });
    for (const socket of [client, backend]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      // The other end of a killed process; its closing is what the test is about.
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        backend.destroy();
      });
    }
    relay(client, backend, watch);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.toString(),
    arm: watch.arm,
    disarm: watch.disarm,
    get writes() {
      return watch.writes();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

type Verdict = 'pass' | 'kill-now' | 'kill-when-ready';

function createWatch() {
  let armed: { point: CrashPoint; kill: (statement: string) => void } | null = null;
  let writes = 0;
  return {
    arm(point: CrashPoint, kill: (statement: string) => void) {
      armed = { point, kill };
      writes = 0;
    },
    disarm() {
      armed = null;
    },
    writes: () => writes,
    /** Decides about one statement that the process sends. */
    see(statement: string): { verdict: Verdict; kill: () => void } {
      const pass = { verdict: 'pass' as const, kill: () => undefined };
      if (armed === null || !isWrite(statement)) return pass;
      writes += 1;
      if (writes !== armed.point.write) return pass;
      const { point, kill } = armed;
      armed = null;
      return {
        verdict: point.when === 'before' ? 'kill-now' : 'kill-when-ready',
        kill: () => kill(statement),
      };
    },
  };
}
type Watch = ReturnType<typeof createWatch>;

function relay(client: Socket, backend: Socket, watch: Watch): void {
  const statements = new Map<string, string>();
  const fromClient = createMessageReader({ hasStartup: true });
  const fromBackend = createMessageReader({ hasStartup: false });
  let dead = false;
  let killWhenReady: (() => void) | null = null;

  client.on('data', (chunk: Buffer) => {
    for (const message of fromClient.read(chunk)) {
      if (dead) return;
      const statement = statementOf(message, statements);
      const seen = statement === null ? null : watch.see(statement);
      if (seen?.verdict === 'kill-now') {
        dead = true;
        seen.kill();
        backend.destroy();
        return;
      }
      if (seen?.verdict === 'kill-when-ready') killWhenReady = seen.kill;
      backend.write(message);
    }
  });
  backend.on('data', (chunk: Buffer) => {
    if (dead) return;
    if (killWhenReady === null) {
      client.write(chunk);
      for (const _message of fromBackend.read(chunk));
      return;
    }
    // The answer is held back: the process dies without having heard that its write is committed.
    for (const message of fromBackend.read(chunk)) {
      if (message[0] !== READY) continue;
      dead = true;
      killWhenReady();
      return;
    }
  });
}

const READY = 'Z'.charCodeAt(0);

/** Text of the statement that a message runs; null for messages that run none. */
function statementOf(message: Buffer, statements: Map<string, string>): string | null {
  const type = String.fromCharCode(message[0] ?? 0);
  if (type === 'P') {
    const name = textAt(message, 5);
    statements.set(name, textAt(message, 5 + Buffer.byteLength(name) + 1));
    return null;
  }
  if (type === 'B') {
    const portal = textAt(message, 5);
    return statements.get(textAt(message, 5 + Buffer.byteLength(portal) + 1)) ?? null;
  }
  return type === 'Q' ? textAt(message, 5) : null;
}

function textAt(message: Buffer, start: number): string {
  const end = message.indexOf(0, start);
  return message.toString('utf8', start, end === -1 ? message.length : end);
}

/** Cuts a stream into protocol messages: one type byte, then a length that counts itself; the first of a client has no type. */
function createMessageReader({ hasStartup }: { hasStartup: boolean }) {
  let rest: Buffer = Buffer.alloc(0);
  let startup = hasStartup;
  return {
    *read(chunk: Buffer): Generator<Buffer> {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (;;) {
        const head = startup ? 0 : 1;
        if (rest.length < head + 4) return;
        const size = head + rest.readInt32BE(head);
        if (rest.length < size) return;
        const message = rest.subarray(0, size);
        rest = rest.subarray(size);
        startup = false;
        yield message;
      }
    },
  };
}
