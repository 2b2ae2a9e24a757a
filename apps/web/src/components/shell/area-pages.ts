import type { Session } from '@automatos/sdk';

export type Area = 'settings' | 'admin';

interface AreaPage {
  href: string;
  label: string;
  /** Shown to those who have it. */
  permission?: Session['permissions'][number];
}

/** Parts of the application with several pages, and what they are called. */
export const AREAS: Record<Area, { label: string; pages: readonly AreaPage[] }> = {
  settings: {
    label: 'Settings',
    pages: [
      { href: '/settings', label: 'Account' },
      { href: '/settings/my-data', label: 'My data' },
      { href: '/settings/workspace', label: 'Workspace', permission: 'workspace:read' },
      { href: '/settings/members', label: 'Team', permission: 'members:read' },
      { href: '/settings/keys', label: 'API keys', permission: 'keys:read' },
      { href: '/settings/webhooks', label: 'Webhooks', permission: 'webhooks:read' },
      { href: '/settings/audit', label: 'Audit log', permission: 'audit:read' },
      { href: '/settings/security', label: 'Security', permission: 'security:read' },
      { href: '/settings/privacy', label: 'Privacy', permission: 'privacy:read' },
    ],
  },
  admin: {
    label: 'Administration',
    pages: [
      { href: '/admin/users', label: 'Users', permission: 'platform:write' },
      { href: '/admin/workspaces', label: 'Workspaces', permission: 'platform:write' },
    ],
  },
};
