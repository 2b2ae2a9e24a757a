'use client';

import { DoorOpen, LogOut, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { useSignOut } from '../session/use-session.ts';

const CreateWorkspaceDialog = dynamic(
  async () => (await import('./create-workspace-dialog.tsx')).CreateWorkspaceDialog,
  { ssr: false },
);

/** For people who are signed in and in no workspace, e.g. after they were removed from their only one. */
export function NoWorkspace() {
  const signOut = useSignOut();
  const notify = useToast();
  const [creating, setCreating] = useState(false);
  const leave = () => {
    signOut().catch(() =>
      notify({ kind: 'error', title: 'Sign-out did not reach the server. Try again.' }),
    );
  };
  return (
    <Card>
      <h1 className="sr-only">No workspace</h1>
      <EmptyState
        icon={DoorOpen}
        title="You are in no workspace"
        action={
          <>
            <Button variant="primary" onClick={() => setCreating(true)}>
              <Plus aria-hidden className="size-4" /> New workspace
            </Button>
            <Button onClick={leave}>
              <LogOut aria-hidden className="size-4" /> Sign out
            </Button>
          </>
        }
      >
        Make one of your own, or open the link of an invitation. Whoever removed you from one can
        invite you again.
      </EmptyState>
      {creating ? <CreateWorkspaceDialog onClose={() => setCreating(false)} /> : null}
    </Card>
  );
}
