import type { RunEvent } from '@automatos/sdk';
import { createStore } from 'zustand/vanilla';

interface LiveRuns {
  /** By run: the steps that run now, id to name. */
  steps: Readonly<Record<string, Readonly<Record<string, string>>>>;
  read: (events: readonly RunEvent[]) => void;
  forget: () => void;
}

/** Steps that run after `event`. Pure. */
export function stepsAfter(steps: LiveRuns['steps'], event: RunEvent): LiveRuns['steps'] {
  const { run_id: runId, step_id: stepId } = event;
  if (runId === undefined) return steps;
  const ofRun = steps[runId] ?? {};
  if (event.type === 'step.started' && stepId !== undefined && event.data.type !== 'parallel') {
    return { ...steps, [runId]: { ...ofRun, [stepId]: event.data.name } };
  }
  const stepEnded =
    event.type === 'step.completed' ||
    event.type === 'step.failed' ||
    event.type === 'step.skipped';
  if (stepEnded && stepId !== undefined && stepId in ofRun) {
    return {
      ...steps,
      [runId]: Object.fromEntries(Object.entries(ofRun).filter(([id]) => id !== stepId)),
    };
  }
  const runEnded =
    event.type === 'run.completed' || event.type === 'run.failed' || event.type === 'run.cancelled';
  if (runEnded && runId in steps) {
    return Object.fromEntries(Object.entries(steps).filter(([id]) => id !== runId));
  }
  return steps;
}

/** What the runs of the workspace are doing, as far as it was seen happening. */
export function createLiveRunsStore() {
  return createStore<LiveRuns>((set) => ({
    steps: {},
    read: (events) => set((state) => ({ steps: events.reduce(stepsAfter, state.steps) })),
    forget: () => set({ steps: {} }),
  }));
}
