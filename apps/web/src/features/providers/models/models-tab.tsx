'use client';

import { deleteModelPrice } from '@automatos/sdk';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Boxes, Plus, RefreshCw } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../../components/ui/table.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { formatCompact, plural, sentence } from '../../../lib/format.ts';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { formatPrice } from '../../../lib/money.ts';
import { problemText } from '../../../lib/problem-text.ts';
import { useMay } from '../../session/use-session.ts';
import { useAllModels, usePrices } from '../provider-queries.ts';
import { refText, type ModelPrice } from '../provider-types.ts';
import { ModelFilterBar } from './model-filter-bar.tsx';
import {
  filterRows,
  joinPrices,
  NO_FILTER,
  sortRows,
  type CatalogueRow,
  type Sort,
} from './model-rows.ts';

const PriceDialog = dynamic(async () => (await import('./price-dialog.tsx')).PriceDialog, {
  ssr: false,
});
const RefreshDialog = dynamic(async () => (await import('./refresh-dialog.tsx')).RefreshDialog, {
  ssr: false,
});

function Price({ micros }: { micros: number | null }) {
  return micros === null ? (
    <span className="text-warn">unknown</span>
  ) : (
    <span>{formatPrice(micros)}</span>
  );
}

function SourceBadge({ price }: { price: ModelPrice }) {
  if (price.source === 'operator') return <Badge tone="accent">Own price</Badge>;
  if (price.source === 'none') return <Badge tone="warn">No price</Badge>;
  return (
    <span className="text-xs text-ink-soft">
      List{price.version === '' ? '' : `, ${price.version}`}
    </span>
  );
}

function ModelCell({ row }: { row: CatalogueRow }) {
  return (
    <div className="min-w-40">
      <span className="font-medium">{row.name}</span>
      <span className="block font-mono text-xs text-ink-soft wrap-anywhere">
        {row.provider}/{row.id}
      </span>
      <span className="mt-1 flex flex-wrap gap-1">
        {row.listed ? null : <Badge>Not in the catalogue</Badge>}
        {row.listed && !row.usable ? <Badge>Cannot be called now</Badge> : null}
        {['', 'ga', 'current'].includes(row.status) ? null : (
          <Badge tone="warn">{sentence(row.status)}</Badge>
        )}
        {row.capabilities.map((capability) => (
          <span
            key={capability}
            className="text-xs text-ink-soft after:content-['·'] after:ml-1 last:after:content-none"
          >
            {sentence(capability)}
          </span>
        ))}
      </span>
    </div>
  );
}

const tokens = (value: number | null) => (value === null ? 'unknown' : formatCompact(value));

const COLUMNS: Column<CatalogueRow>[] = [
  { key: 'model', header: 'Model', cell: (row) => <ModelCell row={row} /> },
  {
    key: 'window',
    header: 'Window',
    align: 'right',
    wideOnly: true,
    cell: (row) => tokens(row.contextWindow),
  },
  {
    key: 'output',
    header: 'Longest answer',
    align: 'right',
    wideOnly: true,
    cell: (row) => tokens(row.outputLimit),
  },
  {
    key: 'in',
    header: 'In, per million',
    align: 'right',
    cell: (row) => <Price micros={row.price.input_micros} />,
  },
  {
    key: 'out',
    header: 'Out, per million',
    align: 'right',
    cell: (row) => <Price micros={row.price.output_micros} />,
  },
  {
    key: 'cached',
    header: 'Cached in',
    align: 'right',
    wideOnly: true,
    cell: (row) => <Price micros={row.price.cached_input_micros} />,
  },
  { key: 'source', header: 'Price from', cell: (row) => <SourceBadge price={row.price} /> },
];

function useListPrice() {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  return useMutation({
    mutationFn: ({ provider, model }: ModelPrice) =>
      deleteModelPrice({
        client,
        path: { provider, model },
        headers: { 'Idempotency-Key': newIdempotencyKey() },
      }),
    onSuccess: (_answer, price) => {
      notify({ kind: 'success', title: `${refText(price)} has its list price again` });
      void queries.invalidateQueries({ queryKey: ['providers'] });
    },
    onError: (error) =>
      notify({ kind: 'error', title: 'The price could not be reset', detail: problemText(error) }),
  });
}

