'use client';

import { removeMember, updateMember, type ListMembersResponse } from '@automatos/sdk';
import { useMutation, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { LogOut, UserMinus } from 'lucide-react';
import { useId, useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { Select } from '../../components/ui/input.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { keepWorkspaceChoice } from '../../lib/workspace-choice.ts';
import { removalLock, roleLock, ROLES, rolesToGive, type Role } from './role-rules.ts';

export type Member = ListMembersResponse['items'][number];
type Pages = InfiniteData<ListMembersResponse>;

interface Place {
  workspace: { id: string; name: string; role: Role };
  myId: string | null;
  mayWrite: boolean;
  owners: number | null;
}

/** The new role stands in the list at once, and the old one again when the server refused. */
function useRole(member: Member, workspaceId: string) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const queryKey = ['members'];
  const put = (role: Role) =>
    queries.setQueriesData<Pages>({ queryKey }, (data) =>
      data === undefined
        ? data
        : {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.map((each) =>
                each.user_id === member.user_id ? { ...each, role } : each,
              ),
            })),
          },
    );
  return useMutation({
    mutationFn: (role: Role) =>
      updateMember({
        client,
        path: { workspace_id: workspaceId, user_id: member.user_id },
        body: { role },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onMutate: async (role) => {
      await queries.cancelQueries({ queryKey });
      put(role);
      return { before: member.role };
    },
    onSuccess: (_answer, role, { before }) =>
      notify({
        kind: 'success',
        title: `${member.name} is ${role} now`,
        detail: `Before: ${before}. Counts from the next request on.`,
      }),
    onError: (error, _role, kept) => {
      if (kept !== undefined) put(kept.before);
      notify({
        kind: 'error',
        title: 'The role could not be changed',
        detail: problemText(error),
      });
    },
    onSettled: () => {
      void queries.invalidateQueries({ queryKey });
      void queries.invalidateQueries({ queryKey: ['session'] });
    },
  });
}

function RemoveDialog({
  member,
  place,
  onClose,
}: {
  member: Member;
  place: Place;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const me = member.user_id === place.myId;
  const remove = useMutation({
    mutationFn: () =>
      removeMember({
        client,
        path: { workspace_id: place.workspace.id, user_id: member.user_id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      if (me) {
        keepWorkspaceChoice(null);
        window.location.assign('/');
        return;
      }
      notify({ kind: 'success', title: `${member.name} is removed` });
      void queries.invalidateQueries({ queryKey: ['members'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={me ? `Leave ${place.workspace.name}?` : `Remove ${member.name}?`}
      description={
        me
          ? 'You see nothing of it any more until somebody invites you again. What you made stays.'
          : `${member.email} sees nothing of ${place.workspace.name} any more, from the next request on. What they made stays.`
      }
      action={me ? 'Leave the workspace' : 'Remove from the workspace'}
      pending={remove.isPending || (me && remove.isSuccess)}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}

/** One person of the workspace, with their role and the way out. */
export function MemberRow({ member, place }: { member: Member; place: Place }) {
  const id = useId();
  const [leaving, setLeaving] = useState(false);
  const change = useRole(member, place.workspace.id);
  const me = member.user_id === place.myId;
  const situation = { mine: place.workspace.role, mayWrite: place.mayWrite, owners: place.owners };
  const locked = roleLock(member.role, situation);
  const stays = removalLock({ role: member.role, me }, situation);
  const given = rolesToGive(situation.mine);
  const Icon = me ? LogOut : UserMinus;
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3 px-5 py-3.5 text-sm">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium wrap-anywhere">{member.name}</span>
          {me ? <Badge tone="ok">You</Badge> : null}
          {member.mfa ? null : <Badge tone="warn">No second factor</Badge>}
        </p>
        <p className="mt-0.5 text-[0.8125rem] text-ink-soft wrap-anywhere">
          {member.email} · joined <RelativeTime time={member.joined_at} /> ·{' '}
          {member.last_seen_at === null ? (
            'not seen yet'
          ) : (
            <>
              seen <RelativeTime time={member.last_seen_at} />
            </>
          )}
        </p>
      </div>
      <div className="grid gap-1 sm:justify-items-end">
        <div className="flex items-center gap-2">
          <Select
            aria-label={`Role of ${member.name}`}
            aria-describedby={locked === null ? undefined : id}
            className="w-32"
            disabled={locked !== null || change.isPending}
            value={member.role}
            onChange={({ target }) => change.mutate(target.value as Role)}
          >
            {ROLES.map(({ role, label, help }) => (
              <option
                key={role}
                value={role}
                disabled={!given.includes(role) && role !== member.role}
                title={help}
              >
                {label}
              </option>
            ))}
          </Select>
          <Button
            size="sm"
            disabled={stays !== null}
            title={stays ?? undefined}
            onClick={() => setLeaving(true)}
          >
            <Icon aria-hidden className="size-4" />
            {me ? 'Leave' : 'Remove'}
            {me ? null : <span className="sr-only">{member.name}</span>}
          </Button>
        </div>
        {locked === null || !place.mayWrite ? null : (
          <p id={id} className="max-w-72 text-xs text-ink-soft sm:text-right">
            {locked}
          </p>
        )}
      </div>
      {leaving ? (
        <RemoveDialog member={member} place={place} onClose={() => setLeaving(false)} />
      ) : null}
    </li>
  );
}
