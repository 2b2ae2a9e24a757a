'use client';

import { watchRoom, type RoomState, type RunEvent } from '@automatos/sdk';
import { useEffect, useEffectEvent, useState } from 'react';
import { useApi } from '../components/api-context.ts';

/**
 * Calls `onEvents` with what happened in the workspace, a few times a second at most, and `onGap` after each new
 * connection, because events in between were missed. Returns the state of the connection.
 */
export function useWorkspaceEvents(
  onEvents: (events: RunEvent[]) => void,
  onGap: () => void,
): RoomState {
  const client = useApi();
  const [state, setState] = useState<RoomState>('connecting');
  const handleEvents = useEffectEvent(onEvents);
  const handleGap = useEffectEvent(onGap);
  useEffect(() => {
    const abort = new AbortController();
    let waiting: RunEvent[] = [];
    let connections = 0;
    const flush = setInterval(() => {
      if (waiting.length === 0) return;
      const events = waiting;
      waiting = [];
      handleEvents(events);
    }, 250);
    void watchRoom(client, 'workspace', {
      signal: abort.signal,
      onEvent: (event) => waiting.push(event),
      onState: (next) => {
        if (abort.signal.aborted) return;
        setState(next);
        if (next !== 'live') return;
        connections += 1;
        if (connections > 1) handleGap();
      },
    });
    return () => {
      abort.abort();
      clearInterval(flush);
    };
  }, [client]);
  return state;
}
