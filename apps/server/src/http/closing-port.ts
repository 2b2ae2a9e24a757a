import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const SWEEP_MS = 50;
/** Requests are short; what still hangs then is a client that does not read, or does not send. */
const CUT_MS = 3_000;

/** Connections of one port, watched from its start, so that it can close without waiting for clients. */
export interface PortConnections {
  /**
   * Ends each connection as soon as no request of it is under way, and after three seconds all, until `stop` of the
   * result is called. To be called once the port takes no new work.
   */
  end(): { stop(): void };
}

/**
 * Watches the connections of `server`. The server's own sweep counts one that has not sent anything yet as busy, and
 * browsers open such ones in advance: the port would wait for them until they time out.
 */
export function watchConnections(server: Server): PortConnections {
  const underWay = new Map<Socket, number>();
  server.on('connection', (socket: Socket) => {
    underWay.set(socket, 0);
    socket.once('close', () => underWay.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const change = (by: number) => {
      const count = underWay.get(socket);
      if (count !== undefined) underWay.set(socket, count + by);
    };
    change(+1);
    response.once('close', () => change(-1));
  });
  // Whoever takes the socket over ends it, too.
  server.on('upgrade', ({ socket }: IncomingMessage) => underWay.delete(socket));
  return {
    end() {
      const endIdle = () => {
        for (const [socket, count] of underWay) if (count === 0) socket.destroy();
      };
      endIdle();
      const sweep = setInterval(endIdle, SWEEP_MS);
      const cut = setTimeout(() => server.closeAllConnections(), CUT_MS);
      return {
        stop() {
          clearInterval(sweep);
          clearTimeout(cut);
        },
      };
    },
  };
}
