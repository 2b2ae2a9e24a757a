'use client';

import { deletePattern, listPatterns, type Pattern } from '@automatos/sdk';
import { ChevronLeft, Network, PencilLine, Plus, Trash2, Workflow } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useState } from 'react';
import { useApi } from '../../components/api-context.ts';
import { Badge } from '../../components/ui/badge.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { DeleteDialog } from '../../components/ui/delete-dialog.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { PageHeader } from '../../components/ui/page-header.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { newIdempotencyKey } from '../../lib/idempotency-key.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useMay } from '../session/use-session.ts';
import { KINDS, SETTING_FIELDS, settingText } from './pattern-settings.ts';

const PatternDialog = dynamic(async () => (await import('./pattern-dialog.tsx')).PatternDialog, {
  ssr: false,
});
const PatternPreview = dynamic(async () => (await import('./pattern-preview.tsx')).PatternPreview, {
  ssr: false,
});

type Open =
  | { what: 'edit'; pattern: Pattern | null }
  | { what: 'delete' | 'try'; pattern: Pattern };

function DeletePattern({ pattern, onClose }: { pattern: Pattern; onClose: () => void }) {
  const client = useApi();
  return (
    <DeleteDialog
      name={pattern.name}
      what="pattern"
      description="Tasks that used it keep what they did; new ones need another pattern."
      area="patterns"
      remove={() =>
        deletePattern({
          client,
          path: { pattern_id: pattern.id },
          headers: { 'Idempotency-Key': newIdempotencyKey() },
        })
      }
      onClose={onClose}
    />
  );
}

function PatternCard({
  pattern,
  mayWrite,
  onOpen,
}: {
  pattern: Pattern;
  mayWrite: boolean;
  onOpen: (open: Open) => void;
}) {
  const kind = KINDS.find(({ value }) => value === pattern.kind);
  return (
    <li>
      <Card className="flex h-full flex-col p-5">
        <div className="flex items-start justify-between gap-3">
          <h2 className="text-lg font-semibold">{pattern.name}</h2>
          <Badge tone="accent">{kind?.label ?? pattern.kind}</Badge>
        </div>
        <p className="mt-1.5 text-sm text-ink-soft">{pattern.description}</p>
        <dl className="mt-4 grid gap-y-1.5 text-[0.8125rem]">
          {SETTING_FIELDS[pattern.kind].map((field) => (
            <div key={field.key} className="flex justify-between gap-4">
              <dt className="text-ink-soft">{field.label}</dt>
              <dd className="text-right tabular-nums">
                {settingText(field, pattern.settings[field.key])}
              </dd>
            </div>
          ))}
        </dl>
        <div className="mt-auto flex flex-wrap items-center justify-between gap-2 pt-4">
          <span className="text-[0.8125rem] text-ink-soft">
            <code className="font-mono text-xs">{pattern.slug}</code> · version {pattern.version}
          </span>
          <span className="flex gap-1">
            <Button size="sm" onClick={() => onOpen({ what: 'try', pattern })}>
              <Workflow aria-hidden className="size-4" /> Preview
              <span className="sr-only">{pattern.name}</span>
            </Button>
            {mayWrite ? (
              <IconButton
                label={`Edit ${pattern.name}`}
                onClick={() => onOpen({ what: 'edit', pattern })}
              >
                <PencilLine aria-hidden className="size-5" />
              </IconButton>
            ) : null}
            {mayWrite && !pattern.seeded ? (
              <IconButton
                label={`Delete ${pattern.name}`}
                onClick={() => onOpen({ what: 'delete', pattern })}
              >
                <Trash2 aria-hidden className="size-5" />
              </IconButton>
            ) : null}
          </span>
        </div>
      </Card>
    </li>
  );
}

/** Ways in which agents work together on a task. */
export function PatternList() {
  const client = useApi();
  const mayWrite = useMay('patterns:write');
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const { query, items } = usePaged(['patterns', 'list'], async (cursor, signal) => {
    const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
    return (await listPatterns({ client, query: paging, signal })).data;
  });
  return (
    <>
      <Link
        href="/agents"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Agents
      </Link>
      <PageHeader
        title="Patterns"
        lead="How agents share work: one leads, all confer, or each bids for what it does best."
        actions={
          mayWrite ? (
            <Button variant="primary" onClick={() => setOpen({ what: 'edit', pattern: null })}>
              <Plus aria-hidden className="size-4" /> New pattern
            </Button>
          ) : undefined
        }
      />
      {query.isError ? (
        <ErrorState
          what="Patterns could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="patterns" rows={3} height="h-48" />
      ) : items.length === 0 ? (
        <Card>
          <EmptyState icon={Network} title="No pattern yet">
            Make one, and choose it when you start a task.
          </EmptyState>
        </Card>
      ) : (
        <ul aria-label="Patterns" className="grid gap-5 md:grid-cols-2 xl:grid-cols-3">
          {items.map((pattern) => (
            <PatternCard key={pattern.id} pattern={pattern} mayWrite={mayWrite} onOpen={setOpen} />
          ))}
        </ul>
      )}
      <LoadMore query={query} />
      {open?.what === 'edit' ? <PatternDialog pattern={open.pattern} onClose={close} /> : null}
      {open?.what === 'delete' ? <DeletePattern pattern={open.pattern} onClose={close} /> : null}
      {open?.what === 'try' ? <PatternPreview pattern={open.pattern} onClose={close} /> : null}
    </>
  );
}
