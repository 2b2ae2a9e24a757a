import type { TaskPreview } from '@automatos/sdk';
import Link from 'next/link';
import { Badge } from '../../components/ui/badge.tsx';
import { Bar } from '../../components/ui/bar.tsx';

type Unit = Pick<TaskPreview['units'][number], 'unit_id' | 'title' | 'depends_on'>;
type Assignment = TaskPreview['assignments'][number];

function Candidates({ assignment }: { assignment: Assignment }) {
  if (assignment.candidates.length === 0) return null;
  return (
    <details className="mt-2">
      <summary className="min-h-9 cursor-pointer content-center text-[0.8125rem] text-accent-strong">
        Who else was looked at
      </summary>
      <ul className="mt-1 grid gap-2">
        {assignment.candidates.map((candidate) => (
          <li
            key={candidate.name}
            className="grid items-center gap-x-4 gap-y-1 text-[0.8125rem] sm:grid-cols-[9rem_8rem_1fr]"
          >
            <span className={candidate.name === assignment.agent ? 'font-medium' : ''}>
              {candidate.name}
            </span>
            <span className="flex items-center gap-2">
              <Bar
                className="w-16"
                parts={[
                  {
                    from: 0,
                    to: candidate.score,
                    tone: candidate.name === assignment.agent ? 'accent' : 'idle',
                  },
                ]}
              />
              <span className="tabular-nums">{candidate.score.toFixed(2)}</span>
            </span>
            <span className="text-ink-soft wrap-anywhere">{candidate.reasons.join('; ')}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Parts of a task with who does each, why, and who else could have. */
export function AssignmentList({
  units,
  assignments,
}: {
  units: readonly Unit[];
  assignments: readonly Assignment[];
}) {
  return (
    <ol aria-label="Parts" className="divide-y divide-line">
      {units.map((unit, index) => {
        const assignment = assignments.find(({ unit_id: id }) => id === unit.unit_id);
        return (
          <li key={unit.unit_id} className="px-5 py-4 text-sm">
            <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-1.5">
              <p className="min-w-0 font-medium wrap-anywhere">
                <span className="mr-2 text-ink-soft tabular-nums">{index + 1}</span>
                {unit.title}
              </p>
              {assignment?.agent == null ? (
                <Badge tone="bad">Nobody suits</Badge>
              ) : (
                <Link href={`/agents/${assignment.agent}`} className="text-accent-strong underline">
                  {assignment.agent}
                </Link>
              )}
            </div>
            {unit.depends_on.length === 0 ? null : (
              <p className="mt-0.5 text-[0.8125rem] text-ink-soft">
                after {unit.depends_on.join(', ')}
              </p>
            )}
            {assignment === undefined ? null : (
              <>
                <p className="mt-1 text-[0.8125rem] text-ink-soft wrap-anywhere">
                  {assignment.reason}
                </p>
                <Candidates assignment={assignment} />
              </>
            )}
          </li>
        );
      })}
    </ol>
  );
}
