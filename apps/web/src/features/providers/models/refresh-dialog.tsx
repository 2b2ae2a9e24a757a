'use client';

import { refreshModels, type RefreshModelsResponse } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { plural } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';

function Report({ report }: { report: RefreshModelsResponse }) {
  return (
    <div className="grid gap-3 text-sm">
      <p>
        Price package <span className="font-mono">{report.version}</span> is in use:{' '}
        {plural(report.added, 'model')} added, {plural(report.changed, 'model')} changed
        {report.skipped.length === 0 ? '.' : `, ${plural(report.skipped.length, 'row')} left out.`}
      </p>
      {report.skipped.length === 0 ? null : (
        <ul
          aria-label="Rows left out"
          tabIndex={0}
          className="max-h-56 divide-y divide-line overflow-y-auto rounded-lg border border-line"
        >
          {report.skipped.map(({ model, reason }) => (
            <li key={`${model} ${reason}`} className="px-3 py-2">
              <span className="font-mono text-[0.8125rem] wrap-anywhere">{model}</span>
              <span className="block text-[0.8125rem] text-ink-soft wrap-anywhere">{reason}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Loads a newer price package and tells what it changed. */
export function RefreshDialog({ onClose }: { onClose: () => void }) {
  const client = useApi();
  const queries = useQueryClient();
  const [url, setUrl] = useState('');
  const refresh = useMutation({
    mutationFn: async () =>
      (
        await refreshModels({
          client,
          body: { url: url.trim() === '' ? null : url.trim() },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['providers'] }),
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Load a newer price package"
      description="List prices and limits of models come in a package. The one in use stays when the new one cannot be read; own prices stay in any case."
    >
      <div className="grid gap-5">
        {refresh.data === undefined ? (
          <Field
            label="Address of the package"
            optional
            help="Empty: the address of the server’s settings."
          >
            {(control) => (
              <Input
                control={control}
                type="url"
                placeholder="https://…"
                autoComplete="off"
                value={url}
                onChange={({ target }) => setUrl(target.value)}
              />
            )}
          </Field>
        ) : (
          <div role="status">
            <Report report={refresh.data} />
          </div>
        )}
        {refresh.isError ? (
          <ErrorState compact what="The package could not be loaded" error={refresh.error} />
        ) : null}
        <div className="flex justify-end gap-2">
          {refresh.data === undefined ? (
            <>
              <Button onClick={onClose}>Cancel</Button>
              <Button
                variant="primary"
                pending={refresh.isPending}
                onClick={() => refresh.mutate()}
              >
                Load the package
              </Button>
            </>
          ) : (
            <Button variant="primary" onClick={onClose}>
              Done
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
