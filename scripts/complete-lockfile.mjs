/** `node scripts/complete-lockfile.mjs`: run it after `npm install` so that the lockfile works for `npm ci` everywhere. */
import { readFileSync, writeFileSync } from 'node:fs';
import { completeLockfile } from './lib/lockfile.mjs';

const file = new URL('../package-lock.json', import.meta.url);
const { lock, added, unclear } = completeLockfile(JSON.parse(readFileSync(file, 'utf8')));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added.length} platform packages added to package-lock.json\n`);
if (unclear.length > 0) {
  process.stderr.write(`not added, their names do not tell the platform: ${unclear.join(', ')}\n`);
  process.exitCode = 1;
}
