'use client';

import type { TaskDetail } from '@automatos/sdk';
import { Download } from 'lucide-react';
import dynamic from 'next/dynamic';
import { Bar } from '../../components/ui/bar.tsx';
import { Section } from '../../components/ui/card.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { sentence } from '../../lib/format.ts';
import { useWorkspaceHref } from '../session/use-session.ts';
import type { TaskAnswer } from './task-words.ts';

const MarkdownView = dynamic(
  async () => (await import('../kitchen/markdown-view.tsx')).MarkdownView,
  { loading: () => <Skeleton className="h-96" /> },
);

const LINK =
  'inline-flex min-h-11 items-center gap-2 rounded-lg border border-line-strong/60 bg-surface px-3 text-sm font-medium hover:bg-sunken sm:min-h-9';

/** Findings as files for other programs. */
function Exports({ task }: { task: TaskDetail }) {
  const href = useWorkspaceHref();
  if (task.findings_total === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {(['sarif', 'json', 'markdown', 'csv'] as const).map((format) => (
        <a
          key={format}
          href={href(`/api/runs/${task.id}/findings/export?format=${format}`)}
          download
          className={LINK}
        >
          <Download aria-hidden className="size-4" />
          {format === 'markdown' ? 'Markdown' : format.toUpperCase()}
          <span className="sr-only">file of the findings</span>
        </a>
      ))}
    </div>
  );
}

function Quality({ task, answer }: { task: TaskDetail; answer: TaskAnswer }) {
  const rows = Object.entries(answer.dimensions);
  if (rows.length === 0) return null;
  return (
    <Section title={`Quality ${task.quality_grade ?? ''}`.trim()}>
      <ul className="grid gap-2.5 px-5 py-4 text-sm">
        {rows.map(([name, score]) => (
          <li key={name} className="grid grid-cols-[8.5rem_1fr_3rem] items-center gap-3">
            <span>{sentence(name)}</span>
            <Bar
              parts={[
                {
                  from: 0,
                  to: score ?? 0,
                  tone: score !== null && score >= 0.75 ? 'ok' : 'warn',
                },
              ]}
            />
            <span className="text-right tabular-nums">
              {score === null ? '–' : score.toFixed(2)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** The answer with what it rests on. */
export function TaskAnswerView({ task, answer }: { task: TaskDetail; answer: TaskAnswer }) {
  return (
    <div className="grid grid-cols-1 gap-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
      <Section title="Answer" className="min-w-0" actions={<Exports task={task} />}>
        <div className="p-5 sm:p-7">
          <MarkdownView text={answer.response} />
        </div>
      </Section>
      <div className="grid grid-cols-1 content-start gap-8">
        <Quality task={task} answer={answer} />
        {answer.refinements.length === 0 ? null : (
          <Section title="Sent back">
            <ul className="grid gap-2 px-5 py-4 text-sm">
              {answer.refinements.map(({ attempt, reason }) => (
                <li key={attempt}>
                  <span className="font-medium">Attempt {attempt}:</span> {reason}
                </li>
              ))}
            </ul>
          </Section>
        )}
        {answer.estimateNote === null ? null : (
          <Section title="Estimate">
            <p className="px-5 py-4 text-sm text-ink-soft">{answer.estimateNote}</p>
          </Section>
        )}
      </div>
    </div>
  );
}
