/** The least that a JSON GET can be: bare Fastify, one query by primary key, no sign-in, no tenants. `node bench/auth-bare.ts <database url> <id>`; prints its port. */
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import pg from 'pg';

const [url, id] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 10 });
const COLUMNS = 'id, slug, name, category, description, prompt, predefined, created_at, updated_at';

const app = fastify();
app.get('/item', async (_request, reply) => {
  const { rows } = await pool.query(`SELECT ${COLUMNS} FROM personas WHERE id = $1`, [id]);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(rows[0]));
});
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
