import { expect, it } from 'vitest';
import { removalLock, roleLock, rolesToGive } from './role-rules.ts';

const owner = { mine: 'owner', mayWrite: true, owners: 2 } as const;
const admin = { mine: 'admin', mayWrite: true, owners: 1 } as const;
const viewer = { mine: 'viewer', mayWrite: false, owners: 1 } as const;

it('roles are changed by those who may, owners by owners, and one owner stays', () => {
  expect(roleLock('member', admin)).toBeNull();
  expect(roleLock('member', viewer)).toMatch(/Admins and owners/);
  expect(roleLock('owner', admin)).toMatch(/Only owners/);
  expect(roleLock('owner', owner)).toBeNull();
  expect(roleLock('owner', { ...owner, owners: 1 })).toMatch(/One owner stays/);
  expect(roleLock('owner', { ...owner, owners: null })).toBeNull();
  expect(rolesToGive('admin')).toEqual(['admin', 'member', 'viewer']);
  expect(rolesToGive('owner')).toContain('owner');
});

it('everybody may leave but the last owner; others are removed as their role is changed', () => {
  expect(removalLock({ role: 'viewer', me: true }, viewer)).toBeNull();
  expect(removalLock({ role: 'viewer', me: false }, viewer)).toMatch(/Admins and owners/);
  expect(removalLock({ role: 'owner', me: true }, { ...owner, owners: 1 })).toMatch(/last owner/);
  expect(removalLock({ role: 'owner', me: true }, owner)).toBeNull();
  expect(removalLock({ role: 'owner', me: false }, { ...admin, owners: 2 })).toMatch(/Only owners/);
  expect(removalLock({ role: 'member', me: false }, admin)).toBeNull();
});
