'use client';

import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorState } from './error-state.tsx';

/** Asks before something that cannot be taken back easily; shows why it failed when it did. */
export function ConfirmDialog({
  title,
  description,
  action,
  pending,
  error,
  danger = true,
  onConfirm,
  onClose,
}: {
  title: string;
  description: ReactNode;
  /** What the button says, e.g. "Delete the schedule". */
  action: string;
  pending: boolean;
  error: unknown;
  danger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={title}
      description={description}
    >
      <div className="grid gap-4">
        {error === null || error === undefined ? null : (
          <ErrorState compact what="That did not work" error={error} />
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button variant={danger ? 'danger' : 'primary'} pending={pending} onClick={onConfirm}>
            {action}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
