'use client';

import {
  diffRecipeVersions,
  restoreRecipeVersion,
  type Recipe,
  type RecipeVersion,
} from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { GitCompareArrows, History } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../../components/api-context.ts';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card, Section } from '../../../components/ui/card.tsx';
import { ConfirmDialog } from '../../../components/ui/confirm-dialog.tsx';
import { DiffView } from '../../../components/ui/diff-view.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { Field } from '../../../components/ui/field.tsx';
import { Select } from '../../../components/ui/input.tsx';
import { LoadMore } from '../../../components/ui/load-more.tsx';
import { RelativeTime } from '../../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { useToast } from '../../../components/ui/toast.tsx';
import { newIdempotencyKey } from '../../../lib/idempotency-key.ts';
import { replaceSearchParams, useSearchParam } from '../../../lib/use-search-param.ts';
import { useMay } from '../../session/use-session.ts';
import { useRecipeVersions } from '../recipe-queries.ts';
import { ChangeList } from './change-list.tsx';

function RestoreDialog({
  recipe,
  version,
  onClose,
}: {
  recipe: Recipe;
  version: number;
  onClose: () => void;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const notify = useToast();
  const restore = useMutation({
    mutationFn: async () =>
      (
        await restoreRecipeVersion({
          client,
          path: { recipe_id: recipe.id, version },
          headers: { 'If-Match': `"${recipe.version}"`, 'Idempotency-Key': newIdempotencyKey() },
        })
      ).data,
    onSuccess: (saved) => {
      notify({
        kind: 'success',
        title: `Version ${version} is restored as version ${saved.version}`,
      });
      void queries.invalidateQueries({ queryKey: ['recipes'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Restore version ${version}?`}
      description={`It is saved again as version ${recipe.version + 1}. No version is lost, and runs go on with the one they began with.`}
      action={`Restore version ${version}`}
      danger={false}
      pending={restore.isPending}
      error={restore.error}
      onConfirm={() => restore.mutate()}
      onClose={onClose}
    />
  );
}

function Comparison({ recipe, from, to }: { recipe: Recipe; from: number; to: number }) {
  const client = useApi();
  const diff = useQuery({
    queryKey: ['recipes', 'diff', recipe.id, from, to],
    queryFn: async ({ signal }) =>
      (
        await diffRecipeVersions({
          client,
          path: { recipe_id: recipe.id, version: from },
          query: { to },
          signal,
        })
      ).data,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (diff.isError) {
    return (
      <ErrorState
        what="The versions could not be compared"
        error={diff.error}
        onRetry={() => void diff.refetch()}
      />
    );
  }
  if (diff.data === undefined) return <SkeletonList label="comparison" rows={2} height="h-24" />;
  return (
    <div className="grid grid-cols-1 gap-6">
      <DiffView label={`Version ${from} against version ${to}`} lines={diff.data.lines} />
      <Card>
        <ChangeList changes={diff.data.changes} />
      </Card>
    </div>
  );
}

function VersionSelect({
  label,
  versions,
  value,
  param,
}: {
  label: string;
  versions: readonly RecipeVersion[];
  value: number;
  param: string;
}) {
  return (
    <Field label={label}>
      {(control) => (
        <Select
          control={control}
          value={value}
          onChange={(event) => replaceSearchParams({ [param]: event.target.value })}
        >
          {versions.map(({ version, note }) => (
            <option key={version} value={version}>
              Version {version}
              {note === null ? '' : ` (${note})`}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

function VersionRow({
  version,
  current,
  onRestore,
}: {
  version: RecipeVersion;
  current: boolean;
  onRestore: (() => void) | null;
}) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-5 py-3 text-sm">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-medium">Version {version.version}</span>
          {current ? <Badge tone="accent">Current</Badge> : null}
          {version.note === null ? null : (
            <span className="text-ink-soft wrap-anywhere">{version.note}</span>
          )}
        </p>
        <p className="text-[0.8125rem] text-ink-soft">
          {version.created_by}, <RelativeTime time={version.created_at} />
          <span className="ml-2 font-mono text-xs">{version.definition_hash.slice(0, 12)}</span>
        </p>
      </div>
      <div className="flex gap-2">
        {version.version === 1 ? null : (
          <Button
            size="sm"
            onClick={() =>
              replaceSearchParams({
                from: String(version.version - 1),
                to: String(version.version),
              })
            }
            aria-label={`Show what version ${version.version} changed`}
          >
            <GitCompareArrows aria-hidden className="size-4" /> Changes
          </Button>
        )}
        {onRestore === null ? null : (
          <Button size="sm" onClick={onRestore} aria-label={`Restore version ${version.version}`}>
            <History aria-hidden className="size-4" /> Restore
          </Button>
        )}
      </div>
    </li>
  );
}

/** Every version that was saved, what changed between two, and the way back. */
export function VersionsTab({ recipe }: { recipe: Recipe }) {
  const { query, items } = useRecipeVersions(recipe.slug);
  const mayWrite = useMay('recipes:write');
  const [restoring, setRestoring] = useState<number | null>(null);
  const [from] = useSearchParam('from');
  const [to] = useSearchParam('to');
  if (query.isError) {
    return (
      <ErrorState
        what="Versions could not be loaded"
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (items === undefined) return <SkeletonList label="versions" rows={2} height="h-12" />;
  const known = (value: string | null, other: number) =>
    items.find(({ version }) => String(version) === value)?.version ?? other;
  const right = known(to, items[0]?.version ?? 1);
  const left = known(from, Math.max(1, right - 1));
  return (
    <div className="grid grid-cols-1 gap-8">
      <Section title="Versions">
        <ul aria-label="Versions" className="divide-y divide-line">
          {items.map((version) => (
            <VersionRow
              key={version.version}
              version={version}
              current={version.version === recipe.version}
              onRestore={
                mayWrite && version.version !== recipe.version
                  ? () => setRestoring(version.version)
                  : null
              }
            />
          ))}
        </ul>
        <LoadMore query={query} />
      </Section>
      <Section title="Compare" bare>
        {items.length < 2 ? (
          <Card>
            <EmptyState icon={GitCompareArrows} title="Only one version so far">
              Each time the recipe is saved a version is added. Edit it, and what changed is shown
              here.
            </EmptyState>
          </Card>
        ) : (
          <div className="grid grid-cols-1 gap-5">
            <div className="grid max-w-xl gap-4 sm:grid-cols-2">
              <VersionSelect label="From" versions={items} value={left} param="from" />
              <VersionSelect label="To" versions={items} value={right} param="to" />
            </div>
            <Comparison recipe={recipe} from={left} to={right} />
          </div>
        )}
      </Section>
      {restoring === null ? null : (
        <RestoreDialog recipe={recipe} version={restoring} onClose={() => setRestoring(null)} />
      )}
    </div>
  );
}
