import type { Logger } from '@automatos/kernel';
import pg from 'pg';
import { quoteIdentifier } from './embedded/statement-text.ts';

export interface Listener {
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const RETRY_MS: { first: number; max: number } = { first: 100, max: 5_000 };

/**
 * One connection that hears all channels and comes back by itself after the server restarted. What was sent in
 * between is lost, as with any NOTIFY: listeners also look at their tables now and then.
 */
export function createListener(config: pg.ClientConfig, logger: Logger): Listener {
  return new ReconnectingListener(config, logger);
}

class ReconnectingListener implements Listener {
  readonly #config: pg.ClientConfig;
  readonly #logger: Logger;
  readonly #channels = new Map<string, Set<(payload: string) => void>>();
  #connection: Promise<pg.Client> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = RETRY_MS.first;
  #closed = false;

  constructor(config: pg.ClientConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
  }

  async listen(
    channel: string,
    onPayload: (payload: string) => void,
  ): Promise<() => Promise<void>> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners);
    listeners.add(onPayload);
    const client = await this.#connected();
    await client.query(`LISTEN ${quoteIdentifier(channel)}`);
    return () => this.#stop(channel, onPayload);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    const client = await this.#connection?.catch(() => undefined);
    client?.removeAllListeners('end');
    await client?.end().catch(() => undefined);
  }

  #connected(): Promise<pg.Client> {
    this.#connection ??= this.#connect().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #connect(): Promise<pg.Client> {
    const client = new pg.Client(this.#config);
    client.on('error', (error) => {
      this.#logger.warn({ reason: error.message }, 'the listening database connection was lost');
    });
    client.on('notification', ({ channel, payload }) => {
      for (const onPayload of this.#channels.get(channel) ?? []) onPayload(payload ?? '');
    });
    await client.connect();
    for (const channel of this.#channels.keys()) {
      await client.query(`LISTEN ${quoteIdentifier(channel)}`);
    }
    client.once('end', () => {
      this.#connection = undefined;
      this.#reconnectLater();
    });
    this.#retryMs = RETRY_MS.first;
    return client;
  }

  #reconnectLater(): void {
    if (this.#closed || this.#channels.size === 0 || this.#retry) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#retryMs = Math.min(RETRY_MS.max, this.#retryMs * 2);
      this.#connected().catch((error: Error) => {
        this.#logger.warn({ reason: error.message }, 'cannot listen on the database yet');
        this.#reconnectLater();
      });
    }, this.#retryMs);
  }

  async #stop(channel: string, onPayload: (payload: string) => void): Promise<void> {
    const listeners = this.#channels.get(channel);
    listeners?.delete(onPayload);
    if (!listeners || listeners.size > 0) return;
    this.#channels.delete(channel);
    const client = await this.#connection?.catch(() => undefined);
    // A lost connection hears nothing any more, which is what was asked for.
    await client?.query(`UNLISTEN ${quoteIdentifier(channel)}`).catch(() => undefined);
  }
}
