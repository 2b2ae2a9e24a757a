import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** The way between a browser and a product, which can be cut. */
export interface Cable {
  url: string;
  /** Ends every connection at once and refuses new ones. */
  cut(): void;
  join(): void;
  close(): Promise<void>;
}

export async function layCable(target: string): Promise<Cable> {
  const { hostname, port: targetPort } = new URL(target);
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return near.destroy();
    const far = connect(Number(targetPort), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      whole = false;
      cutAll();
    },
    join() {
      whole = true;
    },
    async close() {
      const closed = new Promise<unknown>((resolve) => server.close(resolve));
      cutAll();
      await closed;
    },
  };
}
