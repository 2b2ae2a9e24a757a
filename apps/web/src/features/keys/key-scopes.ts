import { PERMISSIONS, ROLE_PERMISSIONS } from '@automatos/contracts/permissions';
import type { ApiKey } from '@automatos/sdk';
import { sentence } from '../../lib/format.ts';

/** What an API key may do, by areas as people choose it. Pure. */

export type Scope = NonNullable<ApiKey['scopes']>[number];
export type KeyRole = 'admin' | 'member' | 'viewer';

export const KEY_ROLES: readonly KeyRole[] = ['viewer', 'member', 'admin'];

export interface ScopeArea {
  area: string;
  label: string;
  scopes: readonly { scope: Scope; label: string }[];
}

const LABELS: Partial<Record<string, string>> = { keys: 'API keys', audit: 'Audit log' };

/** Areas with the scopes that a role has, in the order of the contract. */
export function scopeAreas(role: KeyRole): ScopeArea[] {
  const own: readonly string[] = ROLE_PERMISSIONS[role];
  const areas = new Map<string, { scope: Scope; label: string }[]>();
  for (const scope of PERMISSIONS) {
    const [area = '', verb = ''] = scope.split(':');
    if (!own.includes(scope)) continue;
    areas.set(area, [...(areas.get(area) ?? []), { scope, label: sentence(verb).toLowerCase() }]);
  }
  return [...areas].map(([area, scopes]) => ({
    area,
    label: LABELS[area] ?? sentence(area),
    scopes,
  }));
}

/** Everything that a role may, as a list to begin with. */
export function scopesOf(role: KeyRole): Scope[] {
  return [...ROLE_PERMISSIONS[role]];
}

/** Those of `scopes` that the role has: a key never may more than its role. */
export function withinRole(scopes: readonly Scope[], role: KeyRole): Scope[] {
  const own: readonly string[] = ROLE_PERMISSIONS[role];
  return scopes.filter((scope) => own.includes(scope));
}

/** Each line as an origin; the first one that is none as a problem. */
export function originsOf(text: string): { origins: string[] } | { problem: string } {
  const lines = text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const wrong = lines.find((line) => {
    const url = URL.parse(line);
    return url === null || !/^https?:$/.test(url.protocol) || url.origin !== line;
  });
  return wrong === undefined
    ? { origins: [...new Set(lines)] }
    : { problem: `${wrong} is no origin such as https://app.example.com, without path or slash.` };
}
