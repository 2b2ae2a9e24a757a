'use client';

import { signUp } from '@automatos/sdk';
import { useApi } from '../../components/api-context.ts';
import { AuthForm, type AuthField } from './auth-form.tsx';
import { ProviderButtons } from './provider-buttons.tsx';

type Values = { name: string; email: string; password: string };

/** Makes an account: the first one, one while sign-up is open, or one that an invitation asks for. */
export function SignUpPanel({
  submitLabel,
  email,
  invitation,
  onEntered,
}: {
  submitLabel: string;
  /** The only address that the account can have. */
  email?: string;
  invitation?: string;
  onEntered: () => void;
}) {
  const client = useApi();
  const fields: readonly AuthField<Values>[] = [
    { name: 'name', label: 'Name', type: 'text', autoComplete: 'name' },
    { name: 'email', label: 'E-mail', type: 'email', autoComplete: 'username', fixed: email },
    {
      name: 'password',
      label: 'Password',
      type: 'password',
      autoComplete: 'new-password',
      minLength: 10,
      help: 'At least 10 characters.',
    },
  ];
  return (
    <>
      <AuthForm
        fields={fields}
        submitLabel={submitLabel}
        failure="The account could not be created"
        submit={(values: Values) =>
          signUp({
            client,
            body: invitation === undefined ? values : { ...values, invitation_token: invitation },
          })
        }
        onAnswer={onEntered}
      />
      <ProviderButtons invitation={invitation} />
    </>
  );
}
