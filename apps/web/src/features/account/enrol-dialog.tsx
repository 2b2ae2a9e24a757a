'use client';

import { confirmMfa, enrolMfa, isApiProblem, type EnrolMfaResponse } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { CodeInput } from '../../components/ui/code-input.tsx';
import { CopyButton } from '../../components/ui/code-block.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { OwnPasswordField } from '../../components/ui/own-password-field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { BackupCodes } from './backup-codes.tsx';
import { QrCode } from './qr-code.tsx';

type Enrolment = EnrolMfaResponse;

const key = () => ({ 'Idempotency-Key': newIdempotencyKey() });

function AskPassword({
  onEnrolled,
  onClose,
}: {
  onEnrolled: (enrolment: Enrolment) => void;
  onClose: () => void;
}) {
  const client = useApi();
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState(false);
  const enrol = useMutation({
    mutationFn: async () => (await enrolMfa({ client, body: { password }, headers: key() })).data,
    onSuccess: onEnrolled,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(password === '');
    if (password !== '') enrol.mutate();
  };
  return (
    <form noValidate className="grid gap-4" onSubmit={submit}>
      <p className="text-sm">
        You need an authenticator: an app on your phone or a password manager that shows six digits
        which change every 30 seconds.
      </p>
      <OwnPasswordField
        label="Your password"
        missing={missing}
        value={password}
        onChange={setPassword}
      />
      <FormFooter
        save={enrol}
        failure="The second factor could not be set up"
        label="Go on"
        onClose={onClose}
      />
    </form>
  );
}

/** The secret in groups of four, as people type it. */
function Secret({ secret }: { secret: string }) {
  return (
    <div className="min-w-0">
      <p className="text-sm font-medium">Or type this secret</p>
      <p
        aria-label="Secret"
        role="group"
        className="mt-1.5 mb-2 rounded-lg border border-line bg-sunken p-3 font-mono text-sm wrap-anywhere"
      >
        {secret.match(/.{1,4}/g)?.join(' ')}
      </p>
      <CopyButton text={secret} label="Copy the secret" />
    </div>
  );
}

function Confirm({
  enrolment,
  onCodes,
  onClose,
}: {
  enrolment: Enrolment;
  onCodes: (codes: string[]) => void;
  onClose: () => void;
}) {
  const client = useApi();
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState(false);
  const confirm = useMutation({
    mutationFn: async (typed: string) =>
      (await confirmMfa({ client, body: { code: typed }, headers: key() })).data.backup_codes,
    onSuccess: onCodes,
    onError: () => setCode(''),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(code.length < 6);
    if (code.length === 6) confirm.mutate(code);
  };
  const refused = isApiProblem(confirm.error) && !confirm.error.retryable;
  return (
    <form noValidate className="grid gap-5" onSubmit={submit}>
      <div className="grid items-start gap-5 sm:grid-cols-[13rem_minmax(0,1fr)]">
        <div className="grid gap-2">
          <p className="text-sm font-medium">Scan this with your authenticator</p>
          <QrCode text={enrolment.otpauth_uri} label="QR code of the secret" />
        </div>
        <Secret secret={enrolment.secret} />
      </div>
      <Field
        label="Code that it shows now"
        error={missing ? 'All six digits are needed.' : undefined}
      >
        {(control) => (
          <CodeInput
            control={control}
            value={code}
            disabled={confirm.isPending}
            onChange={(typed) => {
              setCode(typed);
              setMissing(false);
            }}
            onComplete={(typed) => confirm.mutate(typed)}
          />
        )}
      </Field>
      <FormFooter
        save={confirm}
        failure={refused ? 'The second factor is not on yet' : 'The code could not be checked'}
        label="Turn it on"
        onClose={onClose}
      />
    </form>
  );
}

/** Sets up an authenticator: password, secret, first code, backup codes. */
export function EnrolDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const done = (made: string[]) => {
    setCodes(made);
    void queries.invalidateQueries({ queryKey: ['mfa'] });
    void queries.invalidateQueries({ queryKey: ['own-sessions'] });
  };
  return (
    <Dialog
      open
      // Codes that nobody stored would be lost with a click beside the window.
      onOpenChange={(open) => (open || codes !== null ? undefined : onClose())}
      title={codes === null ? 'Set up a second factor' : 'Your backup codes'}
    >
      {codes !== null ? (
        <BackupCodes codes={codes} onDone={onClose} />
      ) : enrolment !== null ? (
        <Confirm enrolment={enrolment} onCodes={done} onClose={onClose} />
      ) : (
        <AskPassword onEnrolled={setEnrolment} onClose={onClose} />
      )}
    </Dialog>
  );
}
