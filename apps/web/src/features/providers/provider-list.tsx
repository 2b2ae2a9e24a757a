'use client';

import { listModels, listProviders, type Model, type Provider } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed, Star } from 'lucide-react';
import { useApi } from '../../components/app-providers.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../components/ui/table.tsx';
import { formatCompact, plural } from '../../lib/format.ts';
import { usePaged } from '../../lib/use-paged.ts';

/** How far each vendor was proven, in words. */
const EVIDENCE: Record<string, { label: string; text: string }> = {
  live: { label: 'Proven', text: 'Tested as it runs here.' },
  'contract-fake': {
    label: 'Proven on the wire',
    text: "Tested against a local server that speaks this vendor's wire format, not against the vendor.",
  },
  documented: {
    label: 'By documentation',
    text: "Built by the vendor's documentation; not tried yet.",
  },
};

/** `usable` says that this version can talk to the vendor, `configured` that what it needs is set. */
function StateBadge({ provider }: { provider: Provider }) {
  if (!provider.usable) return <Badge>Not in this version</Badge>;
  return provider.configured ? (
    <Badge tone="ok" icon={<CircleCheck aria-hidden className="size-3.5" />}>
      Ready
    </Badge>
  ) : (
    <Badge tone="warn" icon={<CircleDashed aria-hidden className="size-3.5" />}>
      Not configured
    </Badge>
  );
}

/** The default first, then what is ready, then what could be. */
function rank(provider: Provider): number {
  if (provider.is_default) return 0;
  if (!provider.usable) return 3;
  return provider.configured ? 1 : 2;
}

function ProviderCard({ provider }: { provider: Provider }) {
  const evidence = EVIDENCE[provider.evidence];
  return (
    <li>
      <Card className="flex h-full flex-col p-5">
        <div className="flex flex-wrap items-center gap-2">
          <h3 className="mr-auto text-base font-semibold">{provider.name}</h3>
          {provider.is_default ? (
            <Badge tone="accent" icon={<Star aria-hidden className="size-3.5" />}>
              Default
            </Badge>
          ) : null}
          <StateBadge provider={provider} />
        </div>
        {provider.note === null ? null : (
          <p className="mt-2 text-sm text-ink-soft wrap-anywhere">{provider.note}</p>
        )}
        {provider.id === 'offline' && provider.is_default ? (
          <p className="mt-2 text-sm">
            Configure a vendor or a local Ollama for answers that a model writes.
          </p>
        ) : null}
        <p className="mt-auto pt-3 text-xs text-ink-soft">
          {evidence === undefined ? provider.evidence : `${evidence.label}: ${evidence.text}`}
          {provider.models > 0 ? ` ${plural(provider.models, 'model')} in the catalogue.` : ''}
        </p>
      </Card>
    </li>
  );
}

/** Micro-dollars per million tokens are dollars per million. */
function price(micros: number | null): string {
  return micros === null ? 'unknown' : `$${(micros / 1_000_000).toFixed(2)}`;
}

const MODEL_COLUMNS: Column<Model>[] = [
  {
    key: 'model',
    header: 'Model',
    cell: (model) => (
      <>
        <span className="font-medium">{model.name}</span>
        <span className="block font-mono text-xs text-ink-soft wrap-anywhere">
          {model.provider}/{model.id}
        </span>
      </>
    ),
  },
  {
    key: 'context',
    header: 'Context',
    align: 'right',
    cell: (model) =>
      model.context_window === null ? 'unknown' : formatCompact(model.context_window),
  },
  {
    key: 'in',
    header: 'In, per million',
    align: 'right',
    wideOnly: true,
    cell: (model) => price(model.price.input_micros),
  },
  {
    key: 'out',
    header: 'Out, per million',
    align: 'right',
    wideOnly: true,
    cell: (model) => price(model.price.output_micros),
  },
  {
    key: 'usable',
    header: 'Usable',
    cell: (model) => (model.usable ? <Badge tone="ok">Yes</Badge> : <Badge>No</Badge>),
  },
];

function Models() {
  const client = useApi();
  const { query, items } = usePaged(['models'], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listModels({ client, query: paging, signal })).data;
  });
  return (
    <Section title="Models">
      {query.isError ? (
        <ErrorState
          what="Models could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <div className="p-5">
          <SkeletonList label="models" rows={5} height="h-10" />
        </div>
      ) : items.length === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-soft">The catalogue holds no models.</p>
      ) : (
        <Table
          caption="Models"
          columns={MODEL_COLUMNS}
          rows={items}
          rowKey={(model) => `${model.provider}/${model.id}`}
        />
      )}
      <LoadMore query={query} />
    </Section>
  );
}

export function ProviderList() {
  const client = useApi();
  const providers = useQuery({
    queryKey: ['providers'],
    queryFn: async ({ signal }) => (await listProviders({ client, signal })).data.items,
  });
  return (
    <>
      <PageHeader
        title="Providers"
        lead="Who answers model calls. Keys come from the environment of the server and are never shown here."
      />
      <div className="grid grid-cols-1 gap-10">
        <section aria-label="Vendors">
          <h2 className="sr-only">Vendors</h2>
          {providers.isError ? (
            <ErrorState
              what="Providers could not be loaded"
              error={providers.error}
              onRetry={() => void providers.refetch()}
            />
          ) : providers.data === undefined ? (
            <SkeletonList label="providers" rows={6} height="h-40" />
          ) : (
            <ul aria-label="Providers" className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
              {providers.data
                .toSorted((a, b) => rank(a) - rank(b))
                .map((provider) => (
                  <ProviderCard key={provider.id} provider={provider} />
                ))}
            </ul>
          )}
        </section>
        <Models />
      </div>
    </>
  );
}
