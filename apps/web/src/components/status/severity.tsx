import type { Severity } from '@automatos/sdk';
import { ChevronDown, ChevronUp, ChevronsUp, Equal, Info, type LucideIcon } from 'lucide-react';
import { Badge, type Tone } from '../ui/badge.tsx';

/** Worst first. */
export const SEVERITIES = [
  'critical',
  'high',
  'medium',
  'low',
  'info',
] as const satisfies readonly Severity[];

const LOOKS: Record<Severity, { label: string; tone: Tone; icon: LucideIcon }> = {
  critical: { label: 'Critical', tone: 'bad', icon: ChevronsUp },
  high: { label: 'High', tone: 'bad', icon: ChevronUp },
  medium: { label: 'Medium', tone: 'warn', icon: Equal },
  low: { label: 'Low', tone: 'busy', icon: ChevronDown },
  info: { label: 'Info', tone: 'idle', icon: Info },
};

export function severityLabel(severity: Severity): string {
  return LOOKS[severity].label;
}

export function SeverityBadge({ severity }: { severity: Severity }) {
  const { label, tone, icon: Icon } = LOOKS[severity];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className="size-3.5" />}>
      {label}
    </Badge>
  );
}
