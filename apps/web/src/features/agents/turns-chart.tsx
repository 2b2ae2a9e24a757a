'use client';

import type { AgentMetrics } from '@automatos/sdk';
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { DAY_AXIS, shortDay, VALUE_AXIS } from '../../components/ui/day-axes.ts';

type Day = AgentMetrics['by_day'][number];

const SERIES = [
  { key: 'completed', label: 'completed', fill: 'var(--ok)' },
  { key: 'limit_reached', label: 'ended by a limit', fill: 'var(--warn)' },
  { key: 'failed', label: 'failed', fill: 'var(--bad)' },
  { key: 'cancelled', label: 'cancelled', fill: 'var(--line-strong)' },
] as const;

function DayTip({ active, payload }: { active?: boolean; payload?: readonly { payload?: Day }[] }) {
  const day = payload?.[0]?.payload;
  if (active !== true || day === undefined) return null;
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-xs shadow-card">
      <p className="font-semibold">{shortDay(day.day)}</p>
      {SERIES.map(({ key, label }) =>
        day[key] === 0 ? null : (
          <p key={key}>
            {day[key]} {label}
          </p>
        ),
      )}
    </div>
  );
}

/** Turns per day by how they ended, as stacked bars. */
export function TurnsChart({ days }: { days: readonly Day[] }) {
  return (
    <ResponsiveContainer width="100%" height={220}>
      <BarChart
        data={[...days]}
        margin={{ top: 8, right: 4, bottom: 0, left: -8 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis {...DAY_AXIS} />
        <YAxis allowDecimals={false} {...VALUE_AXIS} width={44} />
        <Tooltip content={<DayTip />} cursor={{ fill: 'var(--sunken)' }} />
        {SERIES.map(({ key, fill }) => (
          <Bar
            key={key}
            dataKey={key}
            stackId="turns"
            fill={fill}
            isAnimationActive={false}
            maxBarSize={34}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
