'use client';

import { listMembers } from '@automatos/sdk';
import { UserPlus, Users } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { AddressSearch } from '../../components/ui/address-search.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useMay, useSession } from '../session/use-session.ts';
import { Invitations } from './invitations.tsx';
import { MemberRow } from './member-row.tsx';

const InviteDialog = dynamic(async () => (await import('./invite-dialog.tsx')).InviteDialog, {
  ssr: false,
});

/** People of the workspace, their roles, and who is asked to join. */
export function Members() {
  const client = useApi();
  const session = useSession().data;
  const mayWrite = useMay('members:write');
  const [search] = useSearchParam('q');
  const [inviting, setInviting] = useState(false);
  const workspace = session?.workspace;
  const { query, items } = usePaged(
    ['members', workspace?.id, search],
    async (cursor, signal) => {
      const filter = search === null ? {} : { search };
      const paging = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
      const path = { workspace_id: workspace?.id ?? '' };
      return (await listMembers({ client, path, query: { ...filter, ...paging }, signal })).data;
    },
    { enabled: workspace !== undefined },
  );
  if (session === undefined || workspace === undefined) return null;
  const whole = search === null && !query.hasNextPage;
  const place = {
    workspace,
    myId: session.user?.id ?? null,
    mayWrite,
    owners: whole ? (items?.filter(({ role }) => role === 'owner').length ?? null) : null,
  };
  return (
    <>
      <PageHeader
        title="Team"
        lead={`Who is in ${workspace.name}, and what they may do.`}
        actions={
          mayWrite ? (
            <Button variant="primary" onClick={() => setInviting(true)}>
              <UserPlus aria-hidden className="size-4" /> Invite
            </Button>
          ) : undefined
        }
      />
      <div className="grid grid-cols-1 gap-8">
        <Section
          title="Members"
          actions={
            <div className="w-56 max-w-full">
              <AddressSearch
                label="Search the team"
                placeholder="Name or e-mail"
                value={search}
                maxLength={100}
              />
            </div>
          }
        >
          {query.isError ? (
            <ErrorState
              what="The team could not be loaded"
              error={query.error}
              onRetry={() => void query.refetch()}
            />
          ) : items === undefined ? (
            <div className="p-5">
              <SkeletonList label="team" rows={3} height="h-12" />
            </div>
          ) : items.length === 0 ? (
            <EmptyState icon={Users} title="Nobody is called so">
              Search for a part of a name or of an e-mail address.
            </EmptyState>
          ) : (
            <ul aria-label="Members" className="divide-y divide-line">
              {items.map((member) => (
                <MemberRow key={member.user_id} member={member} place={place} />
              ))}
            </ul>
          )}
          <LoadMore query={query} />
        </Section>
        <Invitations workspaceId={workspace.id} mayWrite={mayWrite} />
      </div>
      {inviting ? <InviteDialog workspace={workspace} onClose={() => setInviting(false)} /> : null}
    </>
  );
}
