'use client';

import { listRunSteps } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { LocateFixed } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { StepStatusBadge } from '../../components/status/run-status.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import {
  formatCostInText,
  formatDateTime,
  formatDuration,
  formatNumber,
  plural,
} from '../../lib/format.ts';
import { RateWork } from '../agents/rate-work.tsx';
import { LlmCallView } from './llm-call-view.tsx';
import { useRunState } from './run-context.tsx';
import type { StepView } from './run-state-types.ts';
import { scoreText } from './score-text.ts';
import { instanceName } from './step-instances.ts';
import { ToolCallView } from './tool-call-view.tsx';

function Facts({ step }: { step: StepView }) {
  const facts = [
    step.agent === null ? null : `Agent ${step.agent}`,
    step.tool === null ? null : `Tool ${step.tool}`,
    step.attempt > 1 ? `attempt ${step.attempt}` : null,
    step.startedAt !== null && step.finishedAt !== null
      ? formatDuration(Date.parse(step.finishedAt) - Date.parse(step.startedAt))
      : null,
    step.usage === null || step.usage.model_calls === 0
      ? null
      : `${formatNumber(step.usage.input_tokens + step.usage.output_tokens)} tokens, ${formatCostInText(step.usage.cost_micros)}`,
    step.findingsTotal > 0 ? plural(step.findingsTotal, 'finding') : null,
    step.quality === null ? null : `quality ${scoreText(step.quality)}`,
  ].filter((fact) => fact !== null);
  return <p className="mt-1 text-sm text-ink-soft">{facts.join(' · ')}</p>;
}

function Trouble({ step }: { step: StepView }) {
  if (step.retry !== null) {
    return (
      <p role="status" className="rounded-lg bg-warn-soft px-4 py-3 text-sm wrap-anywhere">
        Attempt failed: {step.retry.error.message} Trying again after{' '}
        {formatDuration(step.retry.delayMs)}.
      </p>
    );
  }
  if (step.error !== null) {
    return (
      <div role="alert" className="rounded-lg bg-bad-soft px-4 py-3 text-sm">
        <p className="wrap-anywhere">{step.error.message}</p>
        <p className="mt-1 font-mono text-xs">{step.error.code}</p>
      </div>
    );
  }
  if (step.skippedReason !== null) {
    return (
      <p className="rounded-lg bg-idle-soft px-4 py-3 text-sm">Skipped: {step.skippedReason}</p>
    );
  }
  return null;
}

const DECISIONS = {
  approved: 'Approved by',
  rejected: 'Rejected by',
  timed_out: 'Nobody decided in time; closed by',
  cancelled: 'Closed by',
};

/** What it waits for, how it was decided, and the runs it has to do with. */
function Circumstances({ step }: { step: StepView }) {
  const { waiting, decision, reusedFrom, subRunId } = step;
  const link = 'underline underline-offset-2 hover:text-accent-strong';
  return (
    <>
      {waiting === null || waiting.reason === 'sub_run' ? null : (
        <p role="status" className="rounded-lg bg-busy-soft px-4 py-3 text-sm wrap-anywhere">
          {waiting.reason === 'signal'
            ? `Waits for the signal “${waiting.signal ?? ''}”.`
            : 'Waits for a time.'}
          {waiting.until === null ? null : ` Until ${formatDateTime(waiting.until)} at most.`}
        </p>
      )}
      {decision === null ? null : (
        <p className="rounded-lg bg-idle-soft px-4 py-3 text-sm wrap-anywhere">
          {DECISIONS[decision.decision]} {decision.by}
          {decision.comment === null ? '.' : `: ${decision.comment}`}
        </p>
      )}
      {reusedFrom === null ? null : (
        <p className="rounded-lg bg-ok-soft px-4 py-3 text-sm">
          Taken over from{' '}
          <Link
            href={`/runs/${reusedFrom}?step=${encodeURIComponent(step.stepId)}`}
            className={link}
          >
            an earlier run
          </Link>
          ; not done or paid again.
        </p>
      )}
      {subRunId === null ? null : (
        <p className="rounded-lg bg-sunken px-4 py-3 text-sm">
          Done by{' '}
          <Link href={`/runs/${subRunId}`} className={link}>
            a run of its own
          </Link>
          {waiting?.reason === 'sub_run' ? ', which this step waits for.' : '.'}
        </p>
      )}
    </>
  );
}

