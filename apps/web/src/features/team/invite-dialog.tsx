'use client';

import { createInvitation, isApiProblem, type CreateInvitationData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { SecretOnce } from '../../components/ui/secret-once.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { ROLES, rolesToGive, type Role } from './role-rules.ts';

/** Makes an invitation; its link is shown once, and whoever invites passes it on. */
export function InviteDialog({
  workspace,
  onClose,
}: {
  workspace: { id: string; name: string; role: Role };
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('member');
  const [days, setDays] = useState('7');
  const [wrong, setWrong] = useState(false);
  const invite = useMutation({
    mutationFn: async (body: CreateInvitationData['body']) =>
      (
        await createInvitation({
          client,
          path: { workspace_id: workspace.id },
          body,
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  const refused = isApiProblem(invite.error) ? invite.error.errors : [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = email.trim();
    const fits = /^[^\s@]+@[^\s@]+$/.test(address);
    setWrong(!fits);
    if (fits) invite.mutate({ email: address, role, expires_in_days: Number(days) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={invite.data === undefined ? `Invite to ${workspace.name}` : 'The link'}
    >
      {invite.data === undefined ? (
        <form noValidate className="grid gap-5" onSubmit={submit}>
          <Field
            label="E-mail"
            help="Only an account with this address can use the invitation. No mail is sent: you get a link to pass on."
            error={
              wrong
                ? 'Enter an e-mail address.'
                : refused.find(({ pointer }) => pointer.endsWith('/email'))?.message
            }
          >
            {(control) => (
              <Input
                control={control}
                autoFocus
                type="email"
                autoComplete="off"
                value={email}
                onChange={({ target }) => setEmail(target.value)}
              />
            )}
          </Field>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label="Role">
              {(control) => (
                <Select
                  control={control}
                  value={role}
                  onChange={({ target }) => setRole(target.value as Role)}
                >
                  {ROLES.filter((each) => rolesToGive(workspace.role).includes(each.role)).map(
                    (each) => (
                      <option key={each.role} value={each.role}>
                        {each.label}: {each.help}
                      </option>
                    ),
                  )}
                </Select>
              )}
            </Field>
            <Field label="Good for">
              {(control) => (
                <Select
                  control={control}
                  value={days}
                  onChange={({ target }) => setDays(target.value)}
                >
                  <option value="1">A day</option>
                  <option value="7">A week</option>
                  <option value="30">30 days</option>
                </Select>
              )}
            </Field>
          </div>
          <FormFooter
            save={invite}
            failure="The invitation could not be made"
            label="Make the invitation"
            onClose={onClose}
          />
        </form>
      ) : (
        <SecretOnce label="link" secret={invite.data.url} onDone={onClose}>
          Send it to {invite.data.email}. It works once, with that address only, and cannot be shown
          again; you can take it back at any time.
        </SecretOnce>
      )}
    </Dialog>
  );
}
