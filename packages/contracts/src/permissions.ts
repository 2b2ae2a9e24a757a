/** Every permission a route may ask for. */
export const PERMISSIONS = [
  'workspace:read',
  'members:read',
  'members:write',
  'keys:read',
  'keys:write',
  'agents:read',
  'agents:write',
  'personas:read',
  'personas:write',
  'recipes:read',
  'recipes:write',
  'recipes:run',
  'runs:read',
  'runs:control',
  'runs:approve',
  'credentials:read',
  'credentials:write',
  'audit:read',
  'webhooks:read',
  'webhooks:write',
  'tools:read',
  'providers:read',
  'providers:write',
  'models:call',
  'budgets:write',
  'usage:read',
  'system:read',
  'platform:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** What concerns all workspaces: of the operator, and of no role in one of them. */
const PLATFORM: readonly Permission[] = ['platform:write'];
const OF_WORKSPACE: readonly Permission[] = PERMISSIONS.filter((name) => !PLATFORM.includes(name));
const LOOK: Permission[] = OF_WORKSPACE.filter(
  (name) =>
    name.endsWith(':read') && !['keys:read', 'credentials:read', 'audit:read'].includes(name),
);
const WORK: Permission[] = [
  'agents:write',
  'personas:write',
  'recipes:write',
  'recipes:run',
  'runs:control',
  'runs:approve',
  'models:call',
];

/** What each role of a workspace may do. */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: LOOK,
  member: [...LOOK, 'credentials:read', ...WORK],
  admin: OF_WORKSPACE,
  owner: OF_WORKSPACE,
};

/** What a caller may do: the operator everything, others what their role in the workspace allows. */
export function permissionsOf(caller: Pick<Principal, 'kind' | 'role'>): ReadonlySet<Permission> {
  return new Set(caller.kind === 'operator' ? PERMISSIONS : ROLE_PERMISSIONS[caller.role]);
}

/** Who asks: resolved once per request by the identity room. */
export interface Principal {
  kind: 'user' | 'api_key' | 'operator';
  /** User id, or key id for keys. */
  id: string;
  name: string;
  role: Role;
  permissions: ReadonlySet<Permission>;
}
