'use client';

import { isApiProblem, updateProfile, type Session, type UpdateProfileData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useSession } from '../session/use-session.ts';

type User = NonNullable<Session['user']>;

function ProfileForm({ user }: { user: User }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [name, setName] = useState(user.name);
  const [email, setEmail] = useState(user.email);
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const moves = email.trim() !== user.email;
  const changed = moves || name.trim() !== user.name;
  const save = useMutation({
    mutationFn: (body: UpdateProfileData['body']) =>
      updateProfile({ client, body, headers: { 'Idempotency-Key': newIdempotencyKey() } }),
    onSuccess: () => {
      setPassword('');
      setShown(false);
      notify({ kind: 'success', title: 'Your profile is saved' });
      void queries.invalidateQueries({ queryKey: ['session'] });
    },
  });
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const errorAt = (field: string, own: string | undefined) =>
    (shown ? own : undefined) ??
    refused.find(({ pointer }) => pointer.replace(/^#/, '') === `/${field}`)?.message;
  const missingName = name.trim() === '' ? 'Name is needed.' : undefined;
  const wrongEmail = /^[^\s@]+@[^\s@]+$/.test(email.trim())
    ? undefined
    : 'Enter an e-mail address.';
  const missingPassword = moves && password === '' ? 'The password is needed.' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if (missingName ?? wrongEmail ?? missingPassword) return;
    save.mutate({
      ...(name.trim() === user.name ? {} : { name: name.trim() }),
      ...(moves ? { email: email.trim(), password } : {}),
    });
  };
  return (
    <form noValidate className="grid gap-4 p-5" onSubmit={submit}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" error={errorAt('name', missingName)}>
          {(control) => (
            <Input
              control={control}
              autoComplete="name"
              maxLength={100}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        <Field label="E-mail" error={errorAt('email', wrongEmail)}>
          {(control) => (
            <Input
              control={control}
              type="email"
              autoComplete="email"
              value={email}
              onChange={({ target }) => setEmail(target.value)}
            />
          )}
        </Field>
        {moves ? (
          <Field
            label="Your password"
            help="Whoever changes the address takes over the account, so it is asked for."
            error={errorAt('password', missingPassword)}
          >
            {(control) => (
              <Input
                control={control}
                type="password"
                autoComplete="current-password"
                value={password}
                onChange={({ target }) => setPassword(target.value)}
              />
            )}
          </Field>
        ) : null}
      </div>
      {save.isError ? (
        <ErrorState compact what="Your profile could not be saved" error={save.error} />
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" variant="primary" disabled={!changed} pending={save.isPending}>
          Save the profile
        </Button>
      </div>
    </form>
  );
}

/** Name and e-mail of whoever is signed in. */
export function Profile() {
  const user = useSession().data?.user ?? null;
  if (user === null) return null;
  return (
    <Section title="Profile">
      <ProfileForm key={`${user.name} ${user.email}`} user={user} />
    </Section>
  );
}
