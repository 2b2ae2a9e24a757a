'use client';

import { rotateApiKey, type ApiKey } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Select } from '../../components/ui/input.tsx';
import { SecretOnce } from '../../components/ui/secret-once.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';

/** Gives a key a new secret; the old one counts on for as long as is chosen. */
export function RotateKeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const [hours, setHours] = useState('24');
  const rotate = useMutation({
    mutationFn: async () =>
      (
        await rotateApiKey({
          client,
          path: { key_id: apiKey.id },
          body: { grace_hours: Number(hours) },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data.key,
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={rotate.data === undefined ? `A new secret for ${apiKey.name}?` : 'The new API key'}
    >
      {rotate.data === undefined ? (
        <form noValidate className="grid gap-5" onSubmit={submit}>
          <Field
            label="The old one counts on"
            help="Time to change it everywhere without a gap. If somebody found it, end it at once."
          >
            {(control) => (
              <Select
                control={control}
                value={hours}
                onChange={({ target }) => setHours(target.value)}
              >
                <option value="0">Not at all</option>
                <option value="1">For an hour</option>
                <option value="24">For a day</option>
                <option value="168">For a week</option>
                <option value="720">For 30 days</option>
              </Select>
            )}
          </Field>
          <FormFooter
            save={rotate}
            failure="The key could not be changed"
            label="Make a new secret"
            onClose={onClose}
          />
        </form>
      ) : (
        <SecretOnce label="API key" secret={rotate.data} onDone={onClose}>
          Copy the key now. Only its hash is stored, so it cannot be shown again.
        </SecretOnce>
      )}
    </Dialog>
  );
}