function Catalogue({
  rows,
  version,
  onPrice,
}: {
  rows: readonly CatalogueRow[];
  version: string;
  onPrice: (price: ModelPrice) => void;
}) {
  const mayWrite = useMay('providers:write');
  const [filter, setFilter] = useState(NO_FILTER);
  const [sort, setSort] = useState<Sort>('name');
  const reset = useListPrice();
  const shown = sortRows(filterRows(rows, filter), sort);
  const actions: Column<CatalogueRow> = {
    key: 'actions',
    header: 'Own price',
    cell: ({ price }) => (
      <div className="flex flex-wrap gap-1">
        <Button
          size="sm"
          onClick={() => onPrice(price)}
          aria-label={`Set the price of ${refText(price)}`}
        >
          {price.source === 'operator' ? 'Change' : 'Set'}
        </Button>
        {price.source === 'operator' ? (
          <Button
            size="sm"
            variant="ghost"
            pending={reset.isPending && reset.variables === price}
            onClick={() => reset.mutate(price)}
            aria-label={`Back to the list price of ${refText(price)}`}
          >
            List price
          </Button>
        ) : null}
      </div>
    ),
  };
  return (
    <>
      <ModelFilterBar
        rows={rows}
        filter={filter}
        sort={sort}
        onFilter={(changes) => setFilter((before) => ({ ...before, ...changes }))}
        onSort={setSort}
      />
      <p role="status" aria-label="Models shown" className="mb-3 text-sm text-ink-soft">
        {shown.length === rows.length
          ? plural(rows.length, 'model')
          : `${shown.length} of ${plural(rows.length, 'model')}`}
        {version === '' ? '' : `, price package ${version}`}. A price that nobody knows is unknown,
        never 0.
      </p>
      <Card>
        {shown.length === 0 ? (
          <EmptyState
            icon={Boxes}
            title="No model matches"
            action={<Button onClick={() => setFilter(NO_FILTER)}>Show all models</Button>}
          >
            Change the filters or search for something else.
          </EmptyState>
        ) : (
          <Table
            caption="Models"
            columns={mayWrite ? [...COLUMNS, actions] : COLUMNS}
            rows={shown}
            rowKey={(row) => `${row.provider}/${row.id}`}
          />
        )}
      </Card>
    </>
  );
}

/** The catalogue of models with the prices in use. */
export function ModelsTab() {
  const mayWrite = useMay('providers:write');
  const models = useAllModels();
  const prices = usePrices();
  const [dialog, setDialog] = useState<ModelPrice | 'new' | 'refresh' | null>(null);
  const failed = [models, prices].find((query) => query.isError && query.data === undefined);
  return (
    <>
      {mayWrite ? (
        <div className="mb-4 flex flex-wrap gap-2">
          <Button onClick={() => setDialog('refresh')}>
            <RefreshCw aria-hidden className="size-4" /> Newer price package
          </Button>
          <Button onClick={() => setDialog('new')}>
            <Plus aria-hidden className="size-4" /> Price of another model
          </Button>
        </div>
      ) : null}
      {failed !== undefined ? (
        <ErrorState
          what="The catalogue could not be loaded"
          error={failed.error}
          onRetry={() => {
            void models.refetch();
            void prices.refetch();
          }}
        />
      ) : models.data === undefined || prices.data === undefined ? (
        <SkeletonList label="models" rows={6} height="h-14" />
      ) : (
        <Catalogue
          rows={joinPrices(models.data, prices.data.items)}
          version={prices.data.version}
          onPrice={setDialog}
        />
      )}
      {dialog === null ? null : dialog === 'refresh' ? (
        <RefreshDialog onClose={() => setDialog(null)} />
      ) : (
        <PriceDialog price={dialog === 'new' ? null : dialog} onClose={() => setDialog(null)} />
      )}
    </>
  );
}
