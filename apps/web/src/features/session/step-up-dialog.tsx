'use client';

import { getMfa, isApiProblem, stepUp, type StepUpData } from '@automatos/sdk';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { OwnPasswordField } from '../../components/ui/own-password-field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { isCode } from '../auth/codes.ts';
import { SecondFactorField } from '../auth/second-factor-field.tsx';

/** Asks who it is once more, by the second factor or without one by the password. */
export function StepUpDialog({ onAnswer }: { onAnswer: (proved: boolean) => void }) {
  const client = useApi();
  const [typed, setTyped] = useState('');
  const [missing, setMissing] = useState(false);
  const mfa = useQuery({
    queryKey: ['mfa'],
    queryFn: async ({ signal }) => (await getMfa({ client, signal })).data,
  });
  const prove = useMutation({
    mutationFn: (body: StepUpData['body']) => stepUp({ client, body }),
    onSuccess: () => onAnswer(true),
    onError: () => setTyped(''),
  });
  const byCode = mfa.data?.enabled === true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // This dialog may stand inside the form of another one.
    event.stopPropagation();
    const given = byCode ? isCode(typed) : typed !== '';
    setMissing(!given);
    if (given) prove.mutate(byCode ? { code: typed } : { password: typed });
  };
  const change = (text: string) => {
    setTyped(text);
    setMissing(false);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onAnswer(false))}
      title="Is it still you?"
      description="What you are about to do is sensitive. It goes on once you have shown who you are."
    >
      {mfa.isError ? (
        <ErrorState
          compact
          what="It could not be read how you can show it"
          error={mfa.error}
          onRetry={() => void mfa.refetch()}
        />
      ) : mfa.data === undefined ? (
        <SkeletonList label="second factor" rows={1} height="h-24" />
      ) : (
        <form noValidate className="grid gap-4" onSubmit={submit}>
          {byCode ? (
            <SecondFactorField
              value={typed}
              onChange={change}
              onComplete={(code) => prove.mutate({ code })}
              disabled={prove.isPending}
              error={missing ? 'The whole code is needed.' : undefined}
            />
          ) : (
            <OwnPasswordField label="Password" missing={missing} value={typed} onChange={change} />
          )}
          <FormFooter
            save={prove}
            failure={
              isApiProblem(prove.error) && prove.error.retryable
                ? 'It could not be checked'
                : 'That was not it'
            }
            label="Go on"
            onClose={() => onAnswer(false)}
          />
        </form>
      )}
    </Dialog>
  );
}
