'use client';

import { isApiProblem, verifyMfa } from '@automatos/sdk';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import type { MfaChallenge } from './auth-types.ts';
import { isCode } from './codes.ts';
import { SecondFactorField } from './second-factor-field.tsx';

const TRY_AGAIN = ['identity.mfa.code_wrong', 'identity.mfa.code_used'];

/** Second half of a sign-in: the code. A code that is wrong may be tried again; a challenge that ended begins anew. */
export function SecondFactorStep({
  challenge,
  onEntered,
  onBack,
}: {
  challenge: MfaChallenge;
  onEntered: () => void;
  onBack: () => void;
}) {
  const client = useApi();
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState(false);
  const verify = useMutation({
    mutationFn: (typed: string) =>
      verifyMfa({ client, body: { challenge: challenge.challenge, code: typed } }),
    onSuccess: onEntered,
    onError: () => setCode(''),
  });
  const problem = isApiProblem(verify.error) ? verify.error : null;
  const wrong = problem !== null && TRY_AGAIN.includes(problem.code);
  const over = problem !== null && !wrong && !problem.retryable;
  const locked = problem?.status === 429;
  const busy = verify.isPending || verify.isSuccess;
  return (
    <form
      noValidate
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(!isCode(code));
        if (isCode(code)) verify.mutate(code);
      }}
    >
      {over ? null : (
        <SecondFactorField
          value={code}
          disabled={busy}
          onChange={(typed) => {
            setCode(typed);
            setMissing(false);
            if (typed !== '' && verify.isError) verify.reset();
          }}
          onComplete={(typed) => verify.mutate(typed)}
          error={missing ? 'The whole code is needed.' : wrong ? problem.detail : undefined}
        />
      )}
      {verify.isError && !wrong ? (
        <ErrorState
          compact
          what={
            over
              ? 'This sign-in has to begin again'
              : locked
                ? 'Too many tries'
                : 'The code could not be checked'
          }
          error={verify.error}
        />
      ) : null}
      <div className="flex flex-wrap gap-2">
        {over ? null : (
          <Button type="submit" variant="primary" className="flex-1" pending={busy}>
            Sign in
          </Button>
        )}
        <Button variant={over ? 'primary' : 'secondary'} onClick={onBack}>
          Start again
        </Button>
      </div>
    </form>
  );
}
