import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '@automatos/kernel';
import { openDatabase } from '../database.ts';

const CHILD = fileURLToPath(new URL('./faults/write-until-killed.ts', import.meta.url));
/** Commits after which the child is killed; not at a round number of anything. */
const ROUNDS = [7, 61, 143];

let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'automatos-kill-'));
  const database = await openDatabase({ dataDir, logger: silentLogger });
  await database.pool.query(
    'CREATE TABLE written (id int PRIMARY KEY, body text); CREATE TABLE mirrored (id int PRIMARY KEY)',
  );
  await database.close();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

/** Runs the child until it acknowledged `count` commits, then kills it; resolves to all that it acknowledged. */
async function writeAndKill(first: number, count: number): Promise<number[]> {
  const child = spawn(process.execPath, [CHILD, dataDir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const acknowledged: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== 'ready') acknowledged.push(Number(line));
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  return acknowledged;
}

describe('kill -9 while it writes', () => {
  it('loses nothing that was acknowledged, keeps transactions whole and indexes sound', async () => {
    const acknowledged: number[] = [];
    for (const [round, count] of ROUNDS.entries()) {
      acknowledged.push(...(await writeAndKill(round * 100_000, count)));
      const database = await openDatabase({ dataDir, logger: silentLogger });
      const found = await database.pool.query<{ id: number }>('SELECT id FROM written');
      const kept = new Set(found.rows.map((row) => row.id));
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      const halves = await database.pool.query(
        'SELECT id FROM written FULL JOIN mirrored USING (id) WHERE written.id IS NULL OR mirrored.id IS NULL',
      );
      expect(halves.rows).toEqual([]);
      const byIndex = await database.pool.query(
        'SET enable_seqscan = off; SELECT count(*)::int AS n FROM written WHERE id >= 0; RESET enable_seqscan',
      );
      expect((byIndex as unknown as Array<{ rows: unknown[] }>)[1]?.rows).toEqual([
        { n: kept.size },
      ]);
      await database.close();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(
      ROUNDS.reduce((sum, count) => sum + count, 0),
    );
  }, 120_000);
});
