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
  'webhooks:read',
  'webhooks:write',
  'tools:read',
  'providers:read',
  'providers:write',
  'models:call',
  'budgets:write',
  'usage:read',
  'system:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const READ: Permission[] = PERMISSIONS.filter(
  (name) => name.endsWith(':read') && name !== 'keys:read',
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
  viewer: READ,
  member: [...READ, ...WORK],
  admin: PERMISSIONS,
  owner: PERMISSIONS,
};

/** Who asks: resolved once per request by the identity room. */
export interface Principal {
  kind: 'user' | 'api_key' | 'operator';
  /** User id, or key id for keys. */
  id: string;
  name: string;
  role: Role;
  permissions: ReadonlySet<Permission>;
}
