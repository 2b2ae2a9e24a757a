'use client';

import { Dialog } from './dialog.tsx';
import { SecretOnce } from './secret-once.tsx';

interface NewSecretDialogProps {
  /** The mutation that made it; nothing is shown before it succeeded. */
  rotate: { data: string | undefined; reset: () => void };
  /** Who has to get it, e.g. "the sender". */
  who: string;
}

/** Shows a new secret this one time. */
export function NewSecretDialog({ rotate, who }: NewSecretDialogProps) {
  if (rotate.data === undefined) return null;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : rotate.reset())}
      title="The new secret"
    >
      <SecretOnce label="secret" secret={rotate.data} onDone={() => rotate.reset()}>
        Give it to {who} now. It cannot be shown again.
      </SecretOnce>
    </Dialog>
  );
}
