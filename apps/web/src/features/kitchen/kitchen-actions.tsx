'use client';

import { cancelRun, pauseRun, resumeRun, retryRun, type Run, type RunStatus } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { Columns2, GitFork, Pause, Play, RotateCw, Send, Square, StepForward } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { problemText } from '../../lib/problem-text.ts';
import { useMay } from '../session/use-session.ts';
import { useRunState } from './run-context.tsx';

const ForkDialog = dynamic(async () => (await import('./fork-dialog.tsx')).ForkDialog, {
  ssr: false,
});
const CompareDialog = dynamic(async () => (await import('./compare-dialog.tsx')).CompareDialog, {
  ssr: false,
});
const SignalDialog = dynamic(async () => (await import('./signal-dialog.tsx')).SignalDialog, {
  ssr: false,
});

const OPERATIONS = { pause: pauseRun, resume: resumeRun, cancel: cancelRun };
const WENT_WRONG = {
  pause: 'The run could not be paused',
  resume: 'The run could not be resumed',
  cancel: 'The run could not be cancelled',
};

function useControl(runId: string) {
  const client = useApi();
  const notify = useToast();
  return useMutation({
    mutationFn: async (operation: keyof typeof OPERATIONS) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return await OPERATIONS[operation]({ client, path: { run_id: runId }, headers });
    },
    onError: (error, operation) =>
      notify({
        kind: 'error',
        title: WENT_WRONG[operation],
        detail: problemText(error),
      }),
  });
}

/** Goes on from the step that failed, as a new run, and leads to it. */
function RetryButton({ runId }: { runId: string }) {
  const client = useApi();
  const notify = useToast();
  const router = useRouter();
  const retry = useMutation({
    mutationFn: async () => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await retryRun({ client, path: { run_id: runId }, headers })).data;
    },
    onSuccess: (run) => router.push(`/runs/${run.id}`),
    onError: (error) =>
      notify({
        kind: 'error',
        title: 'The run could not be retried',
        detail: problemText(error),
      }),
  });
  return (
    <Button
      variant="primary"
      pending={retry.isPending || retry.isSuccess}
      onClick={() => retry.mutate()}
    >
      <StepForward aria-hidden className="size-4" /> Retry from failed step
    </Button>
  );
}

type Opened = 'fork' | 'compare' | 'signal' | 'cancel' | null;

function ControlButtons({
  runId,
  status,
  onCancel,
}: {
  runId: string;
  status: RunStatus;
  onCancel: () => void;
}) {
  const control = useControl(runId);
  const pendingOn = (operation: keyof typeof OPERATIONS) =>
    control.isPending && control.variables === operation;
  return (
    <>
      {status === 'paused' ? (
        <Button
          variant="primary"
          pending={pendingOn('resume')}
          onClick={() => control.mutate('resume')}
        >
          <Play aria-hidden className="size-4" /> Resume
        </Button>
      ) : (
        <Button pending={pendingOn('pause')} onClick={() => control.mutate('pause')}>
          <Pause aria-hidden className="size-4" /> Pause
        </Button>
      )}
      <Button variant="danger" onClick={onCancel}>
        <Square aria-hidden className="size-4" /> Cancel run
      </Button>
    </>
  );
}

function CancelDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const control = useControl(runId);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Cancel this run?"
      description="Work under way is aborted. What has been done stays visible, and a cancelled run cannot be resumed."
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onClose}>Keep it running</Button>
        <Button
          variant="danger"
          pending={control.isPending}
          onClick={() => control.mutate('cancel', { onSettled: onClose })}
        >
          Cancel the run
        </Button>
      </div>
    </Dialog>
  );
}

/** What can be done with the run as it is now. The buttons follow the run's events, not the click. */
export function KitchenActions({ run, status }: { run: Run; status: RunStatus }) {
  const mayControl = useMay('runs:control');
  const mayRun = useMay('recipes:run');
  const signal = useRunState(
    (state) =>
      Object.values(state.steps).find((step) => step.waiting?.reason === 'signal')?.waiting
        ?.signal ?? null,
  );
  const [opened, setOpened] = useState<Opened>(null);
  const close = () => setOpened(null);
  const over = status === 'completed' || status === 'failed' || status === 'cancelled';
  const isRecipe = run.recipe_slug !== null;
  return (
    <div className="flex flex-wrap gap-2">
      {over && status !== 'completed' && isRecipe && mayRun ? <RetryButton runId={run.id} /> : null}
      {!over && mayControl && signal !== null ? (
        <Button variant="primary" onClick={() => setOpened('signal')}>
          <Send aria-hidden className="size-4" /> Send signal
        </Button>
      ) : null}
      {isRecipe && mayRun ? (
        <Button onClick={() => setOpened('fork')}>
          <GitFork aria-hidden className="size-4" /> Fork…
        </Button>
      ) : null}
      {isRecipe ? (
        <Button onClick={() => setOpened('compare')}>
          <Columns2 aria-hidden className="size-4" /> Compare with…
        </Button>
      ) : null}
      {over && isRecipe ? (
        <ButtonLink href={`/recipes/${run.recipe_slug}?cook=1`}>
          <RotateCw aria-hidden className="size-4" /> Cook again
        </ButtonLink>
      ) : null}
      {!over && mayControl ? (
        <ControlButtons runId={run.id} status={status} onCancel={() => setOpened('cancel')} />
      ) : null}
      {opened === 'cancel' ? <CancelDialog runId={run.id} onClose={close} /> : null}
      {opened === 'fork' ? <ForkDialog run={run} onClose={close} /> : null}
      {opened === 'compare' ? <CompareDialog run={run} onClose={close} /> : null}
      {opened === 'signal' && signal !== null ? (
        <SignalDialog runId={run.id} name={signal} onClose={close} />
      ) : null}
    </div>
  );
}
