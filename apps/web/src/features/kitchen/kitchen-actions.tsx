'use client';

import { cancelRun, isApiProblem, pauseRun, resumeRun, type RunStatus } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { Pause, Play, RotateCw, Square } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../components/app-providers.tsx';
import { Button, ButtonLink } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useMay } from '../session/use-session.ts';

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
        detail: isApiProblem(error)
          ? `${error.detail}${error.requestId === null ? '' : ` (request ${error.requestId})`}`
          : 'Try again.',
      }),
  });
}

/** What can be done with the run as it is now. The buttons follow the run's events, not the click. */
export function KitchenActions({
  runId,
  status,
  recipe,
}: {
  runId: string;
  status: RunStatus;
  recipe: string | null;
}) {
  const mayControl = useMay('runs:control');
  const control = useControl(runId);
  const [asking, setAsking] = useState(false);
  const over = status === 'completed' || status === 'failed' || status === 'cancelled';
  if (over) {
    return recipe === null ? null : (
      <ButtonLink href={`/recipes/${recipe}?cook=1`}>
        <RotateCw aria-hidden className="size-4" /> Cook again
      </ButtonLink>
    );
  }
  if (!mayControl) return null;
  const pendingOn = (operation: keyof typeof OPERATIONS) =>
    control.isPending && control.variables === operation;
  return (
    <div className="flex flex-wrap gap-2">
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
      <Button variant="danger" pending={pendingOn('cancel')} onClick={() => setAsking(true)}>
        <Square aria-hidden className="size-4" /> Cancel run
      </Button>
      <Dialog
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this run?"
        description="Work under way is aborted. What has been done stays visible, and a cancelled run cannot be resumed."
      >
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={() => setAsking(false)}>Keep it running</Button>
          <Button
            variant="danger"
            onClick={() => {
              setAsking(false);
              control.mutate('cancel');
            }}
          >
            Cancel the run
          </Button>
        </div>
      </Dialog>
    </div>
  );
}
