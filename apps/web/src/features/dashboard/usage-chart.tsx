'use client';

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatCompact, formatCostInText, formatNumber } from '../../lib/format.ts';
import { DAY_AXIS, shortDay, VALUE_AXIS } from '../../components/ui/day-axes.ts';

export interface UsageDay {
  day: string;
  input: number;
  output: number;
  calls: number;
  costMicros: number | null;
}

function DayTip({
  active,
  payload,
}: {
  active?: boolean;
  payload?: readonly { payload?: UsageDay }[];
}) {
  const day = payload?.[0]?.payload;
  if (active !== true || day === undefined) return null;
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-xs shadow-card">
      <p className="font-semibold">{shortDay(day.day)}</p>
      <p>{formatNumber(day.input)} tokens in</p>
      <p>{formatNumber(day.output)} tokens out</p>
      <p>
        {formatNumber(day.calls)} calls, {formatCostInText(day.costMicros)}
      </p>
    </div>
  );
}

/** Tokens in and out per day as stacked bars. */
export function UsageChart({ days }: { days: UsageDay[] }) {
  return (
    <ResponsiveContainer width="100%" height={220}>
      <BarChart
        data={days}
        margin={{ top: 8, right: 4, bottom: 0, left: -8 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis {...DAY_AXIS} />
        <YAxis tickFormatter={formatCompact} {...VALUE_AXIS} width={52} />
        <Tooltip content={<DayTip />} cursor={{ fill: 'var(--sunken)' }} />
        <Bar
          dataKey="input"
          stackId="tokens"
          fill="var(--accent)"
          isAnimationActive={false}
          maxBarSize={34}
        />
        <Bar
          dataKey="output"
          stackId="tokens"
          fill="var(--busy)"
          isAnimationActive={false}
          maxBarSize={34}
          radius={[4, 4, 0, 0]}
        />
      </BarChart>
    </ResponsiveContainer>
  );
}
