import { createCoordinator, createDatabaseBoard } from '@automatos/agents';
import type { AgentRuntime } from '@automatos/agents';
import type { BoundRoute } from '@automatos/contracts';
import type { WorkspaceId } from '@automatos/kernel';
import type { ModelRef } from '@automatos/providers';
import type { RunKind, RunsRoom } from '@automatos/runs';
import {
  createTaskKind,
  createTaskMemory,
  createTaskRoutes,
  createTaskService,
} from '@automatos/tasks';
import type { WorkspaceRoots } from '@automatos/tools';
import type { BaseDeps } from './base-deps.ts';
import { composePatterns } from './compose-coordination.ts';

type Base = Pick<BaseDeps, 'database' | 'clock'>;

/** What carries tasks out. */
export function composeTaskKind(
  deps: Base & {
    agents: Pick<AgentRuntime, 'runTurn'>;
    roots: WorkspaceRoots;
    model: (workspaceId: WorkspaceId) => Promise<ModelRef | null>;
  },
): RunKind {
  const { database, clock } = deps;
  return createTaskKind({
    ...deps,
    memory: createTaskMemory({ database, clock }),
    coordinator: createCoordinator({
      runtime: deps.agents,
      board: createDatabaseBoard({ database, clock }),
    }),
  });
}

/** The API of tasks. */
export function composeTaskRoutes(
  deps: Base & { runs: RunsRoom; roots: WorkspaceRoots },
): BoundRoute[] {
  const { database, clock, roots } = deps;
  const patterns = composePatterns({ database, clock });
  return createTaskRoutes({
    tasks: createTaskService({
      database,
      runs: deps.runs,
      memory: createTaskMemory({ database, clock }),
      roots,
      findPattern: (workspaceId, ref) => patterns.resolve(workspaceId, ref),
      clock,
    }),
  });
}
