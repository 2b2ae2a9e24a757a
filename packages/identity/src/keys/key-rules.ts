import { PERMISSIONS, ROLE_PERMISSIONS, permissionsOf } from '@automatos/contracts';
import type { Permission, Principal, Role } from '@automatos/contracts';
import { PlatformError, invalidInput } from '@automatos/kernel';

/** What decides what a key may do, and from where. */
export interface KeySettings {
  kind: 'server' | 'browser';
  role: Role;
  /** Null: everything that the role may, of browser keys without what those never may. */
  scopes: readonly Permission[] | null;
  origins: readonly string[];
}

/** What a key that stands in pages for everybody to read never may. */
export const NEVER_OF_BROWSER_KEYS: readonly Permission[] = [
  'keys:write',
  'members:write',
  'credentials:write',
  'workspace:write',
  'security:write',
  'privacy:write',
  'platform:write',
];

/** What a key may do. The edge asks this at each request, so that a row that says more gives no more. */
export function permissionsOfKey({ kind, role, scopes }: KeySettings): ReadonlySet<Permission> {
  const all = permissionsOf({ kind: 'api_key', role, scopes });
  if (kind === 'server') return all;
  return new Set([...all].filter((name) => !NEVER_OF_BROWSER_KEYS.includes(name)));
}

/** Throws for settings that fit neither the kind nor the role, or would give more than `caller` has. */
export function assertSettings(key: KeySettings, caller: Principal): void {
  assertOrigins(key);
  assertScopes(key);
  assertWithin(key, caller);
}

function assertOrigins({ kind, origins }: KeySettings): void {
  if (kind === 'browser' && origins.length === 0) {
    throw refused('api_key.origins.missing', '/origins', {
      message: 'A browser key needs at least one origin that it may be used from.',
      reason: 'is empty',
    });
  }
  if (kind === 'server' && origins.length > 0) {
    throw refused('api_key.origins.unexpected', '/origins', {
      message: 'A server key has no origins; make a browser key for pages.',
      reason: 'must be empty',
    });
  }
}

function assertScopes({ kind, role, scopes }: KeySettings): void {
  if (scopes === null) return;
  const never = kind === 'browser' ? scopes.filter((s) => NEVER_OF_BROWSER_KEYS.includes(s)) : [];
  if (never.length > 0) {
    throw refused('api_key.scopes.browser', '/scopes', {
      message: `A browser key can be read by everybody, so it never holds ${never.join(', ')}.`,
      reason: `${never.join(', ')} not for browser keys`,
    });
  }
  const beyond = scopes.filter((name) => !ROLE_PERMISSIONS[role].includes(name));
  if (beyond.length > 0) {
    throw refused('api_key.scopes.beyond_role', '/scopes', {
      message: `The role ${role} does not have ${beyond.join(', ')}; choose another role, or leave them out.`,
      reason: `${beyond.join(', ')} beyond the role`,
    });
  }
}

/**
 * Nobody makes a key, changes one or takes its new secret that may do what they may not: else a narrow key with `keys:write` would
 * be a wide one.
 */
export function assertWithin(key: KeySettings, caller: Principal): void {
  const held = permissionsOfKey(key);
  const beyond = PERMISSIONS.filter((name) => held.has(name) && !caller.permissions.has(name));
  if (beyond.length === 0) return;
  throw new PlatformError({
    code: 'api_key.scopes.beyond_caller',
    kind: 'forbidden',
    message: `This key would hold more than you do: ${beyond.join(', ')}. Name scopes that you have.`,
    errors: [{ pointer: '/scopes', message: `${beyond.join(', ')} beyond your own permissions` }],
  });
}

function refused(
  code: string,
  pointer: string,
  { message, reason }: { message: string; reason: string },
): PlatformError {
  return invalidInput(message, [{ pointer, message: reason }], code);
}

/**
 * Browser keys count only from their origins, server keys never from pages of other sites: a server key that is in a page is one that
 * everybody can read, and its owner should learn of it at the first try.
 */
export function assertUsedWhereAllowed(
  key: Pick<KeySettings, 'kind' | 'origins'>,
  headers: Readonly<Record<string, string | undefined>>,
): void {
  const { origin } = headers;
  if (key.kind === 'browser') {
    if (origin !== undefined && key.origins.includes(origin)) return;
    throw new PlatformError({
      code: 'identity.key.origin_refused',
      kind: 'forbidden',
      message:
        origin === undefined
          ? 'This is a browser key, and the request names no origin; use a server key (ak_srv_…) outside of pages.'
          : 'This browser key may not be used from the page that sent the request; add its origin to the key.',
    });
  }
  const isForeignPage =
    origin !== undefined &&
    headers['sec-fetch-mode'] === 'cors' &&
    headers['sec-fetch-site'] === 'cross-site';
  if (!isForeignPage) return;
  throw new PlatformError({
    code: 'identity.key.in_page',
    kind: 'forbidden',
    message:
      'This server key was sent by a page, where everybody can read it. Revoke it, and use a browser key (ak_pub_…) there.',
  });
}
