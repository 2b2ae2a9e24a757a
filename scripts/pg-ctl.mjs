/**
 * Controls test PostgreSQL servers. Called through the script named by AUTOMATOS_TEST_PG_CTL:
 *   pg-ctl create                              a private server for a test that stops or crashes it; prints {dir, url, adminUrl}
 *   pg-ctl start|stop|crash|restart [dir]      the server of `dir`, else the shared one
 *   pg-ctl remove <dir>                        stops a private server and deletes it
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CONTROL, controlServer, createServer, removeServer } from './lib/postgres.mjs';

const [bin, mainDir, command, dir] = process.argv.slice(2);
try {
  if (command === 'create') {
    process.stdout.write(`${JSON.stringify(await createServer(bin, dirname(mainDir)))}\n`);
  } else if (command === 'remove' && isPrivateServer(dir)) {
    await removeServer(bin, dir);
  } else if (Object.hasOwn(CONTROL, command ?? '')) {
    await controlServer(bin, dir ?? mainDir, command);
  } else {
    throw new Error('usage: pg-ctl create | start|stop|crash|restart [dir] | remove <dir>');
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Only what `create` made may be deleted. */
function isPrivateServer(folder) {
  return (
    folder !== undefined &&
    folder !== mainDir &&
    dirname(folder) === dirname(mainDir) &&
    existsSync(join(folder, 'data'))
  );
}
