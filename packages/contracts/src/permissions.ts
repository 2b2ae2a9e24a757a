/** Every permission a route may ask for. */
export const PERMISSIONS = [
  'workspace:read',
  'workspace:write',
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
  'security:read',
  'security:write',
  'privacy:read',
  'privacy:write',
  'webhooks:read',
  'webhooks:write',
  'tools:read',
  'tools:write',
  'tasks:read',
  'tasks:run',
  'patterns:read',
  'patterns:write',
  'mcp:use',
  'mcp:read',
  'mcp:write',
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

/** What concerns all workspaces: of the operator and of platform administrators, and of no role in one of them. */
const PLATFORM: readonly Permission[] = ['platform:write'];
const OF_WORKSPACE: readonly Permission[] = PERMISSIONS.filter((name) => !PLATFORM.includes(name));
/** Reading these tells of other people or of ways in. */
const CLOSE: readonly Permission[] = [
  'keys:read',
  'credentials:read',
  'audit:read',
  'security:read',
  'privacy:read',
];
/** Speaking the protocol gives nobody more than they have. */
const LOOK: Permission[] = OF_WORKSPACE.filter(
  (name) => (name.endsWith(':read') && !CLOSE.includes(name)) || name === 'mcp:use',
);
const WORK: Permission[] = [
  'agents:write',
  'personas:write',
  'recipes:write',
  'recipes:run',
  'runs:control',
  'runs:approve',
  'models:call',
  'tasks:run',
  'patterns:write',
];

/** What each role of a workspace may do. */
export const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = {
  viewer: LOOK,
  member: [...LOOK, 'credentials:read', ...WORK],
  admin: OF_WORKSPACE,
  owner: OF_WORKSPACE,
};

/**
 * What a caller may do: the operator everything, others what their role in the workspace allows, platform administrators what
 * concerns all workspaces besides. `scopes` narrow it and never widen it.
 */
export function permissionsOf(
  caller: Pick<Principal, 'kind' | 'role' | 'platformAdmin'> & {
    scopes?: readonly Permission[] | null | undefined;
  },
): ReadonlySet<Permission> {
  if (caller.kind === 'operator') return new Set(PERMISSIONS);
  const own = [
    ...ROLE_PERMISSIONS[caller.role],
    ...(caller.platformAdmin === true ? PLATFORM : []),
  ];
  const { scopes } = caller;
  return new Set(scopes ? own.filter((name) => scopes.includes(name)) : own);
}

/** Who asks: resolved once per request by the identity room. */
export interface Principal {
  kind: 'user' | 'api_key' | 'operator';
  /** User id, or key id for keys. */
  id: string;
  name: string;
  role: Role;
  permissions: ReadonlySet<Permission>;
  /** A person who administers the whole installation, beside their role in the workspace. */
  platformAdmin?: boolean;
}
