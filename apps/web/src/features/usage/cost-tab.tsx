'use client';

import { ChartNoAxesColumn } from 'lucide-react';
import { ButtonLink } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { EmptyState } from '../../components/ui/empty-state.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { Select } from '../../components/ui/input.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatCompact, formatCost, formatNumber, plural } from '../../lib/format.ts';
import { useSearchParam } from '../../lib/use-search-param.ts';
import { costOf } from '../dashboard/fill-days.ts';
import { Stat } from '../dashboard/stat.tsx';
import { useProviderHealth } from '../providers/provider-queries.ts';
import { DaySection } from './day-section.tsx';
import { GroupSection } from './group-section.tsx';
import { useUsageBy } from './usage-queries.ts';
import { RANGES } from './usage-words.ts';

const FIRST = 30;
const DAY_MINUTES = 1440;

function Totals({ days }: { days: number }) {
  const usage = useUsageBy('model', days);
  const cache = useProviderHealth(DAY_MINUTES).data?.cache;
  const total = usage.data?.total;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:gap-4 xl:grid-cols-4">
      <Stat
        label="Cost"
        value={total === undefined ? undefined : costOf(total)}
        note={
          total === undefined
            ? undefined
            : total.unpriced_calls === 0
              ? 'every call has a known price'
              : `and ${plural(total.unpriced_calls, 'call')} of unknown price`
        }
      />
      <Stat
        label="Model calls"
        value={total === undefined ? undefined : formatNumber(total.calls)}
        note={
          total === undefined || total.calls === 0 || total.cost_micros === null
            ? undefined
            : `${formatCost(Math.round(total.cost_micros / Math.max(1, total.calls - total.unpriced_calls)))} on average`
        }
      />
      <Stat
        label="Tokens"
        value={
          total === undefined ? undefined : formatCompact(total.input_tokens + total.output_tokens)
        }
        note={
          total === undefined
            ? undefined
            : `${formatCompact(total.input_tokens)} in, ${formatCompact(total.output_tokens)} out`
        }
      />
      <Stat
        label="Saved by the cache, 24 h"
        value={cache === undefined ? undefined : formatCost(cache.saved_micros)}
        note={
          cache === undefined
            ? undefined
            : `${plural(cache.hits + cache.shared, 'call')} answered from it`
        }
      />
    </dl>
  );
}

/** What models were used for and what that cost, over a range of days. */
export function CostTab() {
  const [value, setValue] = useSearchParam('days');
  const days = RANGES.find((range) => String(range.days) === value)?.days ?? FIRST;
  const usage = useUsageBy('model', days);
  return (
    <div className="grid grid-cols-1 gap-6">
      <Select
        aria-label="Range"
        className="max-w-52"
        value={String(days)}
        onChange={({ target }) => setValue(target.value === String(FIRST) ? null : target.value)}
      >
        {RANGES.map((range) => (
          <option key={range.days} value={range.days}>
            {range.label}
          </option>
        ))}
      </Select>
      {usage.isError && usage.data === undefined ? (
        <ErrorState
          what="Usage could not be loaded"
          error={usage.error}
          onRetry={() => void usage.refetch()}
        />
      ) : usage.data === undefined ? (
        <SkeletonList label="usage" rows={3} height="h-28" />
      ) : usage.data.total.calls === 0 ? (
        <Card>
          <EmptyState
            icon={ChartNoAxesColumn}
            title="No model was called in this time"
            action={
              <>
                <ButtonLink href="/recipes" variant="primary">
                  Cook a recipe
                </ButtonLink>
                <ButtonLink href="/providers?tab=try">Try a model</ButtonLink>
              </>
            }
          >
            Calls of runs, of the OpenAI-compatible endpoint and of trials are counted here with
            their tokens and cost.
          </EmptyState>
        </Card>
      ) : (
        <>
          <Totals days={days} />
          <div className="grid grid-cols-1 gap-8 xl:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
            <DaySection days={days} />
            <GroupSection days={days} />
          </div>
        </>
      )}
    </div>
  );
}
