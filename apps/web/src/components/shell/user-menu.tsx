"use client";

import { LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { toast } from "sonner";
import { useSession, useSignOut } from "../../features/session/use-session.ts";
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu.tsx";
import { Skeleton } from "../ui/skeleton.tsx";

const THEMES = [
  { value: "light", label: "Light", icon: <Sun aria-hidden className="size-4" /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden className="size-4" /> },
  { value: "system", label: "As the system", icon: <Monitor aria-hidden className="size-4" /> },
];

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}

/** Who is signed in and where; theme and sign-out behind it. */
export function UserMenu({ compact = false }: { compact?: boolean }) {
  const session = useSession().data;
  const signOut = useSignOut();
  const { theme = "system", setTheme } = useTheme();
  if (session === undefined) return <Skeleton className={compact ? "size-11 rounded-full" : "h-12"} />;
  const { name } = session.principal;
  const leave = () => {
    signOut().catch(() => toast.error("Sign-out did not reach the server. Try again."));
  };
  return (
    <Menu
      side={compact ? "bottom" : "top"}
      align={compact ? "end" : "start"}
      trigger={
        <button
          type="button"
          aria-label={`Account: ${name}`}
          className="flex min-h-11 w-full items-center gap-3 rounded-lg p-1.5 text-left hover:bg-sunken"
        >
          <span
            aria-hidden
            className="inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-accent-soft text-xs font-semibold text-accent-strong"
          >
            {initials(name)}
          </span>
          {compact ? null : (
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium">{name}</span>
              <span className="block truncate text-xs text-ink-soft">{session.workspace.name}</span>
            </span>
          )}
        </button>
      }
    >
      <MenuLabel>
        <span className="block font-medium">{name}</span>
        <span className="block text-xs text-ink-soft">
          {session.user === null ? session.principal.kind : session.user.email} ·{" "}
          {session.workspace.role}
        </span>
      </MenuLabel>
      <MenuSeparator />
      <MenuChoices label="Theme" value={theme} onValueChange={setTheme} items={THEMES} />
      <MenuSeparator />
      <MenuItem onSelect={leave}>
        <LogOut aria-hidden className="size-4" /> Sign out
      </MenuItem>
    </Menu>
  );
}
