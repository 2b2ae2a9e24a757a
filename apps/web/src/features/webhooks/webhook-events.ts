/** Events that an outgoing webhook may carry, those most want with a box of their own. Pure. */

export const EVENT_GROUPS: readonly (readonly [event: string, label: string])[] = [
  ['run.completed', 'A run completed'],
  ['run.failed', 'A run failed'],
  ['run.cancelled', 'A run was cancelled'],
  ['run.started', 'A run started'],
  ['step.waiting_approval', 'An approval is asked for'],
  ['approval.decided', 'An approval was decided'],
  ['step.failed', 'A step failed'],
];

const boxed = new Set(EVENT_GROUPS.map(([event]) => event));

/** What has no box. */
export function otherEvents(events: readonly string[]): string[] {
  return events.filter((event) => !boxed.has(event));
}

/** Boxes and typed patterns together, each once. */
export function eventsOf(chosen: readonly string[], typed: string): string[] {
  const other = typed
    .split(/[\s,]+/)
    .map((each) => each.trim())
    .filter((each) => each !== '');
  return [...new Set([...chosen.filter((event) => boxed.has(event)), ...other])];
}
