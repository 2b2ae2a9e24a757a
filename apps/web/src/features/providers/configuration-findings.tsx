'use client';

import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { Card } from '../../components/ui/card.tsx';
import { cn } from '../../components/ui/cn.ts';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { useConfiguration } from './provider-queries.ts';
import type { ConfigurationFinding } from './provider-types.ts';

const LOOKS = {
  error: { Icon: CircleAlert, look: 'text-bad', word: 'Error' },
  warning: { Icon: TriangleAlert, look: 'text-warn', word: 'Warning' },
  info: { Icon: Info, look: 'text-busy', word: 'Note' },
} as const;
const ORDER: readonly ConfigurationFinding['severity'][] = ['error', 'warning', 'info'];

/** Settings without the effect they seem to have, each with what to do about it. */
export function ConfigurationFindings() {
  const configuration = useConfiguration();
  if (configuration.isError) {
    return (
      <ErrorState
        compact
        what="The configuration could not be checked"
        error={configuration.error}
        onRetry={() => void configuration.refetch()}
      />
    );
  }
  if (configuration.data === undefined) return <Skeleton className="h-12" />;
  const { items } = configuration.data;
  if (items.length === 0) {
    return (
      <p className="flex items-center gap-2 text-sm text-ink-soft">
        <CircleCheck aria-hidden className="size-4 shrink-0 text-ok" /> Every setting of the router
        has the effect it seems to have.
      </p>
    );
  }
  return (
    <section aria-labelledby="configuration-findings">
      <h2 id="configuration-findings" className="mb-3 text-base font-semibold">
        {items.length === 1
          ? 'A setting does not do what it seems to'
          : `${items.length} settings do not do what they seem to`}
      </h2>
      <Card>
        <ul className="divide-y divide-line">
          {items
            .toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
            .map((finding) => {
              const { Icon, look, word } = LOOKS[finding.severity];
              return (
                <li
                  key={`${finding.code} ${finding.setting}`}
                  className="flex gap-3 px-5 py-3.5 text-sm"
                >
                  <Icon aria-hidden className={cn('mt-0.5 size-5 shrink-0', look)} />
                  <div className="min-w-0">
                    <p className="font-medium wrap-anywhere">
                      <span className="sr-only">{word}: </span>
                      {finding.message}
                    </p>
                    <p className="mt-0.5 wrap-anywhere">{finding.remedy}</p>
                    <p className="mt-1 font-mono text-xs text-ink-soft wrap-anywhere">
                      {finding.setting}
                    </p>
                  </div>
                </li>
              );
            })}
        </ul>
      </Card>
    </section>
  );
}
