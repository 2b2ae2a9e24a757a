'use client';

import { listRunFindings, type Severity } from '@automatos/sdk';
import { ShieldCheck } from 'lucide-react';
import { useApi } from '../../components/api-context.ts';
import { SEVERITIES, severityLabel } from '../../components/status/severity.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { LoadMore } from '../../components/ui/load-more.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { plural } from '../../lib/format.ts';
import { usePaged } from '../../lib/use-paged.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { FindingItem } from './finding-item.tsx';
import { useRunState } from './run-context.tsx';

function Filters({ total }: { total: number | undefined }) {
  const [severity, setSeverity] = useSearchParam('severity');
  const [step, setStep] = useSearchParam('found_in');
  const steps = useRunState((state) => state.steps);
  const order = useRunState((state) => state.stepOrder);
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2">
      <Select
        aria-label="Severity"
        className="w-full sm:w-44"
        value={severity ?? ''}
        onChange={(event) => setSeverity(event.target.value)}
      >
        <option value="">Every severity</option>
        {SEVERITIES.map((each) => (
          <option key={each} value={each}>
            {severityLabel(each)}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Found in step"
        className="w-full sm:w-56"
        value={step ?? ''}
        onChange={(event) => setStep(event.target.value)}
      >
        <option value="">Every step</option>
        {order.map((id) => (
          <option key={id} value={id}>
            {steps[id]?.name ?? id}
          </option>
        ))}
      </Select>
      <p role="status" className="text-sm text-ink-soft sm:ml-2">
        {total === undefined ? '' : plural(total, 'finding')}
      </p>
    </div>
  );
}

export function FindingsTab({ runId }: { runId: string }) {
  const client = useApi();
  const [severity] = useSearchParam('severity');
  const [step] = useSearchParam('found_in');
  const steps = useRunState((state) => state.steps);
  const over = useRunState((state) => state.finishedAt !== null);
  const known = (SEVERITIES as readonly string[]).includes(severity ?? '');
  const filter = {
    ...(known ? { severity: severity as Severity } : {}),
    ...(step === null ? {} : { step }),
  };
  const { query, items, total } = usePaged(
    ['runs', 'findings', runId, filter],
    async (cursor, signal) => {
      const paging = { limit: 50, ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await listRunFindings({
        client,
        path: { run_id: runId },
        query: { ...filter, ...paging },
        signal,
      });
      return data;
    },
  );
  const filtered = Object.keys(filter).length > 0;
  return (
    <>
      <h2 className="sr-only">Findings</h2>
      <Filters total={total} />
      {query.isError ? (
        <ErrorState
          what="Findings could not be loaded"
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : items === undefined ? (
        <SkeletonList label="findings" rows={5} />
      ) : (
        <Card>
          {items.length === 0 ? (
            <EmptyState
              icon={ShieldCheck}
              title={
                filtered ? 'No finding matches' : over ? 'Nothing was found' : 'Nothing found yet'
              }
            >
              {filtered
                ? 'Change the filters to see the others.'
                : over
                  ? 'The tools of this run reported no findings.'
                  : 'Findings appear here as soon as a tool reports them.'}
            </EmptyState>
          ) : (
            <ul aria-label="Findings" className="divide-y divide-line">
              {items.map((finding) => (
                <FindingItem
                  key={finding.id}
                  finding={finding}
                  note={steps[finding.step_id]?.name ?? finding.step_id}
                />
              ))}
            </ul>
          )}
          <LoadMore query={query} label="Load more findings" />
        </Card>
      )}
    </>
  );
}
