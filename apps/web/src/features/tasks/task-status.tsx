import type { Task } from '@automatos/sdk';
import { CircleAlert } from 'lucide-react';
import { RunStatusBadge } from '../../components/status/run-status.tsx';
import { Badge } from '../../components/ui/badge.tsx';

/** Status of a task; one that ended with parts undone never looks like a whole one. */
export function TaskStatus({
  task,
}: {
  task: Pick<Task, 'status' | 'outcome' | 'units_failed' | 'units_total'>;
}) {
  if (task.status !== 'completed' || task.outcome !== 'partial')
    return <RunStatusBadge status={task.status} />;
  return (
    <Badge tone="warn" icon={<CircleAlert aria-hidden className="size-3.5" />}>
      Partial: {task.units_failed} of {task.units_total} parts not done
    </Badge>
  );
}
