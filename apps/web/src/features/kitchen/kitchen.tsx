'use client';

import type { Run } from '@automatos/sdk';
import { ChevronLeft } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { Tabs } from '../../components/ui/tabs.tsx';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { KitchenHeader } from './kitchen-header.tsx';
import { RunProvider, useRunState } from './run-context.tsx';
import type { RunView } from './run-store.ts';
import { StepsTab } from './steps-tab.tsx';

const loading = () => <SkeletonList label="tab" rows={3} height="h-24" />;
// What is not seen at first is loaded when it is opened.
const ReportTab = dynamic(async () => (await import('./report-tab.tsx')).ReportTab, { loading });
const FindingsTab = dynamic(async () => (await import('./findings-tab.tsx')).FindingsTab, {
  loading,
});
const QualityTab = dynamic(async () => (await import('./quality-tab.tsx')).QualityTab, { loading });
const LogTab = dynamic(async () => (await import('./log-tab.tsx')).LogTab, { loading });
const SourceDrawer = dynamic(async () => (await import('./source-drawer.tsx')).SourceDrawer, {
  ssr: false,
});

const TABS = ['steps', 'report', 'findings', 'quality', 'log'];

function LoadedKitchen({ run, live }: { run: Run; live: RunView['live'] }) {
  const [tab, setTab] = useSearchParam('tab');
  const [source] = useSearchParam('source');
  const findings = useRunState((state) => state.findingsTotal);
  const events = useRunState((state) => state.events.length);
  return (
    <>
      <KitchenHeader run={run} live={live} />
      <Tabs
        label="Run"
        value={tab !== null && TABS.includes(tab) ? tab : 'steps'}
        onValueChange={(value) => setTab(value === 'steps' ? null : value)}
        items={[
          { value: 'steps', label: 'Kitchen', content: <StepsTab runId={run.id} /> },
          { value: 'report', label: 'Report', content: <ReportTab runId={run.id} /> },
          {
            value: 'findings',
            label: 'Findings',
            count: findings,
            content: <FindingsTab runId={run.id} />,
          },
          { value: 'quality', label: 'Quality', content: <QualityTab runId={run.id} /> },
          { value: 'log', label: 'Log', count: events, content: <LogTab run={run} /> },
        ]}
      />
      {source === null ? null : <SourceDrawer runId={run.id} />}
    </>
  );
}

/** The Execution Kitchen: one run, live or as it was. */
export function Kitchen({ runId }: { runId: string }) {
  return (
    <>
      <Link
        href="/runs"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Runs
      </Link>
      <RunProvider key={runId} runId={runId}>
        {({ run, state, live, error }, retry) => (
          <>
            {error === null ? null : (
              <div className="mb-6">
                <ErrorState
                  what={
                    run === null
                      ? 'The run could not be loaded'
                      : 'This run is no longer followed live'
                  }
                  error={error}
                  onRetry={retry}
                />
              </div>
            )}
            {run !== null && state !== null ? (
              <LoadedKitchen run={run} live={live} />
            ) : error === null ? (
              <SkeletonList label="run" rows={3} height="h-36" />
            ) : null}
          </>
        )}
      </RunProvider>
    </>
  );
}
