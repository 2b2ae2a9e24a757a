'use client';

import {
  createTrigger,
  updateTrigger,
  type Recipe,
  type Trigger,
  type TriggerSpecInput,
} from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Choices } from '../../../components/ui/choices.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { FormFooter } from '../../../components/ui/form-footer.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { SecretOnce } from '../../../components/ui/secret-once.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { inputFields } from '../input-fields.ts';
import { useRecipeNames } from '../recipe-queries.ts';
import {
  EVENTS,
  formOf,
  newTrigger,
  SIGNATURES,
  specOf,
  type TriggerForm,
} from './trigger-form.ts';

interface Part {
  form: TriggerForm;
  set: (change: Partial<TriggerForm>) => void;
}

function WebhookFields({ form, set }: Part) {
  return (
    <>
      <Choices
        legend="How the sender proves itself"
        options={SIGNATURES}
        value={form.signature}
        onChange={(signature) => set({ signature })}
      />
      {form.signature === 'hmac_sha256' ? (
        <Field label="Header with the signature">
          {(control) => (
            <Input
              control={control}
              className="font-mono"
              value={form.signatureHeader}
              onChange={(event) => set({ signatureHeader: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      {form.signature === 'hmac_sha256' || form.signature === 'bearer' ? (
        <Field
          label="Header that names the delivery"
          optional
          help="The same delivery starts one run only. Without a header the body tells them apart."
        >
          {(control) => (
            <Input
              control={control}
              className="font-mono"
              value={form.deliveryHeader}
              onChange={(event) => set({ deliveryHeader: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      <Field
        label="Oldest delivery, in minutes"
        help="Older ones are refused, so that a recorded one cannot be sent again later."
      >
        {(control) => (
          <Input
            control={control}
            inputMode="decimal"
            value={form.replayMinutes}
            onChange={(event) => set({ replayMinutes: event.target.value })}
          />
        )}
      </Field>
    </>
  );
}

function EventFields({ form, set }: Part) {
  const recipes = useRecipeNames() ?? [];
  return (
    <>
      <fieldset>
        <legend className="mb-1.5 text-sm font-medium">When a run</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-1">
          {EVENTS.map(([event, label]) => (
            <label key={event} className="flex min-h-9 items-center gap-2 text-sm">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={form.on.includes(event)}
                onChange={({ target }) =>
                  set({
                    on: target.checked
                      ? [...form.on, event]
                      : form.on.filter((each) => each !== event),
                  })
                }
              />
              {label}
            </label>
          ))}
        </div>
      </fieldset>
      <Field label="Of the recipe">
        {(control) => (
          <Select
            control={control}
            value={form.recipe}
            onChange={(event) => set({ recipe: event.target.value })}
          >
            <option value="">Any other recipe</option>
            {recipes.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
    </>
  );
}

function useSaveTrigger(recipe: Recipe, trigger: Trigger | null, onClose: () => void) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: async (spec: TriggerSpecInput): Promise<Trigger & { secret: string | null }> => {
      const headers = { 'Idempotency-Key': newIdempotencyKey() };
      if (trigger === null) {
        return (await createTrigger({ client, body: { recipe: recipe.slug, spec }, headers })).data;
      }
      const { data } = await updateTrigger({
        client,
        path: { trigger_id: trigger.id },
        body: { spec },
        headers,
      });
      return { ...data, secret: null };
    },
    onSuccess: (saved) => {
      void queries.invalidateQueries({ queryKey: ['triggers'] });
      if (saved.secret !== null) return;
      notify({ kind: 'success', title: 'The trigger is saved' });
      onClose();
    },
  });
}

function TriggerFields({ recipe, form, set, fixed }: Part & { recipe: Recipe; fixed: boolean }) {
  const fields = useMemo(() => inputFields(recipe.definition.inputs), [recipe.definition.inputs]);
  const root = form.type === 'webhook' ? 'body' : 'event';
  return (
    <>
      {fixed ? null : (
        <Choices
          legend="Started by"
          value={form.type}
          onChange={(type) => set({ type })}
          options={[
            {
              value: 'webhook',
              label: 'A webhook',
              help: 'Another system calls an address of this server.',
            },
            {
              value: 'run_event',
              label: 'The end of another run',
              help: 'Recipes follow each other.',
            },
          ]}
        />
      )}
      <Field label="Name">
        {(control) => (
          <Input
            control={control}
            value={form.name}
            autoComplete="off"
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      {form.type === 'webhook' ? (
        <WebhookFields form={form} set={set} />
      ) : (
        <EventFields form={form} set={set} />
      )}
      <Field
        label="Only when"
        optional
        help={`For example {{${root}.${form.type === 'webhook' ? 'ref}} == "refs/heads/main"' : 'findings_total}} > 0'}. What does not match is accepted and starts nothing.`}
      >
        {(control) => (
          <Input
            control={control}
            className="font-mono"
            value={form.when}
            spellCheck={false}
            onChange={(event) => set({ when: event.target.value })}
          />
        )}
      </Field>
      {fields.length === 0 ? null : (
        <fieldset className="grid gap-4">
          <legend className="mb-3 text-sm font-semibold">Inputs of the run</legend>
          {fields.map((field) => (
            <Field
              key={field.name}
              label={field.label}
              optional={!field.required}
              help={`A value, or a reference such as {{${root}.${field.name}}}.`}
            >
              {(control) => (
                <Input
                  control={control}
                  className="font-mono"
                  spellCheck={false}
                  value={form.inputs[field.name] ?? ''}
                  onChange={(event) =>
                    set({ inputs: { ...form.inputs, [field.name]: event.target.value } })
                  }
                />
              )}
            </Field>
          ))}
        </fieldset>
      )}
      <Field label="Switched on">
        {(wiring) => (
          <Switch
            id={wiring.id}
            checked={form.enabled}
            onCheckedChange={(enabled) => set({ enabled })}
          />
        )}
      </Field>
    </>
  );
}

/** Makes a trigger or changes one; a new webhook shows its secret once. */
export function TriggerDialog({
  recipe,
  trigger,
  onClose,
}: {
  recipe: Recipe;
  trigger: Trigger | null;
  onClose: () => void;
}) {
  const [form, setForm] = useState(() => (trigger === null ? newTrigger() : formOf(trigger.spec)));
  const [wrong, setWrong] = useState<string | null>(null);
  const save = useSaveTrigger(recipe, trigger, onClose);
  const set = (change: Partial<TriggerForm>) => setForm((before) => ({ ...before, ...change }));
  const secret = save.data?.secret ?? null;
  const submit = () => {
    const result = specOf(form, inputFields(recipe.definition.inputs));
    setWrong('error' in result ? result.error : null);
    if ('spec' in result) save.mutate(result.spec);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={
        secret !== null
          ? 'The secret of the webhook'
          : trigger === null
            ? 'New trigger'
            : 'Change the trigger'
      }
    >
      {secret !== null ? (
        <SecretOnce label="secret" secret={secret} onDone={onClose}>
          Give it to the sender now. It cannot be shown again; a new one can be made at any time.
        </SecretOnce>
      ) : (
        <form
          noValidate
          className="grid gap-5"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <TriggerFields recipe={recipe} form={form} set={set} fixed={trigger !== null} />
          {wrong === null ? null : (
            <p role="alert" className="text-sm font-medium text-bad">
              {wrong}
            </p>
          )}
          <FormFooter
            save={save}
            failure="The trigger could not be saved"
            label="Save the trigger"
            onClose={onClose}
          />
        </form>
      )}
    </Dialog>
  );
}
