import { createTestDatabase } from '@automatos/database/testing';
import type { TestDatabase } from '@automatos/database/testing';
import { newId, systemClock } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import type { Blackboard, BoardNote } from '@automatos/tools';
import { createMemoryJournal, createMemoryRun } from '@automatos/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeBoard } from './board.suite.ts';
import { createDatabaseBoard } from './database-board.ts';
import { recordedBoard } from './recorded-board.ts';

let database: TestDatabase;
let board: Blackboard;
beforeAll(async () => {
  database = await createTestDatabase();
  board = createDatabaseBoard({ database: database.database, clock: systemClock });
});
afterAll(() => database.close());

async function someRun(workspaceId: WorkspaceId = database.workspaceId) {
  const runId = newId<'run'>();
  await database.database.pool.query(
    `INSERT INTO runs (id, workspace_id, kind, title, status, plan, inputs, created_by_kind, created_by_id, created_by_name, created_at)
     VALUES ($1, $2, 'task', 't', 'running', '{}', '{}', 'user', 'u', 'u', now())`,
    [runId, workspaceId],
  );
  return { workspaceId, runId };
}

describeBoard('the board in the database', () => ({ board, scope: () => someRun() }));

describe('the board in the database', () => {
  test('a workspace sees nothing of another one', async () => {
    const scope = await someRun();
    await board.write(scope, {
      key: 'plan',
      value: 'secret',
      author: 'ann',
      expectedVersion: 0,
      writeKey: 'a',
    });
    const foreign = { ...scope, workspaceId: database.otherWorkspaceId };
    expect(await board.note(foreign, 'plan')).toBeNull();
    expect(await board.notes(foreign, { prefix: '', limit: 9 })).toEqual([]);
  });

  test('text that the database refuses is stored without what it refuses', async () => {
    const scope = await someRun();
    const value = { text: 'a\0b\uD800' };
    await board.write(scope, { key: 'k', value, author: 'ann', expectedVersion: 0, writeKey: 'a' });
    expect((await board.note(scope, 'k'))?.value).toEqual({ text: 'a\uFFFDb\uFFFD' });
  });

  test('goes with its run', async () => {
    const scope = await someRun();
    await board.send(scope, { from: 'a', to: { agent: 'b' }, text: 'x', writeKey: 'a' });
    await database.database.pool.query('DELETE FROM runs WHERE id = $1', [scope.runId]);
    expect(await board.messages(scope, { agent: 'b', limit: 9 })).toEqual([]);
  });
});

describe('changes by a rule', () => {
  test('of many at once all are in it, whoever came first', async () => {
    const scope = await someRun();
    await Promise.all(
      ['ann', 'bob', 'cyd', 'dan'].map((agent) => {
        const { context } = createMemoryRun({ ...scope, runId: scope.runId });
        return recordedBoard(context, board, agent).change(
          'names',
          (now) => [...((now ?? []) as string[]), agent],
          agent,
        );
      }),
    );
    const note = await board.note(scope, 'names');
    const { value, version } = note as BoardNote;
    expect((value as string[]).toSorted()).toEqual(['ann', 'bob', 'cyd', 'dan']);
    expect(version).toBe(4);
  });

  test('a change that was stored but not recorded before a crash is not made again', async () => {
    const scope = await someRun();
    const change = () => {
      const { context } = createMemoryRun({ ...scope, journal: createMemoryJournal() });
      return recordedBoard(context, board, 'x').change(
        'count',
        (now) => Number(now ?? 0) + 1,
        'ann',
      );
    };
    expect((await change()).version).toBe(1);
    expect((await change()).version).toBe(1);
    expect((await board.note(scope, 'count'))?.value).toBe(1);
  });
});
