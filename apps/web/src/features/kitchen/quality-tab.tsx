'use client';

import { getRunQuality, type QualityReport } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { Gauge } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { TONES } from '../../components/ui/badge.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { cn } from '../../components/ui/cn.ts';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { sentence } from '../../lib/format.ts';
import { useRunState } from './run-context.tsx';
import { gradeTone, percent, scoreText } from './score-text.ts';
import { instanceName } from './step-instances.ts';

type Dimension = QualityReport['content'][number];

/** A share as a bar with its figure; what was not measured has no bar. */
function ScoreBar({
  label,
  score,
  threshold = null,
}: {
  label: string;
  score: number | null;
  threshold?: number | null;
}) {
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((score ?? 0) * 100)}
      aria-valuetext={score === null ? 'not measured' : percent(score)}
      className={cn(
        'relative h-2.5 rounded-full',
        score === null ? 'border border-dashed border-line-strong/60' : 'bg-sunken',
      )}
    >
      {score === null ? null : (
        <span
          className="absolute inset-y-0 left-0 rounded-full bg-accent"
          style={{ width: `${score * 100}%` }}
        />
      )}
      {threshold === null ? null : (
        <span
          title={`Threshold ${percent(threshold)}`}
          className="absolute -inset-y-1 w-0.5 bg-ink"
          style={{ left: `calc(${threshold * 100}% - 1px)` }}
        />
      )}
    </div>
  );
}

function DimensionRow({ dimension }: { dimension: Dimension }) {
  const name = sentence(dimension.name);
  return (
    <li className="px-5 py-3.5">
      <div className="mb-2 flex items-baseline justify-between gap-3 text-sm">
        <span className="font-medium">
          {name}
          <span className="ml-2 text-xs font-normal text-ink-soft">weight {dimension.weight}</span>
        </span>
        <span className={cn('tabular-nums', dimension.score === null && 'text-ink-soft')}>
          {dimension.score === null ? 'not measured' : percent(dimension.score)}
        </span>
      </div>
      <ScoreBar label={name} score={dimension.score} />
      {dimension.evidence.length === 0 ? null : (
        <details className="mt-1.5 text-[0.8125rem]">
          <summary className="min-h-9 py-2 text-ink-soft hover:text-ink">
            What was measured <span className="sr-only">for {name}</span>
          </summary>
          <ul className="grid gap-2 pb-1">
            {dimension.evidence.map((each) => (
              <li
                key={`${each.check}${each.detail}`}
                className="grid grid-cols-[1fr_auto] gap-x-4 border-l-2 border-line pl-3"
              >
                <span className="min-w-0 wrap-anywhere">
                  <span className="font-medium">{sentence(each.check)}</span>
                  <span className="block text-ink-soft">{each.detail}</span>
                </span>
                <span className="tabular-nums">
                  {each.score === null ? 'not measured' : percent(each.score)}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function Dimensions({ title, items }: { title: string; items: readonly Dimension[] }) {
  if (items.length === 0) return null;
  return (
    <Section title={title} className="min-w-0">
      <ul className="divide-y divide-line">
        {items.map((dimension) => (
          <DimensionRow key={dimension.name} dimension={dimension} />
        ))}
      </ul>
    </Section>
  );
}

const JUDGES: Record<QualityReport['judge'], string | null> = {
  none: null,
  counted: 'A model judged parts of it; its answer counts.',
  missing: 'A model was asked to judge, but its answer could not be read; it counts nowhere.',
};

function Head({ report }: { report: QualityReport }) {
  const { score, grade, threshold, passed } = report;
  return (
    <Card className="p-5">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
        <p
          className={cn(
            'inline-flex size-16 items-center justify-center rounded-2xl text-3xl font-semibold',
            TONES[gradeTone(grade)],
          )}
        >
          <span className="sr-only">Grade </span>
          {grade ?? '–'}
        </p>
        <div className="min-w-0 flex-1 basis-48">
          <p className="mb-2.5 flex flex-wrap items-baseline gap-x-3">
            <span className="text-2xl font-semibold tabular-nums">
              {score === null ? 'Not measured' : percent(score)}
            </span>
            <span className="text-sm text-ink-soft">content, as {report.output_type}</span>
          </p>
          <ScoreBar label="Quality of the content" score={score} threshold={threshold} />
          <p className="mt-2.5 text-sm text-ink-soft">
            {threshold === null
              ? 'The recipe asks for no minimum.'
              : `The recipe asks for ${percent(threshold)}: ${
                  passed === null ? 'not measured' : passed ? 'reached' : 'not reached'
                }.`}{' '}
            {report.operational_score === null
              ? ''
              : `Operation ${percent(report.operational_score)}. `}
            Scored <RelativeTime time={report.scored_at} />.
          </p>
          {JUDGES[report.judge] === null ? null : (
            <p className="mt-1 text-sm text-ink-soft">{JUDGES[report.judge]}</p>
          )}
        </div>
      </div>
    </Card>
  );
}

function StepScores({ steps }: { steps: readonly QualityReport[] }) {
  const known = useRunState((state) => state.steps);
  if (steps.length === 0) return null;
  return (
    <Section title="Scored steps">
      <ul className="divide-y divide-line">
        {steps.map((report) => {
          const step = report.step_id === null ? undefined : known[report.step_id];
          const name = step === undefined ? (report.step_id ?? '') : instanceName(step, known);
          return (
            <li key={report.step_id}>
              <details>
                <summary className="grid min-h-12 grid-cols-[minmax(0,1fr)_minmax(0,12rem)_7rem] items-center gap-x-4 px-5 py-2 text-sm hover:bg-sunken/50 focus-visible:-outline-offset-2">
                  <span className="wrap-anywhere">{name}</span>
                  <ScoreBar
                    label={`Quality of ${name}`}
                    score={report.score}
                    threshold={report.threshold}
                  />
                  <span className="text-right tabular-nums">{scoreText(report)}</span>
                </summary>
                <ul className="divide-y divide-line border-t border-line bg-sunken/30 pl-4">
                  {report.content.map((dimension) => (
                    <DimensionRow key={dimension.name} dimension={dimension} />
                  ))}
                </ul>
              </details>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}

/** How good the result is and how well the run went, each with what was measured. */
export function QualityTab({ runId }: { runId: string }) {
  const client = useApi();
  const status = useRunState((state) => state.status);
  const quality = useRunState((state) => state.quality);
  const query = useQuery({
    queryKey: ['runs', 'quality', runId, status, quality],
    queryFn: async ({ signal }) =>
      (await getRunQuality({ client, path: { run_id: runId }, signal })).data,
  });
  if (query.isError) {
    return (
      <ErrorState
        what="The quality of the run could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (query.data === undefined) return <SkeletonList label="quality" rows={3} height="h-28" />;
  const { run, steps } = query.data;
  const over = ['completed', 'failed', 'cancelled'].includes(status);
  return (
    <div className="grid grid-cols-1 gap-6">
      <h2 className="sr-only">Quality</h2>
      {run === null ? (
        <Card>
          <EmptyState icon={Gauge} title="Not measured">
            {over
              ? 'This run was not scored. Only completed runs of recipes are.'
              : 'A run is scored when it has completed; steps with a threshold of their own before.'}
          </EmptyState>
        </Card>
      ) : (
        <>
          <Head report={run} />
          <div className="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
            <Dimensions title="Content" items={run.content} />
            <Dimensions title="Operation" items={run.operational} />
          </div>
        </>
      )}
      <StepScores steps={steps} />
    </div>
  );
}
