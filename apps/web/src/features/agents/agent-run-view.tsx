'use client';

import type { Run } from '@automatos/sdk';
import { CircleCheck, CircleX } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { RunStatusBadge } from '../../components/status/run-status.tsx';
import { Card } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Skeleton, SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { RunProvider, useRunState } from '../kitchen/run-context.tsx';
import { FindingItem } from '../kitchen/finding-item.tsx';
import { LlmCallView } from '../kitchen/llm-call-view.tsx';
import { ToolCallView } from '../kitchen/tool-call-view.tsx';
import { reportOf, type AgentReport } from './agent-report.ts';

const MarkdownView = dynamic(
  async () => (await import('../kitchen/markdown-view.tsx')).MarkdownView,
  { loading: () => <Skeleton className="h-40" /> },
);

const FINDINGS_SHOWN = 10;

function Report({ report, runId }: { report: AgentReport; runId: string }) {
  const more = report.findings_total - Math.min(report.findings.length, FINDINGS_SHOWN);
  return (
    <div className="grid gap-4">
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span
          className={`inline-flex items-center gap-1.5 font-medium ${report.success ? 'text-ok' : 'text-bad'}`}
        >
          {report.success ? (
            <CircleCheck aria-hidden className="size-4" />
          ) : (
            <CircleX aria-hidden className="size-4" />
          )}
          {report.success ? 'It did its work' : 'It could not do its work'}
        </span>
        <span className="text-ink-soft">{plural(report.checks_run.length, 'check')}</span>
        <span className="text-ink-soft">{plural(report.findings_total, 'finding')}</span>
        {report.quality === null ? null : (
          <span className="text-ink-soft">quality {Math.round(report.quality * 100)} %</span>
        )}
        {report.offline ? <span className="text-ink-soft">without a language model</span> : null}
      </p>
      {report.findings.length === 0 ? null : (
        <ul aria-label="Findings" className="divide-y divide-line rounded-lg border border-line">
          {report.findings.slice(0, FINDINGS_SHOWN).map((finding) => (
            <FindingItem
              key={`${finding.rule} ${finding.location?.path ?? ''} ${finding.location?.line ?? ''} ${finding.message}`}
              finding={finding}
            />
          ))}
        </ul>
      )}
      {more > 0 ? (
        <p className="text-sm text-ink-soft">
          {plural(more, 'further finding')} in{' '}
          <Link href={`/runs/${runId}?tab=findings`} className="text-accent-strong underline">
            the kitchen
          </Link>
          .
        </p>
      ) : null}
      <MarkdownView text={report.summary} />
    </div>
  );
}

function Live({ run }: { run: Run }) {
  const status = useRunState((state) => state.status);
  const error = useRunState((state) => state.error);
  const calls = useRunState((state) => state.calls);
  const report = reportOf(run.outputs);
  return (
    <Card className="grid gap-4 p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <RunStatusBadge status={status} />
        <Link href={`/runs/${run.id}`} className="text-sm text-accent-strong underline">
          Open in the kitchen
        </Link>
      </div>
      {error === null ? null : (
        <p role="alert" className="rounded-lg bg-bad-soft px-4 py-3 text-sm wrap-anywhere">
          {error.message}
        </p>
      )}
      <div className="grid gap-2">
        {Object.values(calls).map((call) =>
          call.kind === 'tool' ? (
            <ToolCallView key={call.callId} call={call} />
          ) : (
            <LlmCallView key={call.callId} call={call} />
          ),
        )}
      </div>
      {report === null ? null : <Report report={report} runId={run.id} />}
    </Card>
  );
}

/** A run of one agent as it goes on, and its report at the end. */
export function AgentRunView({ runId }: { runId: string }) {
  return (
    <section aria-label="Run of the agent" aria-live="polite">
      <RunProvider runId={runId}>
        {({ run, state, error }, retry) =>
          run !== null && state !== null ? (
            <Live run={run} />
          ) : error === null ? (
            <SkeletonList label="run" rows={1} height="h-24" />
          ) : (
            <ErrorState what="The run could not be loaded" error={error} onRetry={retry} />
          )
        }
      </RunProvider>
    </section>
  );
}
