'use client';

import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { plural } from '../../lib/format.ts';
import { seriesColour } from './series-colours.ts';
import type { Stack, StackedDay } from './stack-days.ts';
import { MEASURES, type Measure } from './usage-words.ts';
import { DAY_AXIS, shortDay, VALUE_AXIS } from '../../components/ui/day-axes.ts';

function DayTip({
  active,
  payload,
  stack,
  measure,
  label,
}: {
  active?: boolean;
  payload?: readonly { payload?: StackedDay }[];
  stack: Stack;
  measure: Measure;
  label: (key: string | null) => string;
}) {
  const day = payload?.[0]?.payload;
  if (active !== true || day === undefined) return null;
  const { format } = MEASURES[measure];
  return (
    <div className="max-w-72 rounded-lg border border-line bg-surface px-3 py-2 text-xs shadow-card">
      <p className="mb-1 font-semibold">
        {shortDay(day.day)}: {format(day.total)}
      </p>
      {stack.series.map((key, index) =>
        (day.values[index] ?? 0) === 0 ? null : (
          <p key={key ?? 'rest'} className="flex items-center gap-1.5">
            <span
              className="size-2.5 shrink-0 rounded-sm"
              style={{ background: seriesColour(index, key) }}
            />
            <span className="min-w-0 flex-1 truncate">{label(key)}</span>
            <span className="tabular-nums">{format(day.values[index] ?? 0)}</span>
          </p>
        ),
      )}
      {day.unpriced === 0 ? null : (
        <p className="mt-1 text-warn">{plural(day.unpriced, 'call')} of unknown price</p>
      )}
    </div>
  );
}

/** Days as stacked bars. */
export function StackedChart({
  stack,
  measure,
  label,
}: {
  stack: Stack;
  measure: Measure;
  label: (key: string | null) => string;
}) {
  return (
    <ResponsiveContainer width="100%" height={260}>
      <BarChart
        data={stack.days}
        margin={{ top: 8, right: 4, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis {...DAY_AXIS} />
        <YAxis
          tickFormatter={MEASURES[measure].axis}
          {...VALUE_AXIS}
          width={60}
          // Days without any cost still need a scale that can be read.
          domain={[0, (max: number) => Math.max(max, measure === 'cost' ? 10_000 : 1)]}
          allowDecimals={measure === 'cost'}
        />
        <Tooltip
          content={<DayTip stack={stack} measure={measure} label={label} />}
          cursor={{ fill: 'var(--sunken)' }}
        />
        {stack.series.map((key, index) => (
          <Bar
            key={key ?? 'rest'}
            dataKey={(day: StackedDay) => day.values[index] ?? 0}
            stackId="day"
            fill={seriesColour(index, key)}
            isAnimationActive={false}
            maxBarSize={34}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
