'use client';

import type { Run, RunEvent } from '@automatos/sdk';
import { History } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useMemo, useState } from 'react';
import { Button } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { CodeBlock } from '../../components/ui/code-block.tsx';
import { Select } from '../../components/ui/input.tsx';
import { Skeleton } from '../../components/ui/skeleton.tsx';
import { Switch } from '../../components/ui/switch.tsx';
import { formatClock, plural } from '../../lib/format.ts';
import { describeEvent } from './describe-event.ts';
import { useRunStart, useRunState } from './run-context.tsx';

const SHOWN = 200;
const AREAS = ['run', 'step', 'llm', 'tool', 'approval', 'signal', 'quality'];

function LogRow({ event }: { event: RunEvent }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <details onToggle={(toggle) => setOpen(toggle.currentTarget.open)}>
        <summary className="grid grid-cols-[2.5rem_1fr] items-baseline gap-x-3 px-5 py-2.5 text-sm hover:bg-sunken/50 focus-visible:-outline-offset-2 sm:grid-cols-[2.5rem_5.5rem_11rem_1fr]">
          <span className="text-right font-mono text-xs text-ink-soft tabular-nums">
            {event.seq}
          </span>
          <time dateTime={event.at} className="text-xs text-ink-soft tabular-nums">
            {formatClock(event.at)}
          </time>
          <span className="col-start-2 font-mono text-xs font-medium sm:col-start-auto">
            {event.type}
          </span>
          <span className="col-start-2 min-w-0 wrap-anywhere sm:col-start-auto">
            {describeEvent(event)}
          </span>
        </summary>
        {open ? (
          <CodeBlock
            label={`Event ${event.seq}`}
            text={JSON.stringify(event, null, 2)}
            className="mx-5 mb-4 max-h-80"
          />
        ) : null}
      </details>
    </li>
  );
}

const ReplayPanel = dynamic(async () => (await import('./replay-panel.tsx')).ReplayPanel, {
  loading: () => <Skeleton className="mb-6 h-48" />,
});

/** Every event of the run, newest last, as it was stored; of an ended run they can be played again. */
export function LogTab({ run }: { run: Run }) {
  const over = useRunState((state) => state.finishedAt !== null);
  const start = useRunStart();
  const [replaying, setReplaying] = useState(false);
  const events = useRunState((state) => state.events);
  const [area, setArea] = useState('');
  const [withText, setWithText] = useState(false);
  const [shown, setShown] = useState(SHOWN);
  const matching = useMemo(
    () =>
      events.filter(
        (event) =>
          (withText || event.type !== 'llm.delta') &&
          (area === '' || event.type.startsWith(`${area}.`)),
      ),
    [events, area, withText],
  );
  const visible = matching.slice(-shown);
  return (
    <>
      <h2 className="sr-only">Log</h2>
      <div className="mb-4 flex flex-wrap items-center gap-x-5 gap-y-3">
        <Select
          aria-label="Kind of event"
          className="w-full sm:w-44"
          value={area}
          onChange={(event) => setArea(event.target.value)}
        >
          <option value="">Every event</option>
          {AREAS.map((each) => (
            <option key={each} value={each}>
              {each}.*
            </option>
          ))}
        </Select>
        <span className="inline-flex min-h-11 items-center gap-2.5 text-sm">
          <Switch id="log-text" checked={withText} onCheckedChange={setWithText} />
          <label htmlFor="log-text">Show pieces of streamed text</label>
        </span>
        <p role="status" className="text-sm text-ink-soft">
          {plural(matching.length, 'event')}
        </p>
        {over && start !== null && !replaying ? (
          <Button className="ml-auto" onClick={() => setReplaying(true)}>
            <History aria-hidden className="size-4" /> Replay
          </Button>
        ) : null}
      </div>
      {replaying && start !== null ? (
        <ReplayPanel run={run} start={start} events={events} onClose={() => setReplaying(false)} />
      ) : null}
      <Card className="overflow-hidden">
        {matching.length > visible.length ? (
          <div className="flex justify-center border-b border-line p-3">
            <Button size="sm" onClick={() => setShown(shown + SHOWN)}>
              Show earlier events
            </Button>
          </div>
        ) : null}
        {visible.length === 0 ? (
          <p className="px-5 py-6 text-sm text-ink-soft">No event of this kind yet.</p>
        ) : (
          <ol aria-label="Events" className="divide-y divide-line">
            {visible.map((event) => (
              <LogRow key={event.seq} event={event} />
            ))}
          </ol>
        )}
      </Card>
    </>
  );
}
