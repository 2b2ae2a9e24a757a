/** Runs on Node 24: makes the ready-made embedded database in the folder named by the first argument, unless it is there. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSnapshot, snapshotFileName } from '../packages/database/src/index.ts';

const folder = process.argv[2];
const name = await snapshotFileName();
await mkdir(folder, { recursive: true });
for (const other of await readdir(folder)) {
  if (other.endsWith('.snapshot.gz') && other !== name) await rm(join(folder, other));
}
if (!existsSync(join(folder, name))) await buildSnapshot(join(folder, name));
