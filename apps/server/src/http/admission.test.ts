import type { Principal } from '@automatos/contracts';
import { DEFAULT_WORKSPACE_ID } from '@automatos/kernel';
import { expect, test } from 'vitest';
import { assertPermitted } from './admission.ts';

const refusal = (principal: Omit<Principal, 'id' | 'name'>) => {
  try {
    assertPermitted('agents:read', {
      principal: { id: 'p', name: 'p', ...principal },
      workspaceId: DEFAULT_WORKSPACE_ID,
      viaCookie: false,
    });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
};

test('a refusal says whether the role or the scopes of the key are too narrow', () => {
  const permissions = new Set<never>();
  expect(refusal({ kind: 'user', role: 'viewer', permissions })).toContain('the role viewer');
  expect(refusal({ kind: 'api_key', role: 'member', permissions })).toContain('scopes of this key');
  expect(
    refusal({ kind: 'api_key', role: 'member', permissions: new Set(['agents:read']) }),
  ).toBeNull();
});
