'use client';

import { signIn } from '@automatos/sdk';
import { useEffect, useEffectEvent, useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { AuthForm, type AuthField } from './auth-form.tsx';
import type { MfaChallenge } from './auth-types.ts';
import { ProviderButtons } from './provider-buttons.tsx';
import { useReturnedChallenge } from './use-returned-challenge.ts';
import { SecondFactorStep } from './second-factor-step.tsx';

type Values = { email: string; password: string };

/** E-mail and password, the second factor after them, and the other ways in. */
export function SignInPanel({
  email,
  invitation,
  onEntered,
  onChallenge,
}: {
  /** The only address that may sign in here. */
  email?: string;
  invitation?: string;
  onEntered: () => void;
  /** Told when the second factor is asked for, and with false when the sign-in begins again. */
  onChallenge?: (asked: boolean) => void;
}) {
  const client = useApi();
  const [challenge, setChallenge] = useState<MfaChallenge | null>(null);
  const fields: readonly AuthField<Values>[] = [
    { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username', fixed: email },
    { name: 'password', label: 'Password', type: 'password', autoComplete: 'current-password' },
  ];
  const ask = (next: MfaChallenge | null) => {
    setChallenge(next);
    onChallenge?.(next !== null);
  };
  const returned = useReturnedChallenge();
  const [isReturnedOver, setIsReturnedOver] = useState(false);
  const asked = challenge ?? (isReturnedOver ? null : returned);
  const tell = useEffectEvent(() => onChallenge?.(true));
  useEffect(() => {
    if (returned !== null) tell();
  }, [returned]);
  const startAgain = () => {
    setIsReturnedOver(true);
    ask(null);
  };
  if (asked !== null)
    return <SecondFactorStep challenge={asked} onEntered={onEntered} onBack={startAgain} />;
  return (
    <>
      <AuthForm
        fields={fields}
        submitLabel="Sign in"
        failure="You could not be signed in"
        submit={async (body: Values) => (await signIn({ client, body })).data}
        onAnswer={(answer) => ('mfa_required' in answer ? ask(answer) : onEntered())}
      />
      <ProviderButtons invitation={invitation} />
    </>
  );
}
