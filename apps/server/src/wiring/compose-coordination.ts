import { createDatabaseBoard, createPatternRoutes, createPatternService } from '@automatos/agents';
import type { PatternService } from '@automatos/agents';
import type { BoundRoute } from '@automatos/contracts';
import { createTaskMemory } from '@automatos/tasks';
import type { ToolInvocation, ToolServices } from '@automatos/tools';
import type { BaseDeps } from './base-deps.ts';

type Base = Pick<BaseDeps, 'database' | 'clock'>;

export function composePatterns({ database, clock }: Base): PatternService {
  const memory = createTaskMemory({ database, clock });
  return createPatternService({
    database,
    clock,
    recordsOf: async (workspaceId) => {
      const candidates = await memory.candidates(workspaceId, undefined);
      return new Map(candidates.map(({ agent, history }) => [agent.slug, history.all]));
    },
  });
}

/** The API of patterns. */
export function composePatternRoutes(base: Base): BoundRoute[] {
  return createPatternRoutes({ patterns: composePatterns(base) });
}

/** The board of the run for calls that an agent makes in one. */
export function createBoardService(
  base: Base,
): (call: ToolInvocation) => Pick<ToolServices, 'blackboard'> {
  const board = createDatabaseBoard(base);
  return ({ workspaceId, runId, agent }) =>
    runId === undefined || agent === undefined
      ? {}
      : { blackboard: { board, agent, scope: { workspaceId, runId } } };
}
