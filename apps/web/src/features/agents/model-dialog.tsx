'use client';

import { isApiProblem, updateAgent, type Agent, type UpdateAgentData } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Button } from '../../components/ui/button.tsx';
import { Dialog } from '../../components/ui/dialog.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { ModelRefFields } from '../providers/model-ref-fields.tsx';
import type { ModelRef } from '../providers/provider-types.ts';
import { draftOf } from './wizard/agent-draft.ts';
import { ChainEditor } from '../providers/routing/chain-editor.tsx';

const FALLBACKS_MAX = 10;

/** The whole agent with another model: an update replaces everything. */
function bodyOf(agent: Agent, first: ModelRef, fallbacks: ModelRef[]): UpdateAgentData['body'] {
  return {
    ...draftOf(agent),
    model: {
      ...agent.model,
      provider: first.provider === '' ? null : first.provider,
      model: first.model.trim() === '' ? null : first.model.trim(),
      fallbacks,
    },
  };
}

/** Chooses an agent's model and those that answer when it cannot. */
export function ModelDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const { model } = agent;
  const [first, setFirst] = useState<ModelRef>({
    provider: model.provider ?? '',
    model: model.model ?? '',
  });
  // Agents of older versions have no such list.
  const [fallbacks, setFallbacks] = useState<ModelRef[]>(model.fallbacks ?? []);
  const save = useMutation({
    mutationFn: () =>
      updateAgent({
        client,
        path: { agent_id: agent.id },
        body: bodyOf(agent, first, fallbacks),
        headers: { 'Idempotency-Key': newIdempotencyKey(), 'If-Match': `"${agent.version}"` },
      }),
    onSuccess: () => {
      notify({ kind: 'success', title: 'The model is saved and used by the next run' });
      void queries.invalidateQueries({ queryKey: ['agents'] });
      void queries.invalidateQueries({ queryKey: ['providers', 'configuration'] });
      onClose();
    },
  });
  const refused = isApiProblem(save.error) ? save.error : null;
  const problems = Object.fromEntries(
    (refused?.errors ?? []).map(({ pointer, message }) => [pointer, message]),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={`Model of ${agent.name}`}
      description="Without a provider the platform's default model is used. The others answer, in this order, when the one before cannot; after them comes the workspace's chain."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <ModelRefFields
          anyModel
          noProvider="The platform's default"
          noModel="the provider's default"
          value={first}
          onChange={setFirst}
          errors={{ provider: problems['/model/provider'], model: problems['/model/model'] }}
        />
        <fieldset className="min-w-0">
          <legend className="mb-1.5 text-sm font-medium">Fallbacks</legend>
          <ChainEditor
            label="Fallbacks of the agent"
            rows={fallbacks}
            onChange={(rows) =>
              setFallbacks(rows.map(({ provider, model: name }) => ({ provider, model: name })))
            }
            problems={problems}
            pointer="/model/fallbacks"
            max={FALLBACKS_MAX}
            empty="None: the workspace's chain comes right after the agent's own model."
          />
        </fieldset>
        {save.isError ? (
          <ErrorState
            compact
            what={
              refused?.status === 412
                ? 'Somebody else changed this agent meanwhile; load the page again'
                : 'The model could not be saved'
            }
            error={save.error}
          />
        ) : null}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" pending={save.isPending}>
            Save the model
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
