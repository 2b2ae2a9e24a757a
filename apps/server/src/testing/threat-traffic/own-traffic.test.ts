import { expect, test } from 'vitest';
import { createThreats } from '@automatos/identity';
import { silentLogger, systemClock } from '@automatos/kernel';
import { ownTraffic } from './own-traffic.ts';

/** The detector alone: without a start it reads no database, and nothing is stored before a flush. */
const detector = createThreats({
  database: {
    system: () => Promise.reject(new Error('not here')),
    workspace: () => Promise.reject(new Error('not here')),
    listen: () => Promise.reject(new Error('not here')),
  },
  clock: systemClock,
  logger: silentLogger,
});

test("of the product's own traffic at most 0.5 % is medium or more, and nothing would be blocked", async () => {
  const requests = await ownTraffic();
  const rows = requests.map(({ source, facts }) => ({ source, found: detector.assess(facts) }));
  expect(rows.filter(({ found }) => found === null)).toEqual([]);
  const table = [...Map.groupBy(rows, ({ source }) => source)].map(([source, own]) => ({
    source,
    requests: own.length,
    scored: own.filter(({ found }) => (found?.score ?? 0) > 0).length,
    medium: own.filter(({ found }) => found?.level !== 'low').length,
    blocks: own.filter(({ found }) => found?.action === 'block').length,
  }));
  process.stdout.write(
    `${table.map((row) => `${row.source.padEnd(10)} ${row.requests} requests, ${row.scored} scored, ${row.medium} medium or more, ${row.blocks} blocks`).join('\n')}\n`,
  );
  expect(requests.length).toBeGreaterThanOrEqual(500);
  const noticed = rows.filter(({ found }) => found?.level !== 'low');
  const why = noticed.map(({ found }) =>
    found?.reasons.map(({ rule, excerpt }) => `${rule}: ${excerpt}`),
  );
  expect(noticed.length / rows.length, JSON.stringify(why.slice(0, 5))).toBeLessThanOrEqual(0.005);
  expect(rows.filter(({ found }) => found?.action === 'block')).toEqual([]);
});
