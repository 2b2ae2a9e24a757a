'use client';

import type { Run } from '@automatos/sdk';
import { FileText, History } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { LiveStateBadge } from '../../components/status/live-state.tsx';
import { RunStatusBadge } from '../../components/status/run-status.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { formatCost, formatDuration, formatNumber, plural } from '../../lib/format.ts';
import { replaceSearchParams, useSearchParam } from '../../lib/use-search-param.ts';
import { useRunNow, useRunState } from './run-context.tsx';
import { RunLinks } from './run-links.tsx';
import type { RunView } from './run-store.ts';
import { gradeTone, scoreText } from './score-text.ts';

const KitchenActions = dynamic(async () => (await import('./kitchen-actions.tsx')).KitchenActions, {
  ssr: false,
  loading: () => <div className="min-h-11 sm:min-h-10" />,
});

function Meter({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-soft">{label}</dt>
      <dd className="text-lg font-semibold tabular-nums">{children}</dd>
    </div>
  );
}

function Duration() {
  const startedAt = useRunState((state) => state.startedAt);
  const finishedAt = useRunState((state) => state.finishedAt);
  const now = useRunNow();
  if (startedAt === null) return <>–</>;
  const end = finishedAt === null ? now : Date.parse(finishedAt);
  return <>{formatDuration(end - Date.parse(startedAt))}</>;
}

function Meters() {
  const usage = useRunState((state) => state.usage);
  const findings = useRunState((state) => state.findingsTotal);
  const about = usage.estimated ? 'about ' : '';
  return (
    <dl className="grid grid-cols-3 gap-x-6 gap-y-3 border-t border-line px-5 py-4 sm:flex sm:flex-wrap sm:gap-x-10">
      <Meter label="Duration">
        <Duration />
      </Meter>
      <Meter label="Tokens">
        {about}
        {formatNumber(usage.input_tokens + usage.output_tokens)}
      </Meter>
      <Meter label="Cost">{formatCost(usage.cost_micros)}</Meter>
      <Meter label="Model calls">{formatNumber(usage.model_calls)}</Meter>
      <Meter label="Tool calls">{formatNumber(usage.tool_calls)}</Meter>
      <Meter label="Findings">{formatNumber(findings)}</Meter>
    </dl>
  );
}

function Inputs({ inputs }: { inputs: Run['inputs'] }) {
  const entries = Object.entries(inputs);
  if (entries.length === 0) return null;
  const short = entries
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .filter((text) => text.length <= 120);
  return (
    <details className="border-t border-line px-5 text-sm">
      <summary className="min-h-11 py-3 text-ink-soft hover:text-ink">
        Inputs <span className="ml-1 font-mono text-xs wrap-anywhere">{short.join(', ')}</span>
      </summary>
      <CodeBlock
        label="Inputs of the run"
        text={JSON.stringify(inputs, null, 2)}
        className="mb-4 max-h-60"
      />
    </details>
  );
}

function Notices({ inputs }: { inputs: Run['inputs'] }) {
  const status = useRunState((state) => state.status);
  const error = useRunState((state) => state.error);
  const recoveries = useRunState((state) => state.recoveries);
  const [tab] = useSearchParam('tab');
  const hasReport = useRunState((state) =>
    Object.values(state.steps).some(
      (step) => step.type === 'document' && step.status === 'completed',
    ),
  );
  return (
    <>
      {recoveries > 0 ? (
        <p className="flex items-start gap-2.5 border-t border-line px-5 py-3 text-sm">
          <History aria-hidden className="mt-0.5 size-4 shrink-0 text-ink-soft" />
          This run was continued {plural(recoveries, 'time')} after its process had gone away.
          Finished calls were not made again.
        </p>
      ) : null}
      {status === 'paused' ? (
        <p className="border-t border-line px-5 py-3 text-sm">
          Calls under way end; no new one starts until you resume.
        </p>
      ) : null}
      {status === 'failed' && error !== null ? (
        <div role="alert" className="border-t border-line bg-bad-soft px-5 py-3 text-sm">
          <p className="font-semibold wrap-anywhere">{error.message}</p>
          <p className="mt-1 font-mono text-xs">{error.code}</p>
        </div>
      ) : null}
      {status === 'completed' && hasReport && tab !== 'report' ? (
        <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-5 py-3">
          <p className="text-sm">The report is ready.</p>
          <Button
            size="sm"
            variant="primary"
            onClick={() => replaceSearchParams({ tab: 'report' })}
          >
            <FileText aria-hidden className="size-4" /> Read the report
          </Button>
        </div>
      ) : null}
      <Inputs inputs={inputs} />
    </>
  );
}

function Grade() {
  const quality = useRunState((state) => state.quality);
  if (quality === null || quality.score === null) return null;
  return (
    <button
      type="button"
      onClick={() => replaceSearchParams({ tab: 'quality' })}
      className="rounded-full"
    >
      <Badge tone={gradeTone(quality.grade)}>Quality {scoreText(quality)}</Badge>
    </button>
  );
}

export function KitchenHeader({ run, live }: { run: Run; live: RunView['live'] }) {
  const status = useRunState((state) => state.status);
  return (
    <header className="mb-6 overflow-hidden rounded-card border border-line bg-surface shadow-card">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4 px-5 py-5">
        <div className="min-w-0">
          <div className="mb-2 flex flex-wrap items-center gap-2">
            <RunStatusBadge status={status} />
            <LiveStateBadge state={live} />
            <Grade />
          </div>
          <h1 className="text-2xl font-semibold wrap-anywhere">{run.title}</h1>
          <p className="mt-1 text-sm text-ink-soft">
            {run.recipe_slug === null ? null : (
              <>
                <Link
                  href={`/recipes/${run.recipe_slug}`}
                  className="underline underline-offset-2 hover:text-ink"
                >
                  {run.recipe_slug}
                </Link>{' '}
                version {run.recipe_version},{' '}
              </>
            )}
            started by {run.created_by}, <RelativeTime time={run.created_at} />
          </p>
          <RunLinks run={run} />
        </div>
        <KitchenActions run={run} status={status} />
      </div>
      <Meters />
      <Notices inputs={run.inputs} />
    </header>
  );
}
