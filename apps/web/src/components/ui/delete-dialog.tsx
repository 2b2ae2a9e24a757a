'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import type { ReactNode } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { useToast } from './toast.tsx';

/** Asks before something with a name is deleted, and reads its list again after. */
export function DeleteDialog({
  name,
  what,
  description,
  area,
  remove,
  goTo,
  onClose,
}: {
  name: string;
  /** What the button says is deleted, e.g. "recipe". */
  what: string;
  description: ReactNode;
  /** First part of the keys of its queries. */
  area: string;
  remove: () => Promise<unknown>;
  /** Page to open after, when the one shown is of what is gone. */
  goTo?: string;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const router = useRouter();
  const notify = useToast();
  const deletion = useMutation({
    mutationFn: remove,
    onSuccess: () => {
      notify({ kind: 'success', title: `${name} is deleted` });
      void queries.invalidateQueries({ queryKey: [area] });
      onClose();
      if (goTo !== undefined) router.push(goTo);
    },
  });
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      description={description}
      action={`Delete the ${what}`}
      pending={deletion.isPending}
      error={deletion.error}
      onConfirm={() => deletion.mutate()}
      onClose={onClose}
    />
  );
}
