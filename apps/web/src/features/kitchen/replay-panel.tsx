'use client';

import type { Run, RunEvent } from '@automatos/sdk';
import { Pause, Play, StepBack, StepForward, X } from 'lucide-react';
import { useEffect, useMemo, useState, type Dispatch, type SetStateAction } from 'react';
import { RunStatusBadge } from '../../components/status/run-status.tsx';
import { Button, IconButton } from '../../components/ui/button.tsx';
import { Card } from '../../components/ui/card.tsx';
import { cn } from '../../components/ui/cn.ts';
import { formatClock, formatCost, formatNumber, plural } from '../../lib/format.ts';
import { describeEvent } from './describe-event.ts';
import {
  advance,
  createHistory,
  createPlayer,
  pause,
  play,
  seek,
  SPEEDS,
  stepBy,
  withSpeed,
  type Player,
} from './replay.ts';
import { RunAt, useRunState } from './run-context.tsx';
import { focusStep } from './run-state.ts';
import { createRunStore } from './run-store.ts';
import type { RunState } from './run-state-types.ts';
import { StepDetail } from './step-detail.tsx';
import { Timeline } from './timeline.tsx';

const TICK_MS = 50;

function Speeds({ player, onChange }: { player: Player; onChange: (next: Player) => void }) {
  return (
    <div role="group" aria-label="Speed" className="flex rounded-lg bg-sunken p-1">
      {SPEEDS.map((speed) => (
        <button
          key={speed}
          type="button"
          aria-pressed={player.speed === speed}
          onClick={() => onChange(withSpeed(player, speed))}
          className={cn(
            'min-h-10 rounded-md px-3 text-sm font-medium tabular-nums sm:min-h-8',
            player.speed === speed
              ? 'bg-surface text-accent-strong shadow-card dark:bg-accent-soft'
              : 'text-ink-soft hover:text-ink',
          )}
        >
          {speed === 'all' ? 'All' : `${speed}×`}
        </button>
      ))}
    </div>
  );
}

function Controls({
  player,
  event,
  onChange,
  onClose,
}: {
  player: Player;
  event: RunEvent | undefined;
  onChange: Dispatch<SetStateAction<Player>>;
  onClose: () => void;
}) {
  const total = player.times.length;
  return (
    <Card className="p-4">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="primary"
          onClick={() => onChange(player.playing ? pause(player) : play(player))}
        >
          {player.playing ? (
            <Pause aria-hidden className="size-4" />
          ) : (
            <Play aria-hidden className="size-4" />
          )}
          {player.playing ? 'Hold' : 'Play'}
        </Button>
        <IconButton
          label="One event back"
          disabled={player.position === 0}
          onClick={() => onChange(stepBy(player, -1))}
        >
          <StepBack aria-hidden className="size-5" />
        </IconButton>
        <IconButton
          label="One event on"
          disabled={player.position === total}
          onClick={() => onChange(stepBy(player, 1))}
        >
          <StepForward aria-hidden className="size-5" />
        </IconButton>
        <Speeds player={player} onChange={onChange} />
        <span className="ml-auto">
          <IconButton label="End the replay" onClick={onClose}>
            <X aria-hidden className="size-5" />
          </IconButton>
        </span>
      </div>
      <input
        type="range"
        aria-label="Position in the run"
        aria-valuetext={`event ${player.position} of ${total}`}
        min={0}
        max={total}
        value={player.position}
        onChange={(change) => onChange(seek(player, Number(change.target.value)))}
        className="mt-3 block h-8 w-full accent-accent"
      />
      <p className="min-h-10 text-[0.8125rem] text-ink-soft sm:min-h-5">
        <span className="text-ink tabular-nums">
          Event {player.position} of {total}
        </span>
        {event === undefined ? null : (
          <>
            , {formatClock(event.at)}: <span className="font-mono">{event.type}</span>{' '}
            <span className="wrap-anywhere">{describeEvent(event).slice(0, 120)}</span>
          </>
        )}
      </p>
    </Card>
  );
}

function Summary() {
  const status = useRunState((state) => state.status);
  const usage = useRunState((state) => state.usage);
  const findings = useRunState((state) => state.findingsTotal);
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-ink-soft tabular-nums">
      <RunStatusBadge status={status} />
      <span>{formatNumber(usage.input_tokens + usage.output_tokens)} tokens</span>
      <span>{formatCost(usage.cost_micros)}</span>
      <span>{plural(usage.tool_calls, 'tool call')}</span>
      <span>{plural(findings, 'finding')}</span>
    </p>
  );
}

/** An ended run once more: its stored events through the same reducer, at the watcher's pace. */
export function ReplayPanel({
  run,
  start,
  events,
  onClose,
}: {
  run: Run;
  start: RunState;
  events: readonly RunEvent[];
  onClose: () => void;
}) {
  const history = useMemo(() => createHistory(start, events), [start, events]);
  const [store] = useState(() => {
    const made = createRunStore();
    made.setState({ run, start, state: start, clock: history.timeAt(0), live: 'ended' });
    return made;
  });
  const [player, setPlayer] = useState(() => createPlayer(events));
  const [chosen, setChosen] = useState<string | null>(null);
  const { position, playing } = player;
  const state = useMemo(() => history.stateAt(position), [history, position]);
  useEffect(() => {
    store.setState({ state, clock: history.timeAt(position) });
  }, [store, state, history, position]);
  const selected = chosen ?? focusStep(state);
  useEffect(() => {
    if (!playing) return;
    let before = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const passed = now - before;
      before = now;
      setPlayer((current) => advance(current, passed));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing]);
  return (
    <section aria-label="Replay" className="mb-6 grid grid-cols-1 gap-4">
      <Controls
        player={player}
        event={events[position - 1]}
        onChange={setPlayer}
        onClose={onClose}
      />
      <RunAt store={store}>
        <Summary />
        <div className="grid grid-cols-1 items-start gap-6 xl:grid-cols-2">
          <Card className="min-w-0">
            <Timeline selected={selected} onSelect={setChosen} />
          </Card>
          {selected === null ? null : (
            <StepDetail
              runId={run.id}
              stepId={selected}
              following={chosen === null}
              onFollow={() => setChosen(null)}
            />
          )}
        </div>
      </RunAt>
    </section>
  );
}
