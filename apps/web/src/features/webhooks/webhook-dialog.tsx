'use client';

import { createWebhook, updateWebhook, type CreateWebhookData, type Webhook } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '../../components/api-context.ts';
import { Dialog } from '../../components/ui/dialog.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input, Select } from '../../components/ui/input.tsx';
import { SecretOnce } from '../../components/ui/secret-once.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { useRecipeNames } from '../recipes/recipe-queries.ts';
import { EVENT_GROUPS, eventsOf, otherEvents } from './webhook-events.ts';

interface Values {
  name: string;
  url: string;
  recipe: string;
  /** Patterns beside those that have a box. */
  other: string;
}

function useSaveWebhook(webhook: Webhook | null, onClose: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async (body: CreateWebhookData['body']): Promise<string | null> => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      if (webhook === null) return (await createWebhook({ client, body, headers })).data.secret;
      await updateWebhook({ client, path: { webhook_id: webhook.id }, body, headers });
      return null;
    },
    onSuccess: (secret) => {
      void queries.invalidateQueries({ queryKey: ['webhooks'] });
      if (secret !== null) return;
      notify({ kind: 'success', title: 'The webhook is saved' });
      onClose();
    },
  });
}

function Events({
  events,
  set,
  missing,
}: {
  events: readonly string[];
  set: (events: string[]) => void;
  missing: boolean;
}) {
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">Events</legend>
      <div className="grid gap-x-5 sm:grid-cols-2">
        {EVENT_GROUPS.map(([event, label]) => (
          <label key={event} className="flex min-h-9 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={events.includes(event)}
              onChange={({ target }) =>
                set(target.checked ? [...events, event] : events.filter((each) => each !== event))
              }
            />
            {label}
          </label>
        ))}
      </div>
      {missing ? (
        <p role="alert" className="mt-1.5 text-[0.8125rem] font-medium text-bad">
          Choose at least one event.
        </p>
      ) : null}
    </fieldset>
  );
}

/** Makes an outgoing webhook or changes one; a new one shows its secret once. */
export function WebhookDialog({
  webhook,
  onClose,
}: {
  webhook: Webhook | null;
  onClose: () => void;
}) {
  const recipes = useRecipeNames() ?? [];
  const [events, setEvents] = useState<string[]>(
    webhook?.events ?? ['run.completed', 'run.failed'],
  );
  const [noEvent, setNoEvent] = useState(false);
  const save = useSaveWebhook(webhook, onClose);
  const { register, handleSubmit, formState } = useForm<Values>({
    defaultValues: {
      name: webhook?.name ?? '',
      url: webhook?.url ?? '',
      recipe: webhook?.recipe ?? '',
      other: otherEvents(webhook?.events ?? []).join(', '),
    },
  });
  const secret = save.data ?? null;
  const submit = handleSubmit(({ name, url, recipe, other }) => {
    const all = eventsOf(events, other);
    setNoEvent(all.length === 0);
    if (all.length === 0) return;
    save.mutate({
      name: name.trim(),
      url: url.trim(),
      events: all,
      recipe: recipe === '' ? null : recipe,
      enabled: webhook?.enabled ?? true,
    });
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={
        secret !== null
          ? 'The secret of the webhook'
          : webhook === null
            ? 'New webhook'
            : 'Change the webhook'
      }
    >
      {secret !== null ? (
        <SecretOnce label="secret" secret={secret} onDone={onClose}>
          The receiver checks the signature of each delivery with it. It cannot be shown again; a
          new one can be made at any time.
        </SecretOnce>
      ) : (
        <form noValidate className="grid gap-5" onSubmit={(event) => void submit(event)}>
          <Field label="Name" error={formState.errors.name?.message}>
            {(control) => (
              <Input
                control={control}
                autoComplete="off"
                {...register('name', {
                  validate: (value) => (value.trim() === '' ? 'Name is needed.' : true),
                })}
              />
            )}
          </Field>
          <Field
            label="Address"
            help="Events are sent there by POST, signed."
            error={formState.errors.url?.message}
          >
            {(control) => (
              <Input
                control={control}
                type="url"
                placeholder="https://example.com/hooks/automatos"
                autoComplete="off"
                {...register('url', {
                  validate: (value) =>
                    /^https?:\/\/\S+$/i.test(value.trim())
                      ? true
                      : 'Enter an address with http or https.',
                })}
              />
            )}
          </Field>
          <Events events={events} set={setEvents} missing={noEvent} />
          <Field
            label="Other events"
            optional
            help="With commas between, such as step.* or run.paused."
          >
            {(control) => (
              <Input
                control={control}
                className="font-mono"
                spellCheck={false}
                {...register('other')}
              />
            )}
          </Field>
          <Field label="Only of the recipe">
            {(control) => (
              <Select control={control} {...register('recipe')}>
                <option value="">All recipes</option>
                {recipes.map(({ slug, name }) => (
                  <option key={slug} value={slug}>
                    {name}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <FormFooter
            save={save}
            failure="The webhook could not be saved"
            label="Save the webhook"
            onClose={onClose}
          />
        </form>
      )}
    </Dialog>
  );
}
