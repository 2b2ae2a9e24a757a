import type { RunStatus, StepStatus } from '@automatos/sdk';
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Clock,
  Hand,
  LoaderCircle,
  RotateCw,
  SkipForward,
  type LucideIcon,
} from 'lucide-react';
import { Badge, type Tone } from '../ui/badge.tsx';
import { cn } from '../ui/cn.ts';

interface Look {
  label: string;
  tone: Tone;
  icon: LucideIcon;
  spins?: boolean;
}

export const RUN_LOOKS: Record<RunStatus, Look> = {
  queued: { label: 'Queued', tone: 'idle', icon: Clock },
  running: { label: 'Running', tone: 'busy', icon: LoaderCircle, spins: true },
  paused: { label: 'Paused', tone: 'warn', icon: CirclePause },
  waiting_approval: { label: 'Waiting for approval', tone: 'warn', icon: Hand },
  completed: { label: 'Completed', tone: 'ok', icon: CircleCheck },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX },
  cancelled: { label: 'Cancelled', tone: 'idle', icon: Ban },
};

export const STEP_LOOKS: Record<StepStatus, Look> = {
  pending: { label: 'Waiting', tone: 'idle', icon: CircleDashed },
  running: { label: 'Running', tone: 'busy', icon: LoaderCircle, spins: true },
  retrying: { label: 'Retrying', tone: 'warn', icon: RotateCw },
  waiting_approval: { label: 'Waiting for approval', tone: 'warn', icon: Hand },
  completed: { label: 'Completed', tone: 'ok', icon: CircleCheck },
  failed: { label: 'Failed', tone: 'bad', icon: CircleX },
  skipped: { label: 'Skipped', tone: 'idle', icon: SkipForward },
  cancelled: { label: 'Cancelled', tone: 'idle', icon: Ban },
};

export function RunStatusBadge({ status }: { status: RunStatus }) {
  const { label, tone, icon: Icon, spins } = RUN_LOOKS[status];
  return (
    <Badge
      tone={tone}
      icon={<Icon aria-hidden className={cn('size-3.5', spins && 'animate-spin')} />}
    >
      {label}
    </Badge>
  );
}

export function StepStatusBadge({ status }: { status: StepStatus }) {
  const { label, tone, icon: Icon, spins } = STEP_LOOKS[status];
  return (
    <Badge
      tone={tone}
      icon={<Icon aria-hidden className={cn('size-3.5', spins && 'animate-spin')} />}
    >
      {label}
    </Badge>
  );
}

const ICON_TONES: Record<Tone, string> = {
  ok: 'text-ok',
  busy: 'text-busy',
  warn: 'text-warn',
  bad: 'text-bad',
  idle: 'text-ink-soft',
  accent: 'text-accent-strong',
};

/** Only the icon, with the status as its name. */
export function StepStatusIcon({ status }: { status: StepStatus }) {
  const { label, tone, icon: Icon, spins } = STEP_LOOKS[status];
  return (
    <Icon
      role="img"
      aria-label={label}
      className={cn('size-4 shrink-0', ICON_TONES[tone], spins && 'animate-spin')}
    />
  );
}
