'use client';

import { listCredentials } from '@automatos/sdk';
import { KeyRound, LockKeyhole, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { useMay } from '../session/use-session.ts';
import { useCredentialTypes } from './credential-queries.ts';
import { CredentialRow } from './credential-row.tsx';
import type { CredentialScope } from './credential-views.ts';

const CredentialDialog = dynamic(
  async () => (await import('./credential-dialog.tsx')).CredentialDialog,
  { ssr: false },
);

const LEAD =
  'Keys and passwords with which agents, tools and models act at other services. They are encrypted, and nobody gets a secret out again.';

function useCredentialList(scope: CredentialScope, type: string | null, enabled: boolean) {
  const client = useApi();
  const filter = { scope, ...(type === null ? {} : { type }) };
  return usePaged(
    ['credentials', filter],
    async (cursor, signal) => {
      const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      return (await listCredentials({ client, query: { ...filter, ...paging }, signal })).data;
    },
    { enabled },
  );
}

function Filters({ scopes }: { scopes: boolean }) {
  const types = useCredentialTypes().data ?? [];
  const [scope, setScope] = useSearchParam('scope');
  const [type, setType] = useSearchParam('type');
  return (
    <div className="mb-4 flex flex-wrap gap-2">
      <Select
        aria-label="Kind"
        className="min-w-36 flex-1 sm:max-w-56"
        value={type ?? ''}
        onChange={({ target }) => setType(target.value)}
      >
        <option value="">All kinds</option>
        {types.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
      {scopes ? (
        <Select
          aria-label="Where they count"
          className="min-w-36 flex-1 sm:max-w-56"
          value={scope === 'platform' ? 'platform' : ''}
          onChange={({ target }) => setScope(target.value)}
        >
          <option value="">This workspace</option>
          <option value="platform">The whole platform</option>
        </Select>
      ) : null}
    </div>
  );
}

/** Keys and passwords for other services. */
export function Credentials() {
  const mayRead = useMay('credentials:read');
  const mayWrite = useMay('credentials:write');
  const scopes = useMay('platform:write');
  const [asked] = useSearchParam('scope');
  const [kind] = useSearchParam('type');
  // Which dialog is open: a kind or `new`, or the id of the one that is changed.
  const [making, setMaking] = useSearchParam('new');
  const [editing, setEditing] = useSearchParam('edit');
  const types = useCredentialTypes();
  const scope = asked === 'platform' && scopes ? 'platform' : 'workspace';
  const { query, items } = useCredentialList(scope, kind, mayRead);
  if (!mayRead)
    return (
      <>
        <PageHeader title="Credentials" lead={LEAD} />
        <Card>
          <EmptyState icon={LockKeyhole} title="Your role sees no credentials">
            Members, admins and owners of the workspace do. Ask one of them if you need one.
          </EmptyState>
        </Card>
      </>
    );
  const add = mayWrite ? (
    <Button variant="primary" onClick={() => setMaking('any')}>
      <Plus aria-hidden className="size-4" /> New credential
    </Button>
  ) : undefined;
  const filtered = kind !== null;
  const failed = query.isError ? query : types.isError ? types : null;
  const edited = items?.find(({ id }) => id === editing) ?? null;
  return (
    <>
      <PageHeader
        title="Credentials"
        lead={LEAD}
        actions={items?.length === 0 && !filtered ? undefined : add}
      />
      <Filters scopes={scopes} />
      <Card>
        {failed !== null ? (
          <ErrorState
            what="Credentials could not be loaded"
            error={failed.error}
            onRetry={() => void failed.refetch()}
          />
        ) : items === undefined || types.data === undefined ? (
          <div className="p-5">
            <SkeletonList label="credentials" rows={3} height="h-20" />
          </div>
        ) : items.length === 0 ? (
          <EmptyState
            icon={KeyRound}
            title={filtered ? 'None of this kind' : 'No credentials yet'}
            action={filtered ? undefined : add}
          >
            {filtered
              ? 'Choose another kind, or store one.'
              : mayWrite
                ? 'Begin with the key of a model vendor: calls take it before anything from the environment. Then the services that your tools need.'
                : 'Admins and owners of the workspace can store some.'}
          </EmptyState>
        ) : (
          <ul aria-label="Credentials" className="divide-y divide-line">
            {items.map((credential) => (
              <CredentialRow
                key={credential.id}
                credential={credential}
                type={types.data.find(({ id }) => id === credential.type)}
                mayWrite={mayWrite}
                onEdit={() => setEditing(credential.id)}
              />
            ))}
          </ul>
        )}
        <LoadMore query={query} />
      </Card>
      {mayWrite && types.data !== undefined && making !== null ? (
        <CredentialDialog
          types={types.data}
          credential={null}
          firstType={making}
          scopes={scopes}
          onClose={() => setMaking(null)}
        />
      ) : null}
      {mayWrite && types.data !== undefined && edited !== null ? (
        <CredentialDialog
          types={types.data}
          credential={edited}
          firstType={null}
          scopes={false}
          onClose={() => setEditing(null)}
        />
      ) : null}
    </>
  );
}
