'use client';

import { changePassword } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useSession } from '../session/use-session.ts';

interface Values {
  current: string;
  next: string;
  again: string;
}

/** Changes the password; every other session ends. */
export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const email = useSession().data?.user?.email ?? '';
  const { register, handleSubmit, formState, getValues } = useForm<Values>();
  const { errors } = formState;
  const save = useMutation({
    mutationFn: ({ current, next }: Values) =>
      changePassword({
        client,
        body: { current_password: current, new_password: next },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: () => {
      notify({
        kind: 'success',
        title: 'Your password is changed',
        detail: 'You are signed out everywhere else.',
      });
      void queries.invalidateQueries({ queryKey: ['own-sessions'] });
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Change your password"
      description="You are signed out everywhere but here."
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => void handleSubmit((values) => save.mutate(values))(event)}
      >
        {/* Password managers store the new one under it. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <Field label="Password now" error={errors.current?.message}>
          {(control) => (
            <Input
              control={control}
              type="password"
              autoComplete="current-password"
              {...register('current', { required: 'The password that counts now is needed.' })}
            />
          )}
        </Field>
        <Field label="New password" help="At least 10 characters." error={errors.next?.message}>
          {(control) => (
            <Input
              control={control}
              type="password"
              autoComplete="new-password"
              {...register('next', {
                required: 'The new password is needed.',
                minLength: { value: 10, message: 'Use at least 10 characters.' },
                maxLength: { value: 200, message: 'Use at most 200 characters.' },
              })}
            />
          )}
        </Field>
        <Field label="New password again" error={errors.again?.message}>
          {(control) => (
            <Input
              control={control}
              type="password"
              autoComplete="new-password"
              {...register('again', {
                validate: (value) =>
                  value === getValues('next') ? true : 'The two are not the same.',
              })}
            />
          )}
        </Field>
        <FormFooter
          save={save}
          failure="The password could not be changed"
          label="Change the password"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
