'use client';

import { compareRuns, type RunComparison as Comparison } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeftRight, ChevronLeft, Columns2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useApi } from '../../../components/api-context.ts';
import { ButtonLink } from '../../../components/ui/button.tsx';
import { Card, Section } from '../../../components/ui/card.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { PageHeader } from '../../../components/ui/page-header.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { ChangeList } from '../../versions/change-list.tsx';
import { ComparedFindings } from './compared-findings.tsx';
import { ComparedSteps } from './compared-steps.tsx';
import { FactsTable } from './facts-table.tsx';

const OutputDiffs = dynamic(async () => (await import('./output-diffs.tsx')).OutputDiffs, {
  loading: () => <SkeletonList label="outputs" rows={2} height="h-12" />,
});

function Changes({ title, changes }: { title: string; changes: Comparison['inputs'] }) {
  return (
    <Section title={title} className="min-w-0">
      {changes.length === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-soft">The same on both sides.</p>
      ) : (
        <ChangeList changes={changes} />
      )}
    </Section>
  );
}

function Compared({ comparison }: { comparison: Comparison }) {
  const { left, right, inputs, outputs, steps, findings } = comparison;
  const differing = steps.filter((step) => step.diff.length > 0);
  return (
    <div className="grid grid-cols-1 gap-8">
      <FactsTable left={left} right={right} />
      <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
        <Changes title="Inputs" changes={inputs} />
        <Changes title="Outputs" changes={outputs} />
      </div>
      <ComparedSteps steps={steps} />
      {differing.length === 0 ? null : <OutputDiffs steps={differing} />}
      <ComparedFindings findings={findings} />
    </div>
  );
}

/** Two runs side by side: `?left=<id>&right=<id>`. */
export function RunComparison() {
  const client = useApi();
  const params = useSearchParams();
  const [left, right] = [params.get('left') ?? '', params.get('right') ?? ''];
  const complete = left !== '' && right !== '';
  const query = useQuery({
    queryKey: ['runs', 'compare', left, right],
    queryFn: async ({ signal }) =>
      (await compareRuns({ client, query: { left, right }, signal })).data,
    enabled: complete,
  });
  return (
    <>
      <Link
        href="/runs"
        className="mb-3 inline-flex min-h-9 items-center gap-1 text-sm text-ink-soft hover:text-ink"
      >
        <ChevronLeft aria-hidden className="size-4" /> Runs
      </Link>
      <PageHeader
        title="Compare runs"
        lead="What differs is marked."
        actions={
          complete ? (
            <ButtonLink href={`/runs/compare?left=${right}&right=${left}`} replace>
              <ArrowLeftRight aria-hidden className="size-4" /> Swap sides
            </ButtonLink>
          ) : undefined
        }
      />
      {!complete ? (
        <Card>
          <EmptyState
            icon={Columns2}
            title="Choose two runs"
            action={
              <ButtonLink href="/runs" variant="primary">
                Open the runs
              </ButtonLink>
            }
          >
            Tick two runs in the list, then press Compare.
          </EmptyState>
        </Card>
      ) : query.isError ? (
        <ErrorState
          what="The runs could not be compared"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : query.data === undefined ? (
        <SkeletonList label="comparison" rows={3} height="h-40" />
      ) : (
        <Compared comparison={query.data} />
      )}
    </>
  );
}
