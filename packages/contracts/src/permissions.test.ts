import { expect, test } from 'vitest';
import { PERMISSIONS, ROLES, ROLE_PERMISSIONS, permissionsOf } from './permissions.ts';

test('credentials: viewers see none, members see them masked, admins and owners change them', () => {
  const may = (permission: (typeof PERMISSIONS)[number]) =>
    ROLES.filter((role) => ROLE_PERMISSIONS[role].includes(permission));
  expect(may('credentials:read')).toEqual(['owner', 'admin', 'member']);
  expect(may('credentials:write')).toEqual(['owner', 'admin']);
});

test('what concerns all workspaces belongs to no role, only to the operator', () => {
  for (const role of ROLES) {
    expect(ROLE_PERMISSIONS[role]).not.toContain('platform:write');
    expect(permissionsOf({ kind: 'user', role })).toEqual(new Set(ROLE_PERMISSIONS[role]));
  }
  expect(permissionsOf({ kind: 'operator', role: 'owner' })).toEqual(new Set(PERMISSIONS));
});
