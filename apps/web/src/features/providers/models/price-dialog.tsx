'use client';

import { isApiProblem, putModelPrice } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { FormFooter } from '../../../components/ui/form-footer.tsx';
import { MoneyField } from '../../../components/ui/money-field.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { dollarsText, parseDollars } from '../../../lib/money.ts';
import { ModelRefFields } from '../model-ref-fields.tsx';
import { refText, type ModelPrice } from '../provider-types.ts';

const FIELDS = [
  { key: 'input_micros', label: 'Input', needed: true },
  { key: 'output_micros', label: 'Output', needed: true },
  { key: 'cached_input_micros', label: 'Input from the vendor’s cache', needed: false },
  { key: 'cache_write_micros', label: 'Writing to the vendor’s cache', needed: false },
] as const;
type Key = (typeof FIELDS)[number]['key'];
type Texts = Record<Key, string>;

function textsOf(price: ModelPrice | null): Texts {
  const text = (micros: number | null | undefined) =>
    micros === null || micros === undefined ? '' : dollarsText(micros);
  return {
    input_micros: text(price?.input_micros),
    output_micros: text(price?.output_micros),
    cached_input_micros: text(price?.cached_input_micros),
    cache_write_micros: text(price?.cache_write_micros),
  };
}

/** What is wrong with the amounts, by field. */
function problemsOf(texts: Texts): Partial<Record<Key, string>> {
  const problems: Partial<Record<Key, string>> = {};
  for (const { key, label, needed } of FIELDS) {
    const text = texts[key].trim();
    if (text === '' ? needed : parseDollars(text) === null)
      problems[key] =
        text === '' ? `${label} needs a price; write 0 for free.` : 'Write dollars, such as 0.25.';
  }
  return problems;
}

/** Sets an own price: of a contract, or of a model that has no list price. `price` null: of any model, to be named. */
export function PriceDialog({ price, onClose }: { price: ModelPrice | null; onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const [ref, setRef] = useState({ provider: price?.provider ?? '', model: price?.model ?? '' });
  const [texts, setTexts] = useState(() => textsOf(price));
  const [shown, setShown] = useState(false);
  const problems = problemsOf(texts);
  const save = useMutation({
    mutationFn: () => {
      const micros = (key: Key) => (texts[key].trim() === '' ? null : parseDollars(texts[key]));
      return putModelPrice({
        client,
        path: ref,
        headers: { 'Idempotency-Key': newIdempotencyKey() },
        body: {
          input_micros: micros('input_micros') ?? 0,
          output_micros: micros('output_micros') ?? 0,
          cached_input_micros: micros('cached_input_micros'),
          cache_write_micros: micros('cache_write_micros'),
        },
      });
    },
    onSuccess: () => {
      notify({ kind: 'success', title: `Own price of ${refText(ref)} is set` });
      void queries.invalidateQueries({ queryKey: ['providers'] });
      onClose();
    },
  });
  const refused = isApiProblem(save.error) ? save.error.errors : [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setShown(true);
    if (Object.keys(problems).length > 0 || ref.provider === '' || ref.model === '') return;
    save.mutate();
  };
  const needed = (text: string, message: string) => (shown && text === '' ? message : undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={price === null ? 'Price of another model' : `Price of ${refText(price)}`}
      description="Dollars per million tokens. An own price is used instead of the list price for new calls and for budgets; calls made before keep theirs."
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        {price === null ? (
          <ModelRefFields
            value={ref}
            onChange={setRef}
            errors={{
              provider: needed(ref.provider, 'Choose a provider.'),
              model: needed(ref.model, 'Name the model.'),
            }}
          />
        ) : null}
        <div className="grid gap-4 sm:grid-cols-2">
          {FIELDS.map(({ key, label, needed: isNeeded }) => (
            <MoneyField
              key={key}
              label={label}
              optional={!isNeeded}
              value={texts[key]}
              onChange={(text) => setTexts((before) => ({ ...before, [key]: text }))}
              error={
                (shown ? problems[key] : undefined) ??
                refused.find(({ pointer }) => pointer.endsWith(key))?.message
              }
            />
          ))}
        </div>
        <FormFooter
          save={save}
          failure="The price could not be set"
          label="Set the price"
          onClose={onClose}
        />
      </form>
    </Dialog>
  );
}
