'use client';

import type { Provider } from '@automatos/sdk';
import { ChartNoAxesColumn } from 'lucide-react';
import Link from 'next/link';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatCost, formatDuration, formatNumber, plural } from '../../lib/format.ts';
import { Stat } from '../dashboard/stat.tsx';
import { ConfigurationFindings } from './configuration-findings.tsx';
import { CircuitList } from './health/circuit-list.tsx';
import { HealthPicture } from './health/health-picture.tsx';
import { healthOfProvider, healthTotals, percent } from './health/health-state.ts';
import { useHealthWindow, WINDOWS } from './health/use-health-window.ts';
import { DefaultBadge, EvidenceBadge, HealthBadge, StateBadge } from './provider-badges.tsx';
import { useProviderHealth, useProviders } from './provider-queries.ts';
import type { ProviderHealth } from './provider-types.ts';

/** The default first, then what is ready, then what could be. */
function rank(provider: Provider): number {
  if (provider.is_default) return 0;
  if (!provider.usable) return 3;
  return provider.configured ? 1 : 2;
}

function ProviderCard({
  provider,
  health,
}: {
  provider: Provider;
  health: ProviderHealth | undefined;
}) {
  const now = health === undefined ? null : healthOfProvider(health, provider.id);
  return (
    <li>
      <Card className="relative flex h-full flex-col p-5 hover:border-line-strong/60">
        <div className="flex flex-wrap items-center gap-2">
          <h3 className="mr-auto text-base font-semibold">
            <Link
              href={`/providers/${encodeURIComponent(provider.id)}`}
              className="after:absolute after:inset-0 hover:text-accent-strong"
            >
              {provider.name}
            </Link>
          </h3>
          {provider.is_default ? <DefaultBadge /> : null}
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
        <div className="mt-auto flex flex-wrap gap-1.5 pt-3">
          {now === null || (now.calls === 0 && now.tone === 'idle') ? null : (
            <HealthBadge health={now} />
          )}
          <EvidenceBadge provider={provider} />
        </div>
        <p className="pt-2 text-xs text-ink-soft">
          {provider.models === 0
            ? 'Takes the name of any model it serves.'
            : `${plural(provider.models, 'model')} in the catalogue.`}
        </p>
      </Card>
    </li>
  );
}

function Figures({ health }: { health: ProviderHealth }) {
  const { calls, successRate, inFlight, costMicros, slowest } = healthTotals(health.models);
  const { cache } = health;
  const asked = cache.hits + cache.shared + cache.misses;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:gap-4 xl:grid-cols-4">
      <Stat
        label="Model calls"
        value={formatNumber(calls)}
        note={inFlight === 0 ? 'none under way' : `${formatNumber(inFlight)} under way`}
      />
      <Stat
        label="Answered"
        value={successRate === null ? '–' : percent(successRate)}
        note={
          slowest === null || slowest.p95_ms === null
            ? 'no call yet'
            : `slowest 95 %: ${formatDuration(slowest.p95_ms)}, ${slowest.model}`
        }
      />
      <Stat label="Cost" value={formatCost(costMicros)} note="calls with a known price" />
      <Stat
        label="Answered from the cache"
        value={formatNumber(cache.hits + cache.shared)}
        note={
          asked === 0
            ? `${plural(cache.entries, 'answer')} kept`
            : `of ${formatNumber(asked)}, saved ${formatCost(cache.saved_micros)}`
        }
      />
    </dl>
  );
}

function HealthSection() {
  const [window, setWindow] = useHealthWindow();
  const health = useProviderHealth(window);
  const { data } = health;
  const open = data?.circuits.filter(({ state }) => state !== 'closed') ?? [];
  return (
    <>
      <Section
        title="Health"
        bare
        actions={
          <Select
            aria-label="Span of the health figures"
            className="max-w-44"
            value={String(window)}
            onChange={({ target }) => setWindow(Number(target.value))}
          >
            {WINDOWS.map(({ minutes, label }) => (
              <option key={minutes} value={minutes}>
                {label}
              </option>
            ))}
          </Select>
        }
      >
        {health.isError && data === undefined ? (
          <ErrorState
            what="Health could not be read"
            error={health.error}
            onRetry={() => void health.refetch()}
          />
        ) : data === undefined ? (
          <SkeletonList label="health" rows={2} height="h-24" />
        ) : (
          <div className="grid gap-4">
            <Figures health={data} />
            <Card>
              {data.models.length === 0 ? (
                <EmptyState
                  icon={ChartNoAxesColumn}
                  title="No model was called in this time"
                  action={
                    <ButtonLink href="/providers?tab=try" variant="primary">
                      Try a model
                    </ButtonLink>
                  }
                >
                  Success, times and cost of each model appear with the first call.
                </EmptyState>
              ) : (
                <HealthPicture models={data.models} linked />
              )}
            </Card>
          </div>
        )}
      </Section>
      {open.length === 0 ? null : (
        <Section title="Circuits that are not closed">
          <CircuitList circuits={open} />
        </Section>
      )}
    </>
  );
}

export function OverviewTab() {
  const providers = useProviders();
  const [window] = useHealthWindow();
  const health = useProviderHealth(window);
  return (
    <div className="grid grid-cols-1 gap-8">
      <ConfigurationFindings />
      <HealthSection />
      <section aria-labelledby="vendors">
        <h2 id="vendors" className="mb-3 text-base font-semibold">
          Vendors
        </h2>
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
                <ProviderCard key={provider.id} provider={provider} health={health.data} />
              ))}
          </ul>
        )}
      </section>
    </div>
  );
}
