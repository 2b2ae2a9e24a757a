'use client';

import { getRecipeLearning, type LearningReport, type Recipe } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { GraduationCap } from 'lucide-react';
import { useApi } from '../../../components/api-context.ts';
import { Card, Section } from '../../../components/ui/card.tsx';
import { EmptyState } from '../../../components/ui/empty-state.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { Table, type Column } from '../../../components/ui/table.tsx';
import { formatCost, formatDuration, plural, sentence } from '../../../lib/format.ts';
import { Interval, percent, scaleOf, type Measured } from './interval.tsx';
import { SuggestionCard } from './suggestion-card.tsx';

const money = (value: number) => formatCost(Math.round(value));

interface Figure<Row> {
  key: string;
  header: string;
  of: (row: Row) => Measured | null;
  format: (value: number) => string;
  /** End of the scale; default the greatest value. */
  max?: number;
}

/** A column of intervals on one scale. */
function measured<Row>(
  rows: readonly Row[],
  { key, header, of, format, max }: Figure<Row>,
): Column<Row> {
  const end = max ?? scaleOf(rows.map(of));
  return { key, header, cell: (row) => <Interval value={of(row)} max={end} format={format} /> };
}

/** A column of shares, from nothing to all. */
function share<Row>(
  rows: readonly Row[],
  header: string,
  of: (row: Row) => Measured | null,
): Column<Row> {
  return measured(rows, { key: header, header, of, format: percent, max: 1 });
}

const cost = <Row extends { cost_micros: Measured | null }>(rows: readonly Row[]) =>
  measured(rows, { key: 'cost', header: 'Cost', of: (row) => row.cost_micros, format: money });

const duration = <Row extends { duration_ms: Measured | null }>(rows: readonly Row[]) =>
  measured(rows, {
    key: 'duration',
    header: 'Duration',
    of: (row) => row.duration_ms,
    format: formatDuration,
  });

function Versions({ report }: { report: LearningReport }) {
  const rows = report.versions;
  return (
    <Section title="Versions compared">
      <Table
        caption="Versions compared"
        rows={rows}
        rowKey={(row) => String(row.version)}
        columns={[
          {
            key: 'version',
            header: 'Version',
            cell: (row) => <span className="font-medium">Version {row.version}</span>,
          },
          { key: 'runs', header: 'Runs', align: 'right', cell: (row) => row.runs },
          share(rows, 'Success', (row) => row.success_rate),
          duration(rows),
          cost(rows),
          share(rows, 'Quality', (row) => row.quality),
        ]}
      />
    </Section>
  );
}

function Steps({ report }: { report: LearningReport }) {
  const rows = report.steps;
  return (
    <Section title="Steps">
      <Table
        caption="Steps"
        rows={rows}
        rowKey={(row) => row.step_id}
        columns={[
          {
            key: 'name',
            header: 'Step',
            cell: (row) => <span className="font-medium">{row.name}</span>,
          },
          { key: 'runs', header: 'Runs', align: 'right', cell: (row) => row.runs },
          share(rows, 'Fails', (row) => row.failure_rate),
          share(rows, 'Needs a repeat', (row) => row.retry_rate),
          share(rows, 'Finds nothing', (row) => row.empty_rate),
          duration(rows),
          {
            key: 'p95',
            header: '95 % under',
            align: 'right',
            cell: (row) =>
              row.duration_ms_p95 === null ? '–' : formatDuration(row.duration_ms_p95),
          },
          cost(rows),
          {
            key: 'share',
            header: 'Share of time',
            align: 'right',
            cell: (row) => (row.share_of_time === null ? '–' : percent(row.share_of_time)),
          },
        ]}
      />
    </Section>
  );
}

function Variants({ report }: { report: LearningReport }) {
  const rows = report.variants;
  if (rows.length === 0) return null;
  return (
    <Section title="Prompts and models">
      <Table
        caption="Prompts and models"
        rows={rows}
        rowKey={(row) => `${row.step_id}/${row.what}/${row.value}/${row.versions.join()}`}
        columns={[
          {
            key: 'step',
            header: 'Step',
            cell: (row) => <span className="font-medium">{row.step_id}</span>,
          },
          {
            key: 'value',
            header: 'What',
            cell: (row) => (
              <span className="block max-w-80">
                <span className="text-xs text-ink-soft">
                  {sentence(row.what)}, version {row.versions.join(', ')}
                </span>
                <span className="line-clamp-2 wrap-anywhere">{row.value}</span>
              </span>
            ),
          },
          { key: 'runs', header: 'Runs', align: 'right', cell: (row) => row.runs },
          share(rows, 'Success', (row) => row.success_rate),
          share(rows, 'Quality', (row) => row.quality),
          cost(rows),
        ]}
      />
    </Section>
  );
}

/** What the runs of the recipe teach, never more than their number supports. */
export function LearningTab({ recipe }: { recipe: Recipe }) {
  const client = useApi();
  const learning = useQuery({
    queryKey: ['recipes', 'learning', recipe.id],
    queryFn: async ({ signal }) =>
      (await getRecipeLearning({ client, path: { recipe_id: recipe.id }, signal })).data,
  });
  if (learning.isError) {
    return (
      <ErrorState
        what="What the runs teach could not be loaded"
        error={learning.error}
        onRetry={() => void learning.refetch()}
      />
    );
  }
  const report = learning.data;
  if (report === undefined) return <SkeletonList label="learning" rows={3} height="h-32" />;
  if (report.runs === 0) {
    return (
      <Card>
        <EmptyState icon={GraduationCap} title="No finished runs yet">
          Cook this recipe. After {plural(report.runs_needed, 'run')} its steps and versions are
          compared here, and suggestions appear that can be applied and measured.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div className="grid grid-cols-1 gap-8">
      <p className="text-sm text-ink-soft">
        From {plural(report.runs, 'finished run')}; a statement needs {report.runs_needed}. Bars
        show the interval of 95 %, the mark in it the estimate.
      </p>
      <Section title="Suggestions" bare>
        {report.suggestions.length === 0 ? (
          <Card>
            <EmptyState icon={GraduationCap} title="Nothing to suggest">
              The runs so far speak for no change.
            </EmptyState>
          </Card>
        ) : (
          <div className="grid gap-5">
            {report.suggestions.map((suggestion) => (
              <SuggestionCard key={suggestion.id} recipe={recipe} suggestion={suggestion} />
            ))}
          </div>
        )}
      </Section>
      <Steps report={report} />
      <Versions report={report} />
      <Variants report={report} />
    </div>
  );
}
