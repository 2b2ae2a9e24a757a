'use client';

import { clearLlmCache } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Choices } from '../../../components/ui/choices.tsx';
import { ConfirmDialog } from '../../../components/ui/confirm-dialog.tsx';
import { NumberField } from '../../../components/ui/number-field.tsx';
import { Switch } from '../../../components/ui/switch.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { formatCost, plural } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { ModelRefFields } from '../model-ref-fields.tsx';
import { useProviderHealth } from '../provider-queries.ts';
import type { RouterSettings } from '../provider-types.ts';
import { CACHE_MODES } from '../strategies.ts';

type Cache = RouterSettings['cache'];
const DAY_MINUTES = 1440;

function ClearCache() {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [asking, setAsking] = useState(false);
  const cache = useProviderHealth(DAY_MINUTES).data?.cache;
  const clear = useMutation({
    mutationFn: async () =>
      (await clearLlmCache({ client, headers: { 'Idempotency-Key': newIdempotencyKey() } })).data,
    onSuccess: ({ removed }) => {
      notify({ kind: 'success', title: `${plural(removed, 'kept answer')} forgotten` });
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ['providers', 'health'] });
    },
  });
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
      <p className="text-sm text-ink-soft">
        {cache === undefined
          ? 'What is kept is not known yet.'
          : `${plural(cache.entries, 'answer')} kept. In the last 24 hours ${plural(cache.hits + cache.shared, 'call')} answered from it, ${formatCost(cache.saved_micros)} saved.`}
      </p>
      <Button size="sm" onClick={() => setAsking(true)}>
        Forget kept answers
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Forget all kept answers?"
          description="The next calls are sent to the providers again and cost what they cost."
          action="Forget them"
          pending={clear.isPending}
          error={clear.error}
          onConfirm={() => clear.mutate()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </div>
  );
}

/** Which answers are kept, how long, and whether prompts of the same meaning count as the same. */
export function CacheSection({
  cache,
  onChange,
  problems,
  mayWrite,
}: {
  cache: Cache;
  onChange: (cache: Cache) => void;
  problems: Readonly<Record<string, string>>;
  mayWrite: boolean;
}) {
  const { semantic } = cache;
  return (
    <div className="grid gap-5">
      <Choices
        legend="Which calls may be answered from the cache"
        options={CACHE_MODES}
        value={cache.mode}
        onChange={(mode) => onChange({ ...cache, mode })}
      />
      {cache.mode === 'off' ? null : (
        <>
          <div className="max-w-60">
            <NumberField
              label="Kept for"
              unit="minutes"
              scale={60_000}
              value={cache.ttl_ms}
              onChange={(value) => onChange({ ...cache, ttl_ms: value ?? Number.NaN })}
              error={problems['/cache/ttl_ms']}
            />
          </div>
          <div className="flex items-start gap-3">
            <Switch
              id="semantic-cache"
              checked={semantic !== null}
              describedBy="semantic-cache-help"
              onCheckedChange={(on) =>
                onChange({
                  ...cache,
                  semantic: on
                    ? { similarity: 0.97, embedding: { provider: '', model: '' } }
                    : null,
                })
              }
            />
            <div>
              <label htmlFor="semantic-cache" className="text-sm font-medium">
                Also prompts of the same meaning
              </label>
              <p id="semantic-cache-help" className="text-[0.8125rem] text-ink-soft">
                Compares prompts by an embedding model. A close question may get the answer of
                another one: choose a high similarity.
              </p>
            </div>
          </div>
          {semantic === null ? null : (
            <div className="grid gap-4 rounded-lg border border-line p-3">
              <ModelRefFields
                value={semantic.embedding}
                onChange={(embedding) =>
                  onChange({ ...cache, semantic: { ...semantic, embedding } })
                }
                errors={{
                  provider: problems['/cache/semantic/embedding/provider'],
                  model: problems['/cache/semantic/embedding/model'],
                }}
              />
              <div className="max-w-60">
                <NumberField
                  label="Similarity"
                  help="Cosine from 0.5 to 1."
                  value={semantic.similarity}
                  onChange={(value) =>
                    onChange({
                      ...cache,
                      semantic: { ...semantic, similarity: value ?? Number.NaN },
                    })
                  }
                  error={problems['/cache/semantic/similarity']}
                />
              </div>
            </div>
          )}
        </>
      )}
      {mayWrite ? <ClearCache /> : null}
    </div>
  );
}
