'use client';

import { listUsers } from '@automatos/sdk';
import { Users } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { useSession } from '../session/use-session.ts';
import { AdminsOnly } from './admins-only.tsx';
import { SearchedList } from './searched-list.tsx';
import { UserRow } from './user-row.tsx';

function UserList() {
  const client = useApi();
  const myId = useSession().data?.user?.id ?? null;
  return (
    <SearchedList
      what="people"
      searched="Name or e-mail"
      icon={Users}
      none={['Nobody is called so', 'Search for a part of a name or of an e-mail address.']}
      read={async (query, signal) => (await listUsers({ client, query, signal })).data}
    >
      {(users) => (
        <ul aria-label="People" className="divide-y divide-line">
          {users.map((user) => (
            <UserRow key={user.id} user={user} me={user.id === myId} />
          ))}
        </ul>
      )}
    </SearchedList>
  );
}

/** All accounts of the installation. */
export function AdminUsers() {
  return (
    <>
      <PageHeader
        title="Users"
        lead="Every account of this installation: who administers it, who is locked out."
      />
      <AdminsOnly>
        <UserList />
      </AdminsOnly>
    </>
  );
}
