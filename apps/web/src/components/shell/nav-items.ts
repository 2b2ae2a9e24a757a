import type { Session } from '@automatos/sdk';
import {
  BookOpenText,
  Bot,
  ChartColumnStacked,
  CookingPot,
  Hand,
  ListChecks,
  KeyRound,
  LayoutDashboard,
  Plug,
  Settings,
  ShieldUser,
  Wrench,
  type LucideIcon,
} from 'lucide-react';

export interface NavItem {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Stands in the bar at the bottom of phones; the others stand behind "More". */
  onPhone: boolean;
  /** Shown to those who have it. */
  permission?: Session['permissions'][number];
}

export const NAV_ITEMS: readonly NavItem[] = [
  { href: '/', label: 'Dashboard', icon: LayoutDashboard, onPhone: true },
  { href: '/tasks', label: 'Tasks', icon: ListChecks, onPhone: false },
  { href: '/recipes', label: 'Recipes', icon: BookOpenText, onPhone: true },
  { href: '/runs', label: 'Runs', icon: CookingPot, onPhone: true },
  { href: '/agents', label: 'Agents', icon: Bot, onPhone: true },
  { href: '/approvals', label: 'Approvals', icon: Hand, onPhone: false },
  { href: '/tools', label: 'Tools', icon: Wrench, onPhone: false },
  {
    href: '/credentials',
    label: 'Credentials',
    icon: KeyRound,
    onPhone: false,
    permission: 'credentials:read',
  },
  { href: '/providers', label: 'Providers', icon: Plug, onPhone: false },
  { href: '/usage', label: 'Usage', icon: ChartColumnStacked, onPhone: false },
  { href: '/settings', label: 'Settings', icon: Settings, onPhone: false },
  {
    href: '/admin',
    label: 'Admin',
    icon: ShieldUser,
    onPhone: false,
    permission: 'platform:write',
  },
];

export function isCurrent(href: string, pathname: string): boolean {
  return href === '/' ? pathname === '/' : pathname === href || pathname.startsWith(`${href}/`);
}