function Output({ runId, step }: { runId: string; step: StepView }) {
  const client = useApi();
  const [open, setOpen] = useState(false);
  const steps = useQuery({
    queryKey: ['run-steps', runId],
    queryFn: async ({ signal }) =>
      (await listRunSteps({ client, path: { run_id: runId }, signal })).data.items,
    enabled: open,
    staleTime: 0,
  });
  if (step.status !== 'completed') return null;
  const output = steps.data?.find((each) => each.step_id === step.stepId)?.output;
  const text = typeof output === 'string' ? output : JSON.stringify(output, null, 2);
  return (
    <details
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-lg border border-line"
    >
      <summary className="min-h-11 px-4 py-2.5 text-sm font-medium hover:bg-sunken/50">
        Output of the step
      </summary>
      <div className="border-t border-line p-3">
        {steps.isError ? (
          <ErrorState
            compact
            what="The output could not be loaded"
            error={steps.error}
            onRetry={() => void steps.refetch()}
          />
        ) : steps.data === undefined ? (
          <Skeleton className="h-24" />
        ) : (
          <CodeBlock label={`Output of ${step.name}`} text={text ?? 'null'} className="max-h-96" />
        )}
      </div>
    </details>
  );
}

/** One step as it happens: what the model writes, the tools it calls, what they find, what comes out. */
export function StepDetail({
  runId,
  stepId,
  following,
  onFollow,
}: {
  runId: string;
  stepId: string;
  following: boolean;
  onFollow: () => void;
}) {
  const step = useRunState((state) => state.steps[stepId]);
  const calls = useRunState((state) => state.calls);
  const over = useRunState((state) => state.finishedAt !== null);
  const name = useRunState((state) => (step === undefined ? '' : instanceName(step, state.steps)));
  if (step === undefined) return null;
  return (
    <section aria-labelledby="step-heading">
      <div className="mb-3 flex min-h-9 items-center justify-between gap-3">
        <p className="font-semibold">Step</p>
        {over ? null : following ? (
          <p className="text-sm text-ink-soft">Follows what runs</p>
        ) : (
          <Button size="sm" variant="ghost" onClick={onFollow}>
            <LocateFixed aria-hidden className="size-4" /> Follow what runs
          </Button>
        )}
      </div>
      <Card className="p-5">
        <div className="flex items-start justify-between gap-3">
          <div className="min-w-0">
            <h2 id="step-heading" className="text-lg font-semibold wrap-anywhere">
              {name}
            </h2>
            <Facts step={step} />
          </div>
          <StepStatusBadge status={step.status} />
        </div>
        <div className="mt-4 grid grid-cols-1 gap-3">
          <Trouble step={step} />
          <Circumstances step={step} />
          {step.progress === null ? null : (
            <div>
              <p className="mb-1.5 text-sm">{step.progress.message}</p>
              <Progress label={step.progress.message} ratio={step.progress.ratio} />
            </div>
          )}
          {step.calls.map((id) => {
            const call = calls[id];
            if (call === undefined) return null;
            return call.kind === 'llm' ? (
              <LlmCallView key={id} call={call} />
            ) : (
              <ToolCallView key={id} call={call} />
            );
          })}
          {step.calls.length === 0 && step.status === 'pending' ? (
            <p className="text-sm text-ink-soft">
              {step.dependsOn.length === 0
                ? 'Has not started yet.'
                : `Waits for ${step.dependsOn.join(', ')}.`}
            </p>
          ) : null}
          <Output key={stepId} runId={runId} step={step} />
          {step.agent !== null && (step.status === 'completed' || step.status === 'failed') ? (
            <RateWork key={`${runId} ${step.agent}`} agent={step.agent} runId={runId} />
          ) : null}
        </div>
      </Card>
    </section>
  );
}
