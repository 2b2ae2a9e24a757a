'use client';

import * as Radix from 'radix-ui/tabs';
import type { ReactNode } from 'react';

export interface TabItem {
  value: string;
  label: string;
  /** Shown beside the label, e.g. a number of findings. */
  count?: number;
  content: ReactNode;
}

/** Tabs whose panels are made only when they are open. */
export function Tabs({
  label,
  items,
  value,
  onValueChange,
}: {
  label: string;
  items: TabItem[];
  value: string;
  onValueChange: (value: string) => void;
}) {
  return (
    <Radix.Root value={value} onValueChange={onValueChange}>
      <Radix.List
        aria-label={label}
        className="mb-5 flex overflow-x-auto sm:gap-1 border-b border-line [scrollbar-width:none]"
      >
        {items.map((item) => (
          <Radix.Trigger
            key={item.value}
            value={item.value}
            className="-mb-px inline-flex min-h-11 items-center gap-1.5 border-b-2 sm:gap-2 sm:px-3 sm:text-[0.9375rem] border-transparent px-2.5 text-sm font-medium whitespace-nowrap text-ink-soft hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {item.label}
            {item.count === undefined ? null : (
              <span className="rounded-full bg-sunken px-1.5 text-xs leading-5 sm:px-2 tabular-nums">
                {item.count}
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {items.map((item) => (
        <Radix.Content key={item.value} value={item.value} className="rounded-lg">
          {item.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}
