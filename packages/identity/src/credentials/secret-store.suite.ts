import { expect, test } from 'vitest';
import { newId } from '@automatos/kernel';
import type { WorkspaceId } from '@automatos/kernel';
import type { SecretOwner, SecretStore } from './secret-store.ts';

/** What every store of secrets keeps to; run against each of them. */
export function secretStoreSuite(
  open: () => { store: SecretStore; workspaceId: WorkspaceId },
): void {
  const ownerIn = (workspaceId: WorkspaceId | null): SecretOwner => ({
    workspaceId,
    credentialId: newId(),
    type: 'custom',
  });

  test('a revision reads as it was written, of a workspace and of the platform', async () => {
    const { store, workspaceId } = open();
    for (const owner of [ownerIn(workspaceId), ownerIn(null)]) {
      const content = JSON.stringify({ text: 'ä "quoted" \n \u{1f511}', long: 'x'.repeat(20_000) });
      const revision = await store.put(owner, content);
      expect(await store.get(owner, revision)).toBe(content);
    }
  });

  test('a later revision leaves the earlier one as it was, until that is dropped for ever', async () => {
    const { store, workspaceId } = open();
    const owner = ownerIn(workspaceId);
    const first = await store.put(owner, 'one');
    const second = await store.put(owner, 'two');
    expect(second).not.toBe(first);
    expect([await store.get(owner, first), await store.get(owner, second)]).toEqual(['one', 'two']);
    await store.drop(owner, [first]);
    await store.drop(owner, [first]);
    await store.drop(owner, []);
    await expect(store.get(owner, first)).rejects.toMatchObject({
      code: 'credentials.secret.missing',
    });
    expect(await store.get(owner, second)).toBe('two');
  });

  test('many writes at once each get a revision of their own', async () => {
    const { store, workspaceId } = open();
    const owner = ownerIn(workspaceId);
    const texts = ['a', 'b', 'c'];
    const revisions = await Promise.all(texts.map((text) => store.put(owner, text)));
    expect(new Set(revisions).size).toBe(3);
    expect(await Promise.all(revisions.map((revision) => store.get(owner, revision)))).toEqual(
      texts,
    );
  });

  test('after the removal nothing is left, and to remove again is no error', async () => {
    const { store, workspaceId } = open();
    const owner = ownerIn(workspaceId);
    const other = ownerIn(workspaceId);
    const revisions = [await store.put(owner, 'one'), await store.put(owner, 'two')];
    const kept = await store.put(other, 'other');
    await store.remove(owner);
    await store.remove(owner);
    for (const revision of revisions)
      await expect(store.get(owner, revision)).rejects.toMatchObject({
        code: 'credentials.secret.missing',
      });
    expect(await store.get(other, kept)).toBe('other');
  });

  test('what nobody wrote is missing', async () => {
    const { store, workspaceId } = open();
    await expect(store.get(ownerIn(workspaceId), '7')).rejects.toMatchObject({
      code: 'credentials.secret.missing',
    });
  });

  test('a secret is not read as one of another kind', async () => {
    const { store, workspaceId } = open();
    const owner = ownerIn(workspaceId);
    const revision = await store.put(owner, 'one');
    await expect(store.get({ ...owner, type: 'openai' }, revision)).rejects.toMatchObject({
      code: 'credentials.record.damaged',
    });
  });
}
