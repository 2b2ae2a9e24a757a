'use client';

import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { useApi } from '../../components/api-context.ts';
import { createRunStore, followRun, type RunStore, type RunView } from './run-store.ts';
import { useNow } from '../../lib/use-now.ts';
import type { RunState } from './run-state-types.ts';

const RunContext = createContext<RunStore | null>(null);

/** Follows one run as long as it is shown, and hands it to everything inside. */
export function RunProvider({
  runId,
  children,
}: {
  runId: string;
  children: (view: RunView, retry: () => void) => ReactNode;
}) {
  const client = useApi();
  const queries = useQueryClient();
  const [store, setStore] = useState(createRunStore);
  useEffect(() => {
    const abort = new AbortController();
    void followRun({ client, runId, store, signal: abort.signal });
    return () => abort.abort();
  }, [client, runId, store]);

  const findings = useStore(store, (view) => view.state?.findingsTotal ?? 0);
  const status = useStore(store, (view) => view.state?.status);
  useEffect(() => {
    // What other requests showed of this run is out of date as soon as it finds more or changes its state.
    void queries.invalidateQueries({ queryKey: ['runs'] });
  }, [queries, findings, status]);

  const view = useStore(store);
  return <RunContext value={store}>{children(view, () => setStore(createRunStore()))}</RunContext>;
}

function useRunStore(): RunStore {
  const store = use(RunContext);
  if (store === null) throw new Error('useRunState needs RunProvider around it');
  return store;
}

/** A part of the run's state; the component draws again only when that part changes. */
export function useRunState<Part>(select: (state: RunState) => Part): Part {
  return useStore(useRunStore(), (view) => {
    if (view.state === null) throw new Error('useRunState is for inside a loaded run');
    return select(view.state);
  });
}

/** What useRunState reads inside: the state of the run at another time. */
export function RunAt({ store, children }: { store: RunStore; children: ReactNode }) {
  return <RunContext value={store}>{children}</RunContext>;
}

/** The time it is in the run: now while it goes on, the time shown in a replay. */
export function useRunNow(): number {
  const clock = useStore(useRunStore(), (view) => view.clock);
  const live = useRunState((state) => state.startedAt !== null && state.finishedAt === null);
  const now = useNow(live && clock === null ? 500 : null);
  return clock ?? now;
}

/** The state of the run before its first event. */
export function useRunStart(): RunState | null {
  return useStore(useRunStore(), (view) => view.start);
}
