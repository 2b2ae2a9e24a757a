"use client";

import * as Radix from "radix-ui/tooltip";
import type { ReactNode } from "react";

/** Adds an explanation to an element that can be focused; never the only place of something needed. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={300}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content
            sideOffset={6}
            className="z-50 max-w-72 rounded-lg bg-ink px-3 py-2 text-xs text-paper shadow-card animate-rise"
          >
            {text}
            <Radix.Arrow className="fill-ink" />
          </Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  );
}
