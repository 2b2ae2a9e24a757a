'use client';

import type { Provider } from '@automatos/sdk';
import { ChevronLeft } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatCompact, sentence } from '../../lib/format.ts';
import { formatPrice } from '../../lib/money.ts';
import { useMay } from '../session/use-session.ts';
import { evidenceOf } from './evidence.ts';
import { CircuitList } from './health/circuit-list.tsx';
import { HealthPicture } from './health/health-picture.tsx';
import { healthOfProvider } from './health/health-state.ts';
import { QuotaList } from './health/quota-list.tsx';
import { useHealthWindow, WINDOWS } from './health/use-health-window.ts';
import { joinPrices } from './models/model-rows.ts';
import { DefaultBadge, EvidenceBadge, HealthBadge, StateBadge } from './provider-badges.tsx';
import { useAllModels, usePrices, useProviderHealth, useProviders } from './provider-queries.ts';
import { TestProvider } from './test-provider.tsx';

function Nothing({ children }: { children: ReactNode }) {
  return <p className="px-5 py-4 text-sm text-ink-soft">{children}</p>;
}

function Live({ provider }: { provider: Provider }) {
  const [window] = useHealthWindow();
  const health = useProviderHealth(window);
  if (health.isError && health.data === undefined) {
    return (
      <ErrorState
        what="Health could not be read"
        error={health.error}
        onRetry={() => void health.refetch()}
      />
    );
  }
  if (health.data === undefined) return <SkeletonList label="health" rows={2} height="h-32" />;
  const own = <Item extends { provider: string }>(items: readonly Item[]) =>
    items.filter((item) => item.provider === provider.id);
  const models = own(health.data.models);
  const circuits = own(health.data.circuits);
  const quotas = own(health.data.quotas);
  const span = WINDOWS.find(({ minutes }) => minutes === window)?.label.toLowerCase();
  return (
    <>
      <Section title={`Health, ${span}`}>
        {models.length === 0 ? (
          <Nothing>No call went to {provider.name} in this time.</Nothing>
        ) : (
          <HealthPicture models={models} />
        )}
      </Section>
      <Section title="Circuits">
        {circuits.length === 0 ? (
          <Nothing>None yet: a circuit is kept per model and key from its first call on.</Nothing>
        ) : (
          <CircuitList circuits={circuits} />
        )}
      </Section>
      <Section title="What is left of the limits">
        {quotas.length === 0 ? (
          <Nothing>
            None is known. Vendors tell theirs with their answers; own ones are set under{' '}
            <Link
              href="/providers?tab=routing"
              className="font-medium text-accent-strong underline underline-offset-2"
            >
              Routing
            </Link>
            .
          </Nothing>
        ) : (
          <QuotaList quotas={quotas} />
        )}
      </Section>
    </>
  );
}

function Models({ provider }: { provider: Provider }) {
  const models = useAllModels();
  const prices = usePrices();
  const own = models.data?.filter((model) => model.provider === provider.id);
  const rows = joinPrices(own ?? [], prices.data?.items ?? []).filter(
    (row) => row.provider === provider.id,
  );
  return (
    <Section
      title="Models"
      actions={
        <ButtonLink href="/providers?tab=models" size="sm" variant="ghost">
          Prices
        </ButtonLink>
      }
    >
      {models.isError ? (
        <ErrorState
          compact
          what="Models could not be loaded"
          error={models.error}
          onRetry={() => void models.refetch()}
        />
      ) : own === undefined ? (
        <div className="p-5">
          <SkeletonList label="models" rows={3} height="h-10" />
        </div>
      ) : own.length === 0 ? (
        <Nothing>The catalogue has none of this provider: any name it serves can be used.</Nothing>
      ) : (
        <ul className="divide-y divide-line text-sm">
          {rows.map((model) => (
            <li key={model.id} className="px-5 py-3">
              <p className="font-medium">{model.name}</p>
              <p className="font-mono text-xs text-ink-soft wrap-anywhere">{model.id}</p>
              <p className="mt-1 text-[0.8125rem] text-ink-soft tabular-nums">
                {model.contextWindow === null
                  ? 'window unknown'
                  : `${formatCompact(model.contextWindow)} tokens of window`}
                , {formatPrice(model.price.input_micros)} in,{' '}
                {formatPrice(model.price.output_micros)} out per million
                {model.price.source === 'operator' ? ' (own price)' : ''}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function Facts({ provider }: { provider: Provider }) {
  const evidence = evidenceOf(provider.evidence);
  const rows: [string, ReactNode][] = [
    ['Wire format', provider.wire],
    ['Address', provider.base_url ?? 'set by the environment'],
    ['Settings', provider.env.length === 0 ? 'needs none' : provider.env.join(', ')],
    ['Status', provider.status === 'ga' ? 'Generally available' : sentence(provider.status)],
    ...(provider.id === 'offline'
      ? []
      : ([['Proof', evidence.text]] satisfies [string, ReactNode][])),
  ];
  return (
    <Section title="About">
      <dl className="divide-y divide-line text-sm">
        {rows.map(([label, value]) => (
          <div key={label} className="px-5 py-2.5">
            <dt className="text-xs text-ink-soft">{label}</dt>
            <dd className="mt-0.5 wrap-anywhere">{value}</dd>
          </div>
        ))}
        <div className="px-5 py-2.5">
          <dt className="text-xs text-ink-soft">Offers</dt>
          <dd className="mt-1 flex flex-wrap gap-1.5">
            {provider.capabilities.map((capability) => (
              <Badge key={capability}>{sentence(capability)}</Badge>
            ))}
          </dd>
        </div>
      </dl>
    </Section>
  );
}

/** One vendor: whether it answers now, what it costs, what it lets through. */
export function ProviderDetail({ id }: { id: string }) {
  const providers = useProviders();
  const [window] = useHealthWindow();
  const health = useProviderHealth(window).data;
  const mayTest = useMay('providers:write');
  const provider = providers.data?.find((each) => each.id === id);
  const back = (
    <Link
      href="/providers"
      className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
    >
      <ChevronLeft aria-hidden className="size-4" /> Providers
    </Link>
  );
  if (providers.isError) {
    return (
      <ErrorState
        what="The provider could not be loaded"
        error={providers.error}
        onRetry={() => void providers.refetch()}
      />
    );
  }
  if (providers.data === undefined) return <SkeletonList label="provider" rows={3} height="h-32" />;
  if (provider === undefined) {
    return (
      <>
        {back}
        <PageHeader title="No such provider" lead={`The catalogue has no provider “${id}”.`} />
      </>
    );
  }
  return (
    <>
      {back}
      <PageHeader
        title={provider.name}
        {...(provider.note === null ? {} : { lead: provider.note })}
        actions={
          <ButtonLink href={`/usage?tab=calls&provider=${encodeURIComponent(provider.id)}`}>
            Its calls
          </ButtonLink>
        }
      />
      <div className="mb-6 flex flex-wrap gap-1.5">
        {provider.is_default ? <DefaultBadge /> : null}
        <StateBadge provider={provider} />
        {health === undefined ? null : (
          <HealthBadge health={healthOfProvider(health, provider.id)} />
        )}
        <EvidenceBadge provider={provider} />
      </div>
      <div className="grid grid-cols-1 gap-8 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid min-w-0 grid-cols-1 content-start gap-8">
          {mayTest && provider.usable ? (
            <TestProvider provider={provider.id} name={provider.name} />
          ) : null}
          <Live provider={provider} />
        </div>
        <div className="grid grid-cols-1 content-start gap-8">
          <Facts provider={provider} />
          <Models provider={provider} />
        </div>
      </div>
    </>
  );
}
