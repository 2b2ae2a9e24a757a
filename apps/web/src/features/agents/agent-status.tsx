import type { Agent } from '@automatos/sdk';
import {
  Archive,
  CircleCheck,
  CirclePause,
  CircleX,
  LoaderCircle,
  PencilLine,
  type LucideIcon,
} from 'lucide-react';
import { Badge, type Tone } from '../../components/ui/badge.tsx';

const LOOKS: Record<Agent['status'], { label: string; tone: Tone; icon: LucideIcon }> = {
  draft: { label: 'Draft', tone: 'idle', icon: PencilLine },
  active: { label: 'Active', tone: 'ok', icon: CircleCheck },
  busy: { label: 'Busy', tone: 'busy', icon: LoaderCircle },
  paused: { label: 'Paused', tone: 'warn', icon: CirclePause },
  error: { label: 'Error', tone: 'bad', icon: CircleX },
  retired: { label: 'Retired', tone: 'idle', icon: Archive },
};

export function AgentStatusBadge({ status }: { status: Agent['status'] }) {
  const { label, tone, icon: Icon } = LOOKS[status];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className="size-3.5" />}>
      {label}
    </Badge>
  );
}
