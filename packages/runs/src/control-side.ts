import type { Database } from '@automatos/database';
import type { Clock, Logger } from '@automatos/kernel';
import { createApprovalDesk } from './approvals/approval-desk.ts';
import { createApprovalWait } from './approvals/approval-wait.ts';
import type { EventBus } from './event-bus.ts';
import { createRunControl } from './run-control.ts';
import type { RunControl } from './run-control.ts';
import { createRunLog } from './run-log.ts';
import type { ControlAction } from './run-log.ts';
import type { RunWaits } from './run-waits.ts';
import { createSignalSender, createSignalWait } from './signals.ts';
import { createSubRunWait } from './sub-runs.ts';
import type { EventProjection, Runs } from './types.ts';
import { createWaitHub } from './wait-hub.ts';

interface Deps {
  database: Database;
  bus: EventBus;
  clock: Clock;
  logger: Logger;
  projections: EventProjection[];
  flush: (runId: string) => Promise<void>;
  apply: (action: ControlAction, runId: string) => void;
  start: Runs['start'];
}

/** How people and other runs steer runs, and how runs wait for them. */
export interface ControlSide {
  steering: Pick<Runs, 'cancel' | 'pause' | 'resume' | 'approvals' | 'decide' | 'signal'>;
  waits: RunWaits;
  cancelOrphans: RunControl['cancelOrphans'];
  stop(): void;
}

export function createControlSide(deps: Deps): ControlSide {
  const { database, bus, clock } = deps;
  const hub = createWaitHub(deps);
  const log = createRunLog(deps);
  const { cancelOrphans, ...control } = createRunControl({ ...deps, log });
  return {
    steering: {
      ...control,
      ...createApprovalDesk({ database, log }),
      signal: createSignalSender(log),
    },
    waits: {
      approval: createApprovalWait({ database, log, hub }),
      signalled: createSignalWait({ database, hub, clock }),
      subRun: createSubRunWait({ database, bus, hub, control, start: deps.start }),
    },
    cancelOrphans,
    stop: hub.stop,
  };
}
