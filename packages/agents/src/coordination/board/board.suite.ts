import { newId } from '@automatos/kernel';
import type { Blackboard, BoardScope } from '@automatos/tools';
import { beforeEach, describe, expect, test } from 'vitest';

/** What every board does; `scope` makes a run of its own. */
export function describeBoard(
  name: string,
  deps: () => { board: Blackboard; scope: () => Promise<BoardScope> },
): void {
  describe(`notes and messages of ${name}`, () => {
    let board: Blackboard;
    let scope: BoardScope;
    beforeEach(async () => {
      ({ board } = deps());
      scope = await deps().scope();
    });
    const write = (
      key: string,
      value: string,
      of: number | { version: number; writeKey: string },
    ) => {
      const { version, writeKey } =
        typeof of === 'number' ? { version: of, writeKey: newId() } : of;
      return board.write(scope, { key, value, author: 'ann', expectedVersion: version, writeKey });
    };

    test('a note has versions, and the newest is read', async () => {
      expect(await board.note(scope, 'plan')).toBeNull();
      expect(await write('plan', 'first', 0)).toMatchObject({ version: 1, author: 'ann' });
      expect(await write('plan', 'second', 1)).toMatchObject({ version: 2 });
      expect(await board.note(scope, 'plan')).toMatchObject({ value: 'second', version: 2 });
      await write('plan/b', 'b', 0);
      await write('other', 'x', 0);
      const notes = await board.notes(scope, { prefix: 'plan', limit: 9 });
      expect(notes.map(({ key, version }) => `${key} ${version}`)).toEqual(['plan 2', 'plan/b 1']);
      expect(await board.notes(scope, { prefix: '', limit: 1 })).toHaveLength(1);
    });

    test('a write on a version that is not the newest is refused and says which is', async () => {
      await write('plan', 'first', 0);
      await write('plan', 'second', 1);
      for (const old of [0, 1, 7])
        await expect(write('plan', 'mine', old)).rejects.toMatchObject({
          code: 'tools.blackboard.version_conflict',
          kind: 'conflict',
          details: { version: 2 },
        });
      expect(await board.note(scope, 'plan')).toMatchObject({ value: 'second' });
    });

    test('of many who write on the same version at once exactly one wins', async () => {
      const tries = await Promise.allSettled(
        Array.from({ length: 6 }, (_, index) => write('plan', `by ${index}`, 0)),
      );
      expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await board.note(scope, 'plan')).toMatchObject({ version: 1 });
    });

    test('the same write again is done once', async () => {
      const first = await write('plan', 'first', { version: 0, writeKey: 'call-1' });
      await write('plan', 'second', 1);
      expect(await write('plan', 'first', { version: 0, writeKey: 'call-1' })).toEqual(first);
      expect(await board.note(scope, 'plan')).toMatchObject({ version: 2 });
    });

    const send = (
      to: { topic: string } | { agent: string },
      text: string,
      writeKey: string = newId(),
    ) => board.send(scope, { from: 'ann', to, text, writeKey });
    const received = async (agent: string, after?: string) =>
      (
        await board.messages(scope, { agent, limit: 9, ...(after === undefined ? {} : { after }) })
      ).map(({ text }) => text);

    test('messages reach the agent that they are for, and who subscribed before they were sent', async () => {
      await send({ topic: 'news' }, 'too early');
      await board.subscribe(scope, 'bob', 'news');
      await board.subscribe(scope, 'bob', 'news');
      await send({ topic: 'news' }, 'for all');
      await send({ agent: 'bob' }, 'for bob');
      await send({ agent: 'cyd' }, 'for cyd');
      await send({ topic: 'bob' }, 'a topic named like him');
      expect(await received('bob')).toEqual(['for all', 'for bob']);
      expect(await received('cyd')).toEqual(['for cyd']);
      expect(await received('dan')).toEqual([]);
    });

    test('who reads on after a message gets the later ones, each once', async () => {
      await send({ agent: 'bob' }, 'one');
      const [first] = await board.messages(scope, { agent: 'bob', limit: 9 });
      await Promise.all(['two', 'three', 'four'].map((text) => send({ agent: 'bob' }, text)));
      expect((await received('bob', first?.id)).toSorted()).toEqual(['four', 'three', 'two']);
      expect(await received('bob')).toHaveLength(4);
    });

    test('the same message again is sent once', async () => {
      await send({ agent: 'bob' }, 'one', 'call-2');
      await send({ agent: 'bob' }, 'one', 'call-2');
      expect(await received('bob')).toEqual(['one']);
    });

    test('boards of other runs know nothing of it', async () => {
      await write('plan', 'secret', 0);
      await send({ agent: 'bob' }, 'secret');
      const other = await deps().scope();
      expect(await board.note(other, 'plan')).toBeNull();
      expect(await board.messages(other, { agent: 'bob', limit: 9 })).toEqual([]);
    });
  });
}
