'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import { useId, useSyncExternalStore } from 'react';
import { cn } from '../ui/cn.ts';

const THEMES = [
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
  { value: 'system', label: 'System', icon: Monitor },
];

const never = () => () => {};

/** Light, dark, or as the system says. */
export function ThemeChoice() {
  const { theme, setTheme } = useTheme();
  const group = useId();
  // The choice lives in this browser, so the server cannot know it.
  const inBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset>
      <legend className="sr-only">Theme</legend>
      <div className="flex gap-1 rounded-lg bg-sunken p-1">
        {THEMES.map(({ value, label, icon: Icon }) => (
          <label
            key={value}
            className={cn(
              'inline-flex min-h-10 flex-1 cursor-pointer items-center justify-center gap-1.5 rounded-md px-2.5 text-[0.8125rem] font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-1 has-focus-visible:outline-accent sm:min-h-8',
              inBrowser && theme === value
                ? 'bg-surface text-accent-strong shadow-card dark:bg-accent-soft'
                : 'text-ink-soft hover:text-ink',
            )}
          >
            <input
              type="radio"
              name={group}
              value={value}
              checked={inBrowser && theme === value}
              onChange={() => setTheme(value)}
              className="sr-only"
            />
            <Icon aria-hidden className="size-4" />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
