/** The least that a JSON GET can be: bare Fastify, one query by primary key, no sign-in, no tenants. `node bench/auth-bare.ts <database url> <id>`; prints its port. */
import { createRequire } from 'node:module';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDatabase } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';

interface BareReply {
  type(name: string): BareReply;
  send(body: string): BareReply;
}
interface Bare {
  server: Server;
  get(path: string, handler: (request: unknown, reply: BareReply) => Promise<BareReply>): void;
  listen(at: { host: string; port: number }): Promise<string>;
}

const [url = '', id] = process.argv.slice(2);
// The product's own copy of Fastify, and a plain pool of its driver.
const fastify = createRequire(import.meta.resolve('../apps/server/package.json'))(
  'fastify',
) as () => Bare;
const { pool } = await openDatabase({ url, logger: silentLogger });
const COLUMNS = 'id, slug, name, category, description, prompt, predefined, created_at, updated_at';

const app = fastify();
app.get('/item', async (_request, reply) => {
  const { rows } = await pool.query(`SELECT ${COLUMNS} FROM personas WHERE id = $1`, [id]);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(rows[0]));
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
