'use client';

import {
  createCredential,
  getCredential,
  isApiProblem,
  updateCredential,
  type CreateCredentialData,
  type UpdateCredentialData,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronLeft, PlugZap } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Choices } from '../../components/ui/choices.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import {
  changedFields,
  changedNamed,
  draftOf,
  namedFields,
  newFields,
  openFieldsOf,
  serverProblems,
  type Problems,
} from './credential-draft.ts';
import { CredentialFields, OpenFields } from './credential-fields.tsx';
import { useCredentialTest } from './credential-queries.ts';
import type { Credential, CredentialScope, CredentialType } from './credential-views.ts';
import { TestResult } from './test-result.tsx';
import { TypePicker } from './type-picker.tsx';

const SCOPES = [
  { value: 'workspace', label: 'This workspace', help: 'Only what runs in it can use the secret.' },
  {
    value: 'platform',
    label: 'The whole platform',
    help: 'Every workspace that has none of its own uses it.',
  },
] as const;

type Body = CreateCredentialData['body'];
type Changes = UpdateCredentialData['body'];

/** A new credential is stored: it can be tried at once. */
function Stored({ credential, onClose }: { credential: Credential; onClose: () => void }) {
  const test = useCredentialTest(credential.id);
  return (
    <div className="grid gap-4">
      <p className="text-sm">
        {credential.name} is stored, encrypted. Nobody can read its secrets again, you neither.
      </p>
      <TestResult test={test} name={credential.name} />
      <div className="flex justify-end gap-2">
        <Button pending={test.isPending} onClick={() => test.mutate()}>
          {test.isPending ? null : <PlugZap aria-hidden className="size-4" />} Test it
        </Button>
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}

function useSave(base: Credential | null, type: CredentialType, onClose: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async (body: { create: Body } | { change: Changes }) => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      if ('create' in body)
        return (await createCredential({ client, body: body.create, headers })).data;
      const path = { credential_id: base?.id ?? '' };
      const match = { ...headers, 'If-Match': `"${base?.version ?? ''}"` };
      return (await updateCredential({ client, path, body: body.change, headers: match })).data;
    },
    onSuccess: ({ name }) => {
      void queries.invalidateQueries({ queryKey: ['credentials'] });
      if (base === null && type.test !== null) return;
      notify({ kind: 'success', title: `${name} is saved` });
      onClose();
    },
  });
}

function Form({
  type,
  credential,
  scopes,
  onBack,
  onClose,
}: {
  type: CredentialType;
  credential: Credential | null;
  /** Whether the person may choose where it counts. */
  scopes: boolean;
  onBack: (() => void) | null;
  onClose: () => void;
}) {
  const client = useApi();
  const [base, setBase] = useState(credential);
  const [name, setName] = useState(credential?.name ?? type.name);
  const [scope, setScope] = useState<CredentialScope>('workspace');
  const [draft, setDraft] = useState(() => draftOf(type, credential));
  const [rows, setRows] = useState(() => openFieldsOf(credential));
  const [problems, setProblems] = useState<Problems>({});
  const save = useSave(base, type, onClose);
  const newer = useMutation({
    mutationFn: async (id: string) =>
      (await getCredential({ client, path: { credential_id: id } })).data,
    onSuccess: (theirs) => {
      setBase(theirs);
      setName(theirs.name);
      setDraft(draftOf(type, theirs));
      setRows(openFieldsOf(theirs));
      save.reset();
    },
  });
  if (credential === null && save.data !== undefined)
    return <Stored credential={save.data} onClose={onClose} />;
  const refused = isApiProblem(save.error) ? save.error : null;
  const conflict = refused?.status === 412 || refused?.code.endsWith('version_mismatch') === true;
  const shown = { ...serverProblems(refused?.errors ?? []), ...problems };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const title = name.trim();
    const read =
      base === null
        ? type.open
          ? namedFields(rows)
          : newFields(type, draft)
        : type.open
          ? changedNamed(rows, base)
          : changedFields(type, draft, base);
    const wrong: Problems = 'problems' in read ? { ...read.problems } : {};
    if (title === '') wrong['name'] = 'Name is needed.';
    setProblems(wrong);
    if ('problems' in read || title === '') return;
    if (base === null)
      save.mutate({
        create: {
          type: type.id,
          name: title,
          scope,
          fields: read.values as Body['fields'],
          ...('open' in read ? { public_fields: read.open as string[] } : {}),
        },
      });
    else
      save.mutate({
        change: {
          ...(title === base.name ? {} : { name: title }),
          fields: read.values as NonNullable<Changes['fields']>,
        },
      });
  };
  return (
    <form noValidate className="grid gap-5" onSubmit={submit}>
      <p className="text-sm text-ink-soft">
        {type.docs}.{base === null ? '' : ' Secrets stay as they are while their field is empty.'}
      </p>
      <Field
        label="Name"
        help="How you recognise it, when there are several of a kind."
        error={shown['name']}
      >
        {(control) => (
          <Input
            control={control}
            autoComplete="off"
            maxLength={120}
            value={name}
            onChange={({ target }) => setName(target.value)}
          />
        )}
      </Field>
      {type.open ? (
        <OpenFields rows={rows} problems={shown} stored={base} set={setRows} />
      ) : (
        <CredentialFields
          fields={type.fields}
          draft={draft}
          problems={shown}
          stored={base}
          set={(field, value) => setDraft((before) => ({ ...before, [field]: value }))}
        />
      )}
      {scopes && base === null ? (
        <Choices legend="Where it counts" options={SCOPES} value={scope} onChange={setScope} />
      ) : null}
      {conflict && base !== null ? (
        <div className="grid gap-3">
          <ErrorState
            compact
            what="Somebody else changed this credential meanwhile"
            error={save.error}
          />
          <div>
            <Button size="sm" pending={newer.isPending} onClick={() => newer.mutate(base.id)}>
              Take what is stored
            </Button>
          </div>
        </div>
      ) : null}
      <div className="grid gap-3">
        {onBack === null ? null : (
          <div>
            <Button size="sm" variant="ghost" onClick={onBack}>
              <ChevronLeft aria-hidden className="size-4" /> Another kind
            </Button>
          </div>
        )}
        <FormFooter
          save={{ ...save, isError: save.isError && !conflict }}
          failure="The credential could not be saved"
          label={base === null ? 'Store the credential' : 'Save the credential'}
          onClose={onClose}
        />
      </div>
    </form>
  );
}

/** Stores a new credential, or changes one. */
export function CredentialDialog({
  types,
  credential,
  firstType,
  scopes,
  onClose,
}: {
  types: readonly CredentialType[];
  credential: Credential | null;
  /** Kind to begin with, for links that lead here. */
  firstType: string | null;
  scopes: boolean;
  onClose: () => void;
}) {
  const wanted = credential?.type ?? firstType;
  const [type, setType] = useState(() => types.find(({ id }) => id === wanted) ?? null);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={
        credential !== null
          ? `Change ${credential.name}`
          : type === null
            ? 'New credential'
            : `New credential: ${type.name}`
      }
    >
      {type === null ? (
        <TypePicker types={types} onPick={setType} />
      ) : (
        <Form
          key={type.id}
          type={type}
          credential={credential}
          scopes={scopes}
          onBack={credential === null ? () => setType(null) : null}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}
