import { isIP } from 'node:net';
import pg from 'pg';
import { failed, passed } from './outcome.ts';
import type { Access, Outcome } from './outcome.ts';

const NO_TLS = new Set(['', 'disable', 'allow', 'prefer']);

/** Connects to the checked address, asks `SELECT 1` and leaves. With `sslmode=require` and above certificates are checked. */
export async function testPostgres(access: Access, text: string): Promise<Outcome> {
  const url = new URL(text);
  const port = url.port === '' ? 5432 : Number(url.port);
  const address = await access.resolve(url.hostname, port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const ssl = NO_TLS.has(url.searchParams.get('sslmode') ?? '')
    ? false
    : {
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(access.certificates === undefined ? {} : { ca: [...access.certificates] }),
      };
  const client = new pg.Client({
    host: address,
    port,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    ssl,
    application_name: 'automatos credential test',
    connectionTimeoutMillis: access.timeoutMs,
    query_timeout: access.timeoutMs,
  });
  const lost = new Promise<never>((_, reject) => {
    client.on('error', reject);
    access.signal.addEventListener('abort', () => reject(new Error('the test was ended')), {
      once: true,
    });
  });
  lost.catch(() => undefined); // raced below
  try {
    await Promise.race([client.connect(), lost]);
    await Promise.race([client.query('SELECT 1'), lost]);
    return passed('The database answers.');
  } catch (error) {
    const outcome = judgedByState((error as { code?: unknown }).code);
    if (outcome !== null) return outcome;
    throw error;
  } finally {
    void client.end().catch(() => undefined); // gone already
  }
}

/** What the server's own error codes mean; null for failures on the way there. */
function judgedByState(state: unknown): Outcome | null {
  if (typeof state !== 'string' || !/^[0-9A-Z]{5}$/.test(state)) return null;
  if (state.startsWith('28')) return failed('login_refused', 'The database refused the login.');
  if (state === '3D000') return failed('no_database', 'The server has no database of this name.');
  return failed(`state_${state}`, `The database refused the request (SQLSTATE ${state}).`);
}
