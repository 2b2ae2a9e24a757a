import type { ReactNode } from 'react';

/** What every window over the page takes. */
export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence under the title; also read to screen readers. */
  description?: ReactNode;
  children: ReactNode;
}
