'use client';

import { updateUser, type ListUsersResponse, type UpdateUserData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { plural } from '../../lib/format.ts';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

export type AdminUser = ListUsersResponse['items'][number];

interface Question {
  title: string;
  description: string;
  action: string;
  body: UpdateUserData['body'];
  done: string;
  danger: boolean;
}

/** What can be done to an account, each with what it means. */
function questions(user: AdminUser): Record<'lock' | 'admin' | 'mfa', Question> {
  const { name, email } = user;
  return {
    lock: user.disabled
      ? {
          title: `Unlock ${name}?`,
          description: `${email} can sign in again. Sessions from before stay ended.`,
          action: 'Unlock the account',
          body: { disabled: false },
          done: `${name} can sign in again`,
          danger: false,
        }
      : {
          title: `Lock ${name}?`,
          description: `All sessions and access tokens of ${email} end at once, and nobody can sign in with the account. It keeps its workspaces.`,
          action: 'Lock the account',
          body: { disabled: true },
          done: `${name} is locked out`,
          danger: true,
        },
    admin: user.platform_admin
      ? {
          title: `Take administration from ${name}?`,
          description: 'Their roles in workspaces stay. One administrator has to stay too.',
          action: 'Take it away',
          body: { platform_admin: false },
          done: `${name} no longer administers the installation`,
          danger: true,
        }
      : {
          title: `Make ${name} an administrator?`,
          description:
            'They see all accounts and workspaces of the installation by name, and can lock accounts. What is in workspaces stays closed to them.',
          action: 'Make an administrator',
          body: { platform_admin: true },
          done: `${name} administers the installation now`,
          danger: false,
        },
    mfa: {
      title: `Reset the second factor of ${name}?`,
      description: `For people who lost authenticator and backup codes: be sure that it is really ${email} who asks. Their password alone opens the account then.`,
      action: 'Reset the second factor',
      body: { reset_mfa: true },
      done: `The second factor of ${name} is off`,
      danger: true,
    },
  };
}

function AskDialog({
  user,
  question,
  onClose,
}: {
  user: AdminUser;
  question: Question;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const change = useMutation({
    mutationFn: () =>
      updateUser({
        client,
        path: { user_id: user.id },
        body: question.body,
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: question.done });
      void queries.invalidateQueries({ queryKey: ['admin', 'people'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={question.title}
      description={question.description}
      action={question.action}
      danger={question.danger}
      pending={change.isPending}
      error={change.error}
      onConfirm={() => change.mutate()}
      onClose={onClose}
    />
  );
}

/** One account of the installation. */
export function UserRow({ user, me }: { user: AdminUser; me: boolean }) {
  const [asking, setAsking] = useState<'lock' | 'admin' | 'mfa' | null>(null);
  const all = questions(user);
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-5 py-3.5 text-sm">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{user.name}</span>
          {me ? <Badge tone="ok">You</Badge> : null}
          {user.platform_admin ? <Badge tone="accent">Administrator</Badge> : null}
          {user.disabled ? <Badge tone="bad">Locked</Badge> : null}
          {user.mfa ? <Badge>Second factor</Badge> : null}
        </p>
        <p className="mt-0.5 text-[0.8125rem] text-ink-soft wrap-anywhere">
          {user.email} · {plural(user.workspaces, 'workspace')} · made{' '}
          <RelativeTime time={user.created_at} /> ·{' '}
          {user.last_seen_at === null ? (
            'not seen yet'
          ) : (
            <>
              seen <RelativeTime time={user.last_seen_at} />
            </>
          )}
        </p>
      </div>
      <div className="flex flex-wrap gap-1.5">
        {user.mfa ? (
          <Button size="sm" onClick={() => setAsking('mfa')}>
            Reset second factor <span className="sr-only">of {user.name}</span>
          </Button>
        ) : null}
        <Button size="sm" onClick={() => setAsking('admin')}>
          {user.platform_admin ? 'Take administration' : 'Make administrator'}
          <span className="sr-only">
            {user.platform_admin ? 'from' : ''} {user.name}
          </span>
        </Button>
        <Button
          size="sm"
          variant={user.disabled ? 'secondary' : 'danger'}
          disabled={me}
          title={me ? 'You cannot lock yourself out' : undefined}
          onClick={() => setAsking('lock')}
        >
          {user.disabled ? 'Unlock' : 'Lock'} <span className="sr-only">{user.name}</span>
        </Button>
      </div>
      {asking === null ? null : (
        <AskDialog user={user} question={all[asking]} onClose={() => setAsking(null)} />
      )}
    </li>
  );
}
