'use client';

import { renewBackupCodes } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { CodeInput } from '../../components/ui/code-input.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { BackupCodes } from './backup-codes.tsx';

/** New backup codes for a code of the authenticator; the old ones count no more. */
export function RenewCodesDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState(false);
  const renew = useMutation({
    mutationFn: async (typed: string) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await renewBackupCodes({ client, body: { code: typed }, headers })).data.backup_codes;
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['mfa'] }),
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(code.length < 6);
    if (code.length === 6) renew.mutate(code);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open || renew.data !== undefined ? undefined : onClose())}
      title={renew.data === undefined ? 'New backup codes' : 'Your backup codes'}
      {...(renew.data === undefined
        ? { description: 'The codes that you have now count no more as soon as new ones are made.' }
        : {})}
    >
      {renew.data === undefined ? (
        <form noValidate className="grid gap-4" onSubmit={submit}>
          <Field
            label="Code of your authenticator"
            error={missing ? 'All six digits are needed.' : undefined}
          >
            {(control) => (
              <CodeInput
                control={control}
                autoFocus
                value={code}
                disabled={renew.isPending}
                onChange={setCode}
              />
            )}
          </Field>
          <FormFooter
            save={renew}
            failure="No new codes were made"
            label="Make new codes"
            onClose={onClose}
          />
        </form>
      ) : (
        <BackupCodes codes={renew.data} onDone={onClose} />
      )}
    </Dialog>
  );
}
