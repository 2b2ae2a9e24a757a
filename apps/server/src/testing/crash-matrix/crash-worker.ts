/**
 * A worker process of the crash matrix: loads the product's rooms, waits for the line `go <database url>` on standard
 * input, then works until it is killed. Loading ahead keeps the time between a kill and the successor short.
 */
import { createInterface } from 'node:readline';
import { openDatabase } from '@automatos/database';
import { createAuditLog } from '@automatos/identity';
import { noMetrics, silentLogger, systemClock } from '@automatos/kernel';
import { loadConfig } from '../../config.ts';
import { createClosers } from '../../wiring/closers.ts';
import { composeWork } from '../../wiring/compose-work.ts';

const lines = createInterface({ input: process.stdin });
process.stdout.write('loaded\n');
for await (const line of lines) {
  const url = line.replace(/^go /, '');
  const database = await openDatabase({ url, logger: silentLogger });
  await composeWork({
    config: loadConfig(),
    logger: silentLogger,
    clock: systemClock,
    metrics: noMetrics,
    closers: createClosers(silentLogger),
    database,
    audit: createAuditLog({ database, clock: systemClock, logger: silentLogger }),
    credentials: {
      vendorKey: () => Promise.resolve(null),
      use: () => Promise.reject(new Error('No recipe of the matrix uses a credential.')),
    },
  });
  process.stdout.write('ready\n');
}
