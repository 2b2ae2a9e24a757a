'use client';

import { CircleAlert, CircleCheck, CircleX } from 'lucide-react';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Section } from '../../components/ui/card.tsx';
import { ErrorState } from '../../components/ui/error-state.tsx';
import { SkeletonList } from '../../components/ui/skeleton.tsx';
import { formatBytes, formatDuration } from '../../lib/format.ts';
import { useHealth } from './dashboard-queries.ts';

type Level = 'healthy' | 'warning' | 'critical';

const LOOKS: Record<Level, { tone: Tone; label: string; Icon: typeof CircleCheck }> = {
  healthy: { tone: 'ok', label: 'Healthy', Icon: CircleCheck },
  warning: { tone: 'warn', label: 'Warning', Icon: CircleAlert },
  critical: { tone: 'bad', label: 'Critical', Icon: CircleX },
};

function HealthBadge({ status }: { status: Level }) {
  const { tone, label, Icon } = LOOKS[status];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className="size-3.5" />}>
      {label}
    </Badge>
  );
}

export function HealthCard() {
  const health = useHealth();
  const data = health.data;
  return (
    <Section
      title="System"
      actions={data === undefined ? undefined : <HealthBadge status={data.status} />}
    >
      {health.isError && data === undefined ? (
        <ErrorState
          what="System health could not be read"
          error={health.error}
          onRetry={() => void health.refetch()}
        />
      ) : data === undefined ? (
        <div className="p-5">
          <SkeletonList label="system health" rows={3} height="h-9" />
        </div>
      ) : (
        <>
          <ul className="divide-y divide-line text-sm">
            {data.components.map((component) => (
              <li key={component.name} className="flex items-start justify-between gap-3 px-5 py-3">
                <div className="min-w-0">
                  <p className="font-medium">{component.name}</p>
                  <p className="text-[0.8125rem] text-ink-soft wrap-anywhere">
                    {component.detail}
                    {component.latency_ms === null
                      ? ''
                      : ` · ${component.latency_ms.toFixed(1)} ms`}
                  </p>
                </div>
                <HealthBadge status={component.status} />
              </li>
            ))}
          </ul>
          <p className="border-t border-line px-5 py-3 text-[0.8125rem] text-ink-soft">
            Version {data.version}, up {formatDuration(data.uptime_ms)},{' '}
            {formatBytes(data.process.memory_bytes)} of memory, CPU{' '}
            {data.process.cpu_percent.toFixed(0)} %
          </p>
          {data.notes.length === 0 ? null : (
            <ul className="grid gap-1 border-t border-line px-5 py-3 text-[0.8125rem] text-ink-soft">
              {data.notes.map((note) => (
                <li key={note}>{note}</li>
              ))}
            </ul>
          )}
        </>
      )}
    </Section>
  );
}
