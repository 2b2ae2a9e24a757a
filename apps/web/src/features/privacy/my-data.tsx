'use client';

import {
  listOwnConsents,
  listOwnDataRequests,
  listOwnProcessing,
  setOwnConsent,
  verifyOwnDataRequest,
  withdrawOwnDataRequest,
} from '@automatos/sdk';
import type { ListOwnProcessingResponse } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FileUser, Plus } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useId, useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { ExportLinks } from './export-links.tsx';
import { BASES, isOpen, TYPES, type DataRequest, type OwnConsent } from './privacy-words.ts';
import { RequestBadges, RequestFacts } from './request-facts.tsx';

const RequestDialog = dynamic(async () => (await import('./request-form.tsx')).RequestDialog, {
  ssr: false,
});

function ConsentRow({ consent }: { consent: OwnConsent }) {
  const id = useId();
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const { purpose, given, version } = consent;
  const counts = given && version === purpose.version;
  const decide = useMutation({
    mutationFn: (next: boolean) =>
      setOwnConsent({
        client,
        path: { purpose: purpose.key },
        body: { given: next, version: purpose.version },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onError: (error) =>
      notify({ kind: 'error', title: 'Your decision was not kept', detail: problemText(error) }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['privacy', 'own-consents'] }),
  });
  return (
    <li className="flex items-start justify-between gap-4 px-5 py-4 text-sm">
      <div className="min-w-0">
        <label htmlFor={id} className="font-medium wrap-anywhere">
          {purpose.name}
        </label>
        <p id={`${id}-text`} className="mt-1 whitespace-pre-line text-ink-soft wrap-anywhere">
          {purpose.text}
        </p>
        <p className="mt-1 text-[0.8125rem] text-ink-soft">
          {given && !counts ? 'The text has changed since you agreed. ' : ''}
          {consent.at === null ? (
            'You have not decided yet.'
          ) : (
            <>
              {given ? 'Agreed' : 'Withdrawn'} <RelativeTime time={consent.at} />
            </>
          )}
        </p>
      </div>
      <Switch
        id={id}
        checked={counts}
        describedBy={`${id}-text`}
        onCheckedChange={(next) => decide.mutate(next)}
      />
    </li>
  );
}

function Consents({ consents }: { consents: readonly OwnConsent[] }) {
  if (consents.length === 0) return null;
  return (
    <Section title="What I agree to">
      <ul aria-label="Consents" className="divide-y divide-line">
        {consents.map((consent) => (
          <ConsentRow key={consent.purpose.id} consent={consent} />
        ))}
      </ul>
    </Section>
  );
}

function Uses({
  activities,
  error,
}: {
  activities: ListOwnProcessingResponse['items'] | undefined;
  error: unknown;
}) {
  return (
    <Section title="What my data are used for">
      {error !== null && activities === undefined ? (
        <ErrorState what="The list could not be loaded" error={error} />
      ) : activities === undefined ? (
        <div className="p-5">
          <SkeletonList label="uses" rows={3} />
        </div>
      ) : (
        <ul aria-label="Uses" className="divide-y divide-line">
          {activities.map((activity) => (
            <li key={activity.id} className="px-5 py-3 text-sm">
              <p className="font-medium">{activity.name}</p>
              <p className="mt-0.5 text-ink-soft wrap-anywhere">{activity.purpose}</p>
              <p className="mt-1 text-[0.8125rem] text-ink-soft wrap-anywhere">
                {BASES[activity.legal_basis]} · {activity.data_categories.join(', ')} · kept{' '}
                {activity.retention}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function OwnRequest({ request }: { request: DataRequest }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [open, setOpen] = useState(false);
  const act = useMutation({
    mutationFn: (step: 'verify' | 'withdraw') =>
      (step === 'verify' ? verifyOwnDataRequest : withdrawOwnDataRequest)({
        client,
        path: { request_id: request.id },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onError: (error) =>
      notify({ kind: 'error', title: 'That did not work', detail: problemText(error) }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['privacy'] }),
  });
  return (
    <li className="grid gap-3 px-5 py-4 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{TYPES[request.type].label}</span>
          <RequestBadges request={request} />
          <span className="text-[0.8125rem] text-ink-soft">
            asked <RelativeTime time={request.received_at} />
          </span>
        </p>
        <div className="flex flex-wrap gap-2">
          <ExportLinks request={request} own />
          {request.status === 'received' ? (
            <Button
              size="sm"
              variant="primary"
              pending={act.isPending}
              onClick={() => act.mutate('verify')}
            >
              Prove that it is me
            </Button>
          ) : null}
          {isOpen(request) && request.status !== 'in_progress' ? (
            <Button size="sm" pending={act.isPending} onClick={() => act.mutate('withdraw')}>
              Take back
            </Button>
          ) : null}
          <Button
            size="sm"
            variant="ghost"
            aria-expanded={open}
            onClick={() => setOpen((before) => !before)}
          >
            {open ? 'Less' : 'More'}
          </Button>
        </div>
      </div>
      {open ? <RequestFacts request={request} /> : null}
    </li>
  );
}

/** Where the law gives a right to object (Art. 21). */
const OBJECTABLE: ReadonlySet<string> = new Set(['legitimate_interests', 'public_task']);

/** A person's own data: what they agree to, and what they ask for. */
export function MyData() {
  const client = useApi();
  const [asking, setAsking] = useState(false);
  const consents = useQuery({
    queryKey: ['privacy', 'own-consents'],
    queryFn: async ({ signal }) => (await listOwnConsents({ client, signal })).data.items,
  });
  const { query, items } = usePaged(['privacy', 'own-requests'], async (cursor, signal) => {
    const paging = { limit: 20, ...(cursor === undefined ? {} : { cursor }) };
    return (await listOwnDataRequests({ client, query: paging, signal })).data;
  });
  const ask = (
    <Button variant="primary" onClick={() => setAsking(true)}>
      <Plus aria-hidden className="size-4" /> Ask about my data
    </Button>
  );
  const processing = useQuery({
    queryKey: ['privacy', 'own-processing'],
    queryFn: async ({ signal }) => (await listOwnProcessing({ client, signal })).data.items,
  });
  const targets = [
    ...(consents.data ?? []).map(({ purpose }) => ({
      value: `purpose:${purpose.key}`,
      label: `My consent: ${purpose.name}`,
      help: purpose.text,
    })),
    // Against what a contract or a law asks for there is no objection.
    ...(processing.data ?? [])
      .filter(({ legal_basis: basis }) => OBJECTABLE.has(basis))
      .map(({ id, name, purpose }) => ({ value: `processing:${id}`, label: name, help: purpose })),
  ];
  return (
    <>
      <PageHeader
        title="My data"
        lead="What you agree to, and your rights: a copy, correction, erasure, restriction, objection."
      />
      <div className="grid max-w-3xl gap-8">
        {consents.isError ? (
          <ErrorState what="Consents could not be loaded" error={consents.error} />
        ) : (
          <Consents consents={consents.data ?? []} />
        )}
        <Section title="My requests" actions={items?.length === 0 ? undefined : ask}>
          {query.isError && items === undefined ? (
            <ErrorState
              what="Your requests could not be loaded"
              error={query.error}
              onRetry={() => void query.refetch()}
            />
          ) : items === undefined ? (
            <div className="p-5">
              <SkeletonList label="requests" rows={2} />
            </div>
          ) : items.length === 0 ? (
            <EmptyState icon={FileUser} title="You have not asked for anything" action={ask}>
              A copy of your data is there at once; everything else is answered within a month.
            </EmptyState>
          ) : (
            <ul aria-label="My requests" className="divide-y divide-line">
              {items.map((request) => (
                <OwnRequest key={request.id} request={request} />
              ))}
            </ul>
          )}
          <LoadMore query={query} />
        </Section>
        <Uses activities={processing.data} error={processing.error} />
      </div>
      {asking ? <RequestDialog own targets={targets} onClose={() => setAsking(false)} /> : null}
    </>
  );
}
