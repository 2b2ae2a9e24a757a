'use client';

import { Field } from '../../../components/ui/field.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { cronWords, toCron, toRhythm, WEEKDAYS, type Rhythm } from './cron-words.ts';
import type { ScheduleForm } from './schedule-form.ts';

const KINDS: readonly { value: Rhythm['kind'] | 'own'; label: string }[] = [
  { value: 'hourly', label: 'Every hour' },
  { value: 'daily', label: 'Every day' },
  { value: 'weekdays', label: 'Monday to Friday' },
  { value: 'weekly', label: 'Once a week' },
  { value: 'monthly', label: 'Once a month' },
  { value: 'own', label: 'Own cron expression' },
];
const OWN = '*/30 * * * *';

function asKind(kind: Rhythm['kind'], before: Rhythm | null): Rhythm {
  const minute = before?.minute ?? 0;
  const hour = before !== null && 'hour' in before ? before.hour : 8;
  if (kind === 'hourly') return { kind, minute };
  if (kind === 'weekly') return { kind, day: 1, hour, minute };
  return kind === 'monthly' ? { kind, dayOfMonth: 1, hour, minute } : { kind, hour, minute };
}

const two = (value: number) => String(value).padStart(2, '0');

/** Simple rhythms as choices, everything else as an expression that is said in words. */
export function CronFields({
  form,
  set,
}: {
  form: ScheduleForm;
  set: (change: Partial<ScheduleForm>) => void;
}) {
  const rhythm = toRhythm(form.cron);
  const put = (next: Rhythm) => set({ cron: toCron(next) });
  const zones = Intl.supportedValuesOf('timeZone');
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="Rhythm">
        {(control) => (
          <Select
            control={control}
            value={rhythm?.kind ?? 'own'}
            onChange={({ target: { value } }) =>
              value === 'own' ? set({ cron: OWN }) : put(asKind(value as Rhythm['kind'], rhythm))
            }
          >
            {KINDS.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {rhythm === null ? (
        <Field
          label="Cron expression"
          help={cronWords(form.cron) ?? 'Minute, hour, day of the month, month, day of the week.'}
        >
          {(control) => (
            <Input
              control={control}
              className="font-mono"
              value={form.cron}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => set({ cron: event.target.value })}
            />
          )}
        </Field>
      ) : null}
      {rhythm?.kind === 'hourly' ? (
        <Field label="At minute">
          {(control) => (
            <Input
              control={control}
              type="number"
              min={0}
              max={59}
              value={rhythm.minute}
              onChange={({ target }) =>
                put({ ...rhythm, minute: Math.min(59, Math.max(0, Number(target.value))) })
              }
            />
          )}
        </Field>
      ) : null}
      {rhythm !== null && rhythm.kind !== 'hourly' ? (
        <Field label="Time of day">
          {(control) => (
            <Input
              control={control}
              type="time"
              value={`${two(rhythm.hour)}:${two(rhythm.minute)}`}
              onChange={({ target }) => {
                const [hour = 0, minute = 0] = target.value.split(':').map(Number);
                put({ ...rhythm, hour, minute });
              }}
            />
          )}
        </Field>
      ) : null}
      {rhythm?.kind === 'weekly' ? (
        <Field label="Day">
          {(control) => (
            <Select
              control={control}
              value={rhythm.day}
              onChange={({ target }) => put({ ...rhythm, day: Number(target.value) })}
            >
              {WEEKDAYS.map((name, day) => (
                <option key={name} value={day}>
                  {name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      ) : null}
      {rhythm?.kind === 'monthly' ? (
        <Field
          label="Day of the month"
          help={rhythm.dayOfMonth > 28 ? 'Months without this day are left out.' : undefined}
        >
          {(control) => (
            <Input
              control={control}
              type="number"
              min={1}
              max={31}
              value={rhythm.dayOfMonth}
              onChange={({ target }) =>
                put({ ...rhythm, dayOfMonth: Math.min(31, Math.max(1, Number(target.value))) })
              }
            />
          )}
        </Field>
      ) : null}
      <Field label="Time zone">
        {(control) => (
          <Select
            control={control}
            value={form.timezone}
            onChange={(event) => set({ timezone: event.target.value })}
          >
            {zones.includes(form.timezone) ? null : <option>{form.timezone}</option>}
            {form.timezone === 'UTC' || zones.includes('UTC') ? null : <option>UTC</option>}
            {zones.map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </Select>
        )}
      </Field>
    </div>
  );
}
