import { silentLogger } from '@automatos/kernel';
import pg from 'pg';
import { openDatabase, type Database } from '../database.ts';
import { migrate } from '../migrate.ts';

let counter = 0;

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function asAdmin<T>(adminUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A copy of a migrated template database, which the first caller makes; later ones, in any process, wait for it. */
export async function createFromTemplate(
  adminUrl: string,
  hash: string,
  seed: (database: Database) => Promise<void>,
): Promise<{ url: string; drop(): Promise<void> }> {
  const template = `automatos_template_${hash.slice(0, 16)}`;
  counter += 1;
  const name = `automatos_test_${process.pid}_${Date.now().toString(36)}_${counter}`;
  await asAdmin(adminUrl, async (client) => {
    await ensureTemplate(client, { adminUrl, template, seed });
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`);
  });
  const drop = () =>
    asAdmin(
      adminUrl,
      async (client) => void (await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
    );
  return { url: withDatabase(adminUrl, name), drop };
}

interface Template {
  adminUrl: string;
  template: string;
  seed: (database: Database) => Promise<void>;
}

async function ensureTemplate(
  client: pg.Client,
  { adminUrl, template, seed }: Template,
): Promise<void> {
  const isReady = async () => {
    const { rows } = await client.query<{ datistemplate: boolean }>(
      'SELECT datistemplate FROM pg_database WHERE datname = $1',
      [template],
    );
    return rows[0]?.datistemplate === true;
  };
  if (await isReady()) return;
  // Held on the administrative database, so test processes that start together build the template once.
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [template]);
  try {
    if (await isReady()) return;
    await client.query(`DROP DATABASE IF EXISTS ${template} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${template} TEMPLATE template1`);
    const database = await openDatabase({
      url: withDatabase(adminUrl, template),
      logger: silentLogger,
    });
    try {
      await migrate(database);
      await seed(database);
    } finally {
      await database.close();
    }
    await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true`);
  } finally {
    await client.query('SELECT pg_advisory_unlock(hashtext($1))', [template]);
  }
}
