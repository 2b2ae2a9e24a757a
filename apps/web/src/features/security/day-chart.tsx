'use client';

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { DAY_AXIS, shortDay, VALUE_AXIS } from '../../components/ui/day-axes.ts';
import { formatNumber } from '../../lib/format.ts';
import { LEVEL_ORDER, LEVELS, type Overview } from './security-words.ts';

type Day = Overview['by_day'][number];

function DayTip({ active, payload }: { active?: boolean; payload?: readonly { payload?: Day }[] }) {
  const day = payload?.[0]?.payload;
  if (active !== true || day === undefined) return null;
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-xs shadow-card">
      <p className="mb-1 font-semibold">
        {shortDay(day.day)}: {formatNumber(day.assessed)} assessed
      </p>
      {LEVEL_ORDER.map((level) => (
        <p key={level} className="flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm" style={{ background: LEVELS[level].colour }} />
          <span className="flex-1">{LEVELS[level].label}</span>
          <span className="tabular-nums">{formatNumber(day[level])}</span>
        </p>
      ))}
    </div>
  );
}

/** Scored requests by day and level. */
export function DayChart({ days }: { days: Overview['by_day'] }) {
  return (
    <ResponsiveContainer width="100%" height={220}>
      <BarChart
        data={days}
        margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis {...DAY_AXIS} />
        <YAxis {...VALUE_AXIS} width={44} allowDecimals={false} domain={[0, 'auto']} />
        <Tooltip content={<DayTip />} cursor={{ fill: 'var(--sunken)' }} />
        {LEVEL_ORDER.map((level) => (
          <Bar
            key={level}
            dataKey={level}
            stackId="day"
            fill={LEVELS[level].colour}
            isAnimationActive={false}
            maxBarSize={34}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
