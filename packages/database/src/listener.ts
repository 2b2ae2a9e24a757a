import type { Logger } from '@automatos/kernel';
import pg from 'pg';
import { quoteIdentifier } from './embedded/statement-text.ts';

export interface Listener {
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const RETRY_MS = { first: 100, max: 5_000 };

/**
 * One connection that hears all channels and comes back by itself after the server restarted. What was sent in
 * between is lost, as with any NOTIFY: listeners also look at their tables now and then.
 */
export function createListener(config: pg.ClientConfig, logger: Logger): Listener {
  const channels = new Map<string, Set<(payload: string) => void>>();
  let connection: Promise<pg.Client> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let retryMs = RETRY_MS.first;
  let closed = false;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client(config);
    const lost = () => {
      client.removeAllListeners('end');
      connection = undefined;
      client.end().catch(() => undefined);
      reconnectLater();
    };
    client.on('error', (error) => logger.warn({ reason: error.message }, 'the listening database connection was lost'));
    client.on('notification', ({ channel, payload }) => {
      for (const onPayload of channels.get(channel) ?? []) onPayload(payload ?? '');
    });
    await client.connect();
    for (const channel of channels.keys()) await client.query(`LISTEN ${quoteIdentifier(channel)}`);
    client.once('end', lost);
    retryMs = RETRY_MS.first;
    return client;
  }

  function connected(): Promise<pg.Client> {
    connection ??= connect().catch((error: unknown) => {
      connection = undefined;
      throw error;
    });
    return connection;
  }

  function reconnectLater(): void {
    if (closed || channels.size === 0 || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      retryMs = Math.min(RETRY_MS.max, retryMs * 2);
      connected().catch((error: Error) => {
        logger.warn({ reason: error.message }, 'cannot listen on the database yet');
        reconnectLater();
      });
    }, retryMs);
  }

  async function stop(channel: string, onPayload: (payload: string) => void): Promise<void> {
    const listeners = channels.get(channel);
    listeners?.delete(onPayload);
    if (!listeners || listeners.size > 0) return;
    channels.delete(channel);
    const client = await connection?.catch(() => undefined);
    // A lost connection hears nothing any more, which is what was asked for.
    await client?.query(`UNLISTEN ${quoteIdentifier(channel)}`).catch(() => undefined);
  }

  return {
    async listen(channel, onPayload) {
      const listeners = channels.get(channel) ?? new Set();
      channels.set(channel, listeners);
      listeners.add(onPayload);
      const client = await connected();
      await client.query(`LISTEN ${quoteIdentifier(channel)}`);
      return () => stop(channel, onPayload);
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      const client = await connection?.catch(() => undefined);
      client?.removeAllListeners('end');
      await client?.end().catch(() => undefined);
    },
  };
}
