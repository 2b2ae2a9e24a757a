'use client';

import { createApiKey, type CreateApiKeyData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '../../components/app-providers.tsx';
import { Button } from '../../components/ui/button.tsx';
import { CodeBlock, CopyButton } from '../../components/ui/code-block.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

type Role = NonNullable<CreateApiKeyData['body']['role']>;
type Values = { name: string; role: Role; days: string };

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <div className="grid gap-4">
      <p className="text-sm">
        Copy the key now. Only its hash is stored, so it cannot be shown again.
      </p>
      <CodeBlock label="New API key" text={secret} className="break-all whitespace-pre-wrap" />
      <div className="flex justify-end gap-2">
        <CopyButton text={secret} label="Copy key" />
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      </div>
    </div>
  );
}

export function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const { register, handleSubmit, setFocus, formState } = useForm<Values>({
    defaultValues: { name: '', role: 'member', days: '90' },
  });
  useEffect(() => {
    setFocus('name');
  }, [setFocus]);
  const create = useMutation({
    mutationFn: async ({ name, role, days }: Values) => {
      const body = {
        name: name.trim(),
        role,
        ...(days === '' ? {} : { expires_in_days: Number(days) }),
      };
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      return (await createApiKey({ client, body, headers })).data;
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={create.data === undefined ? 'New API key' : 'Your new API key'}
    >
      {create.data === undefined ? (
        <form
          noValidate
          className="grid gap-4"
          onSubmit={(event) => void handleSubmit((values) => create.mutate(values))(event)}
        >
          <Field
            label="Name"
            help="What will use it, so that you recognise it later."
            error={formState.errors.name?.message}
          >
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                {...register('name', {
                  validate: (value) => (value.trim() === '' ? 'Name is needed.' : true),
                  maxLength: { value: 100, message: 'Use at most 100 characters.' },
                })}
              />
            )}
          </Field>
          <Field label="Role" help="What the key may do.">
            {(control) => (
              <Select control={control} {...register('role')}>
                <option value="viewer">Viewer: reads</option>
                <option value="member">Member: reads, writes recipes, runs</option>
                <option value="admin">Admin: everything, keys included</option>
              </Select>
            )}
          </Field>
          <Field label="Expires">
            {(control) => (
              <Select control={control} {...register('days')}>
                <option value="30">After 30 days</option>
                <option value="90">After 90 days</option>
                <option value="365">After a year</option>
                <option value="">Never</option>
              </Select>
            )}
          </Field>
          <FormFooter
            save={create}
            failure="The key could not be made"
            label="Make the key"
            closeLabel="Close"
            onClose={onClose}
          />
        </form>
      ) : (
        <Secret secret={create.data.key} onClose={onClose} />
      )}
    </Dialog>
  );
}
