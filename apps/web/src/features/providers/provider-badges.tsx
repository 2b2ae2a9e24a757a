'use client';

import type { Provider } from '@automatos/sdk';
import {
  Activity,
  CircleCheck,
  CircleDashed,
  CircleSlash,
  FileText,
  FlaskConical,
  Star,
} from 'lucide-react';
import { Badge } from '../../components/ui/badge.tsx';
import { evidenceOf } from './evidence.ts';
import { percent, type HealthNow } from './health/health-state.ts';

const ICON = 'size-3.5';

/** `usable` says that this version can talk to the vendor, `configured` that what it needs is set. */
export function StateBadge({ provider }: { provider: Provider }) {
  if (!provider.usable)
    return <Badge icon={<CircleSlash aria-hidden className={ICON} />}>Not in this version</Badge>;
  return provider.configured ? (
    <Badge tone="ok" icon={<CircleCheck aria-hidden className={ICON} />}>
      Ready
    </Badge>
  ) : (
    <Badge tone="warn" icon={<CircleDashed aria-hidden className={ICON} />}>
      Not configured
    </Badge>
  );
}

export function DefaultBadge() {
  return (
    <Badge tone="accent" icon={<Star aria-hidden className={ICON} />}>
      Default
    </Badge>
  );
}

export function HealthBadge({ health }: { health: HealthNow }) {
  return (
    <Badge tone={health.tone} icon={<Activity aria-hidden className={ICON} />}>
      {health.label}
      {health.successRate === null ? '' : `, ${percent(health.successRate)}`}
    </Badge>
  );
}

/** What was tried, and no more than that. */
export function EvidenceBadge({ provider }: { provider: Provider }) {
  // Part of the product: there is no vendor to try it against.
  if (provider.id === 'offline') return null;
  const { label, tried } = evidenceOf(provider.evidence);
  const Icon = tried ? FlaskConical : FileText;
  return (
    <Badge className="whitespace-normal" icon={<Icon aria-hidden className={`${ICON} shrink-0`} />}>
      {label}
    </Badge>
  );
}
