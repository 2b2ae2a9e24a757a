'use client';

import { isApiProblem, rotateCredential, type RotateCredentialData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { serverProblems, type Draft } from './credential-draft.ts';
import { CredentialFields } from './credential-fields.tsx';
import type { Credential, CredentialField, CredentialType } from './credential-views.ts';

/** Secrets that are there; types with fields of any name say nothing about theirs. */
function secretFields(type: CredentialType, credential: Credential): CredentialField[] {
  if (!type.open) return type.fields.filter(({ secret }) => secret);
  return Object.keys(credential.secrets).map((name) => ({
    name,
    label: name,
    secret: true,
    required: false,
    format: 'text',
    help: null,
    options: null,
    verifies: false,
  }));
}

/** Takes new secrets and nothing else. */
export function RotateDialog({
  type,
  credential,
  onClose,
}: {
  type: CredentialType;
  credential: Credential;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [draft, setDraft] = useState<Draft>({});
  const [empty, setEmpty] = useState(false);
  const fields = secretFields(type, credential);
  const first = fields[0]?.name ?? '';
  const graced = fields.filter(({ verifies }) => verifies).map(({ label }) => label.toLowerCase());
  const rotate = useMutation({
    mutationFn: (body: RotateCredentialData['body']) =>
      rotateCredential({
        client,
        path: { credential_id: credential.id },
        body,
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['credentials'] });
      notify({ kind: 'success', title: `${credential.name} has its new secret` });
      onClose();
    },
  });
  const refused = isApiProblem(rotate.error) ? rotate.error.errors : [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const given = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== ''));
    const nothing = Object.keys(given).length === 0;
    setEmpty(nothing);
    if (!nothing) rotate.mutate({ fields: given });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`New secret for ${credential.name}`}
      description={
        graced.length === 0
          ? 'It counts from now on; make it at the service first.'
          : `It counts from now on. Signatures by the ${graced.join(' and ')} before are taken for 24 hours more.`
      }
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <CredentialFields
          fields={fields}
          draft={draft}
          problems={{
            ...serverProblems(refused),
            ...(empty ? { [first]: 'At least one new secret is needed.' } : {}),
          }}
          stored={credential}
          set={(name, value) => setDraft((before) => ({ ...before, [name]: value }))}
        />
        <FormFooter
          save={rotate}
          failure="The secret could not be changed"
          label="Change the secret"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
