import type { Agent } from '@automatos/contracts';
import { newId } from '@automatos/kernel';
import type { JsonObject, RunId, WorkspaceId } from '@automatos/kernel';
import { createMemoryRun } from '@automatos/testing';
import type { MemoryRunOptions } from '@automatos/testing';
import { createCoordinator } from '../coordination/create-coordinator.ts';
import type {
  CoordinationRequest,
  Teammate,
  TrackRecord,
  WorkUnit,
} from '../coordination/coordination-types.ts';
import { createMemoryBoard } from './memory-board.fixture.ts';
import { createTurnFixture, testAgent } from './turn-fixture.ts';
import type { AgentParts, Script, TurnFixture } from './turn-fixture.ts';

export const NO_RECORD: TrackRecord = {
  runs: 0,
  successes: 0,
  meanQuality: null,
  meanDurationMs: null,
  meanCostMicros: null,
};

type MateParts = Partial<TrackRecord> & Pick<AgentParts, 'limits'> & { status?: Agent['status'] };

export function mate(
  slug: string,
  capabilities: readonly string[],
  { status = 'active', limits = {}, ...record }: MateParts = {},
): Teammate {
  return {
    agent: testAgent({ slug, name: slug, capabilities: [...capabilities], status, limits }),
    personaPrompt: null,
    record: { ...NO_RECORD, ...record },
  };
}

export function unit(
  id: string,
  needs: readonly string[],
  parts: Partial<WorkUnit> = {},
): WorkUnit {
  return {
    id,
    title: id,
    prompt: `Do ${id}.`,
    needs,
    inputs: { path: 'src' },
    dependsOn: [],
    complexity: 0.5,
    ...parts,
  };
}

export function request(parts: Partial<CoordinationRequest>): CoordinationRequest {
  return {
    goal: 'Everything is looked at',
    units: [],
    team: [],
    kind: 'hierarchical',
    settings: {},
    inputs: {},
    stepId: 'work',
    attempt: 1,
    signal: new AbortController().signal,
    ...parts,
  };
}

type Asked = Parameters<Script>[0];

export interface TeamFixture extends TurnFixture {
  board: ReturnType<typeof createMemoryBoard>;
  /** Calls of the scripted model, in order of arrival. */
  asked: Asked[];
  /** Runs a piece of work in a run of its own, or in that of `run`. */
  work(
    parts: Partial<CoordinationRequest>,
    run?: MemoryRunOptions,
  ): Promise<{
    result: Awaited<ReturnType<ReturnType<typeof createCoordinator>['run']>>;
    memory: ReturnType<typeof createMemoryRun>;
  }>;
}

/** Who speaks in a call of the scripted model. */
export function speaker({ body }: { body: JsonObject }): string {
  return /You are \\"([^"\\]+)\\"/.exec(JSON.stringify(body))?.[1] ?? '';
}

export const WORKSPACE = newId<'workspace'>() as WorkspaceId;
export const RUN = newId<'run'>() as RunId;

/** Teams on the real runtime, providers and executor, against a scripted model server; the board is in memory. */
export async function createTeamFixture(script: Script): Promise<TeamFixture> {
  const asked: Asked[] = [];
  const turns = await createTurnFixture((call) => {
    asked.push(call);
    return script(call);
  });
  const board = createMemoryBoard();
  const coordinator = createCoordinator({ runtime: turns.runtime, board });
  return {
    ...turns,
    board,
    asked,
    async work(parts, run = {}) {
      const memory = createMemoryRun({ workspaceId: WORKSPACE, runId: RUN, ...run });
      const result = await coordinator.run(memory.context, request(parts));
      return { result, memory };
    },
  };
}
