'use client';

import { disableMfa } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { OwnPasswordField } from '../../components/ui/own-password-field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { isCode } from '../auth/codes.ts';
import { SecondFactorField } from '../auth/second-factor-field.tsx';

/** Turns the second factor off, with the password and one last code. */
export function DisableMfaDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [shown, setShown] = useState(false);
  const disable = useMutation({
    mutationFn: () =>
      disableMfa({
        client,
        body: { password, code },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: 'The second factor is off' });
      void queries.invalidateQueries({ queryKey: ['mfa'] });
      onClose();
    },
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if (password !== '' && isCode(code)) disable.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Turn the second factor off?"
      description="Then your password alone opens the account. The backup codes are deleted."
    >
      <form noValidate className="grid gap-4" onSubmit={submit}>
        <OwnPasswordField
          label="Your password"
          missing={shown && password === ''}
          value={password}
          onChange={setPassword}
        />
        <SecondFactorField
          value={code}
          autoFocus={false}
          onChange={setCode}
          onComplete={setCode}
          error={
            shown && !isCode(code) && !disable.isError ? 'The whole code is needed.' : undefined
          }
        />
        <FormFooter
          save={disable}
          failure="The second factor is still on"
          label="Turn it off"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
