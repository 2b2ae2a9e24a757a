import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import type { AddressInfo } from 'node:net';
import type { NameLookup } from './public-address.ts';

const HEADER_BYTES = 12;

/** A name server on loopback whose answers a test writes. */
export interface DnsServer {
  /** IPv4 addresses of a name, one list for each question; the last one stays. */
  answers: Map<string, string[][]>;
  /** Names in the order in which they were asked for. */
  asked: string[];
  /** Look-up that asks this server over UDP. */
  lookup: NameLookup;
  close(): Promise<void>;
}

/** Starts a name server that answers questions for IPv4 addresses with a lifetime of 0. */
export async function startDnsServer(): Promise<DnsServer> {
  const answers = new Map<string, string[][]>();
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, peer) => {
    const { name, end } = readName(message);
    asked.push(name);
    const queue = answers.get(name) ?? [[]];
    const addresses = (queue.length > 1 ? queue.shift() : queue[0]) ?? [];
    socket.send(answerTo(message.subarray(0, end + 4), addresses), peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${(socket.address() as AddressInfo).port}`]);
  return {
    answers,
    asked,
    lookup(host, _options, done) {
      resolver.resolve4(host, (error, addresses) =>
        done(
          error,
          (addresses ?? []).map((address) => ({ address, family: 4 })),
        ),
      );
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** Name of the first question, and where its type begins. */
function readName(message: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.'), end: at + 1 };
}

function answerTo(question: Buffer, addresses: readonly string[]): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x81_80, 2); // an answer, with recursion
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const records = addresses.map((address) =>
    // The name of the question, type A, class IN, lifetime 0, four bytes.
    Buffer.from([
      0xc0,
      HEADER_BYTES,
      0,
      1,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      4,
      ...address.split('.').map(Number),
    ]),
  );
  return Buffer.concat([head, ...records]);
}
