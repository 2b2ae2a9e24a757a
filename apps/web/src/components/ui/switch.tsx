'use client';

import * as Radix from 'radix-ui/switch';

export function Switch({
  id,
  checked,
  onCheckedChange,
  describedBy,
}: {
  id: string;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  describedBy?: string | undefined;
}) {
  return (
    <Radix.Root
      id={id}
      checked={checked}
      onCheckedChange={onCheckedChange}
      aria-describedby={describedBy}
      className="relative h-7 w-12 shrink-0 rounded-full border border-line-strong bg-sunken transition-colors data-[state=checked]:border-accent data-[state=checked]:bg-accent"
    >
      <Radix.Thumb className="block size-5 translate-x-0.5 rounded-full bg-line-strong transition-transform data-[state=checked]:translate-x-[1.5rem] data-[state=checked]:bg-on-accent" />
    </Radix.Root>
  );
}
