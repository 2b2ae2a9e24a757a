/** Child process of the crash test: commits rows as fast as it can and prints each number after its commit was acknowledged. */
import { silentLogger } from '@automatos/kernel';
import { openDatabase } from '../../database.ts';

const [dataDir, first] = process.argv.slice(2);
const database = await openDatabase({ dataDir: dataDir ?? '', logger: silentLogger });
let next = Number(first);

async function lane(): Promise<void> {
  for (;;) {
    const id = next++;
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO written VALUES ($1, repeat('x', 500))`, [id]);
    await client.query('INSERT INTO mirrored VALUES ($1)', [id]);
    await client.query('COMMIT');
    client.release();
    process.stdout.write(`${id}\n`);
  }
}

process.stdout.write('ready\n');
await Promise.all([lane(), lane(), lane()]);
