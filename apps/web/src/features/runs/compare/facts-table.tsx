'use client';

import type { Run } from '@automatos/sdk';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { RunStatusBadge } from '../../../components/status/run-status.tsx';
import { Section } from '../../../components/ui/card.tsx';
import { cn } from '../../../components/ui/cn.ts';
import { formatCost, formatDateTime, formatDuration, formatNumber } from '../../../lib/format.ts';
import { useNow } from '../../../lib/use-now.ts';
import { scoreText } from '../../kitchen/score-text.ts';
import { isActive, runDurationMs } from '../run-row.tsx';

interface Fact {
  label: string;
  left: ReactNode;
  right: ReactNode;
  differs: boolean;
}

function factsOf(left: Run, right: Run, now: number): Fact[] {
  const fact = (label: string, show: (run: Run) => string): Fact => {
    const [a, b] = [show(left), show(right)];
    return { label, left: a, right: b, differs: a !== b };
  };
  return [
    {
      label: 'Status',
      left: <RunStatusBadge status={left.status} />,
      right: <RunStatusBadge status={right.status} />,
      differs: left.status !== right.status,
    },
    fact('Recipe', (run) => run.recipe_slug ?? '–'),
    fact('Version', (run) => String(run.recipe_version ?? '–')),
    fact('Started by', (run) => run.created_by),
    fact('Started', (run) => formatDateTime(run.created_at)),
    fact('Duration', (run) => {
      const duration = runDurationMs(run, now);
      return duration === null ? '–' : formatDuration(duration);
    }),
    fact('Quality', (run) => scoreText({ score: run.quality_score, grade: run.quality_grade })),
    fact('Tokens', (run) => formatNumber(run.usage.input_tokens + run.usage.output_tokens)),
    fact('Cost', (run) => formatCost(run.usage.cost_micros)),
    fact('Model calls', (run) => formatNumber(run.usage.model_calls)),
    fact('Tool calls', (run) => formatNumber(run.usage.tool_calls)),
    fact('Findings', (run) => formatNumber(run.findings_total)),
    fact('Error', (run) => run.error?.message ?? 'none'),
  ];
}

function RunHead({ run, side }: { run: Run; side: string }) {
  return (
    <th
      scope="col"
      className="w-[35%] px-2 py-3 sm:w-2/5 sm:px-4 text-left align-top font-normal last:pr-5"
    >
      <span className="block text-xs text-ink-soft">{side}</span>
      <Link
        href={`/runs/${run.id}`}
        className="font-medium wrap-anywhere underline underline-offset-2 hover:text-accent-strong"
      >
        {run.title}
      </Link>
      <span className="block font-mono text-xs text-ink-soft">{run.id.slice(-8)}</span>
    </th>
  );
}

/** Facts of both runs; a row whose sides differ is marked. */
export function FactsTable({ left, right }: { left: Run; right: Run }) {
  const now = useNow(isActive(left) || isActive(right) ? 1000 : null);
  return (
    <Section title="At a glance">
      <table className="w-full table-fixed border-collapse text-sm">
        <caption className="sr-only">Facts of both runs</caption>
        <thead>
          <tr className="border-b border-line">
            <td />
            <RunHead run={left} side="Left" />
            <RunHead run={right} side="Right" />
          </tr>
        </thead>
        <tbody>
          {factsOf(left, right, now).map((fact) => (
            <tr
              key={fact.label}
              className={cn(
                'border-b border-line last:border-0',
                fact.differs && 'bg-warn-soft/50',
              )}
            >
              <th
                scope="row"
                className="py-2 pr-1 pl-4 text-left align-top text-[0.8125rem] font-normal text-ink-soft"
              >
                {fact.label}
                {fact.differs ? (
                  <>
                    <span aria-hidden className="ml-1 font-semibold text-warn">
                      ≠
                    </span>
                    <span className="sr-only"> differs</span>
                  </>
                ) : null}
              </th>
              <td className="px-2 py-2 align-top sm:px-4 wrap-anywhere tabular-nums">
                {fact.left}
              </td>
              <td className="px-2 py-2 align-top sm:px-4 wrap-anywhere tabular-nums">
                {fact.right}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
