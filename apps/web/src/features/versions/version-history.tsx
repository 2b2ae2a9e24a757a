'use client';

import type { DiffRecipeVersionsResponse } from '@automatos/sdk';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { GitCompareArrows, History } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, Section } from '../../components/ui/card.tsx';
import { ConfirmDialog } from '../../components/ui/confirm-dialog.tsx';
import { DiffView } from '../../components/ui/diff-view.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { RelativeTime } from '../../components/ui/relative-time.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { useToast } from '../../components/ui/toast.tsx';
import { replaceSearchParams, useSearchParam } from '../../lib/use-search-param.ts';
import { ChangeList } from './change-list.tsx';

export interface VersionItem {
  version: number;
  note: string | null;
  created_by: string;
  created_at: string;
  /** Start of a fingerprint, where versions have one. */
  mark?: string;
}

/** Something that is saved in versions: how to read and to restore them. */
export interface Versioned {
  /** First part of the keys of its queries, e.g. `recipes`. */
  area: string;
  id: string;
  version: number;
  /** What is said while there is only one. */
  onlyOne: string;
  diff: (from: number, to: number, signal: AbortSignal) => Promise<DiffRecipeVersionsResponse>;
  /** Resolves to the number of the version that came of it. */
  restore: (version: number) => Promise<number>;
}

function RestoreDialog({
  subject,
  version,
  onClose,
}: {
  subject: Versioned;
  version: number;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const notify = useToast();
  const restore = useMutation({
    mutationFn: () => subject.restore(version),
    onSuccess: (saved) => {
      notify({ kind: 'success', title: `Version ${version} is restored as version ${saved}` });
      void queries.invalidateQueries({ queryKey: [subject.area] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Restore version ${version}?`}
      description={`It is saved again as version ${subject.version + 1}. No version is lost, and runs go on with the one they began with.`}
      action={`Restore version ${version}`}
      danger={false}
      pending={restore.isPending}
      error={restore.error}
      onConfirm={() => restore.mutate()}
      onClose={onClose}
    />
  );
}

function Comparison({ subject, from, to }: { subject: Versioned; from: number; to: number }) {
  const diff = useQuery({
    queryKey: [subject.area, 'diff', subject.id, from, to],
    queryFn: ({ signal }) => subject.diff(from, to, signal),
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
  versions: readonly VersionItem[];
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
  version: VersionItem;
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
          {version.mark === undefined ? null : (
            <span className="ml-2 font-mono text-xs">{version.mark}</span>
          )}
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
export function VersionHistory({
  subject,
  versions: { query, items },
  mayWrite,
}: {
  subject: Versioned;
  versions: {
    query: Parameters<typeof LoadMore>[0]['query'] & {
      isError: boolean;
      error: unknown;
      refetch: () => unknown;
    };
    items: VersionItem[] | undefined;
  };
  mayWrite: boolean;
}) {
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
              current={version.version === subject.version}
              onRestore={
                mayWrite && version.version !== subject.version
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
              {subject.onlyOne}
            </EmptyState>
          </Card>
        ) : (
          <div className="grid grid-cols-1 gap-5">
            <div className="grid max-w-xl gap-4 sm:grid-cols-2">
              <VersionSelect label="From" versions={items} value={left} param="from" />
              <VersionSelect label="To" versions={items} value={right} param="to" />
            </div>
            <Comparison subject={subject} from={left} to={right} />
          </div>
        )}
      </Section>
      {restoring === null ? null : (
        <RestoreDialog subject={subject} version={restoring} onClose={() => setRestoring(null)} />
      )}
    </div>
  );
}
