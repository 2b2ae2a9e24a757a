'use client';

import { useSearchParam } from '../../../lib/use-search-param.ts';

export const WINDOWS = [
  { minutes: 15, label: 'Last 15 minutes' },
  { minutes: 60, label: 'Last hour' },
  { minutes: 360, label: 'Last 6 hours' },
  { minutes: 1440, label: 'Last 24 hours' },
] as const;
const FIRST = 60;

/** The span of the health figures in minutes; it stands in the address. */
export function useHealthWindow(): [number, (minutes: number) => void] {
  const [value, setValue] = useSearchParam('window');
  const minutes = WINDOWS.find((each) => String(each.minutes) === value)?.minutes ?? FIRST;
  return [minutes, (next) => setValue(next === FIRST ? null : String(next))];
}
