import { PATTERN_SETTINGS } from '@automatos/contracts';
import type { PatternKind } from '@automatos/contracts';
import type { JsonObject } from '@automatos/kernel';
import type { RunContext } from '@automatos/runs';
import type { Blackboard } from '@automatos/tools';
import { agentError } from '../agent-error.ts';
import type { AgentRuntime } from '../runtime/runtime-types.ts';
import { runCollaborative } from './collaborative.ts';
import { runEmergent } from './emergent.ts';
import { runHierarchical } from './hierarchical.ts';
import type { Coordination } from './coordination.ts';
import type { CoordinationRequest, CoordinationResult, Coordinator } from './coordination-types.ts';
import { createDecisionLog } from './decision-log.ts';
import type { NeedField } from './market/need-field.ts';
import { createSlots } from './work/slots.ts';

export interface CoordinatorDeps {
  runtime: Pick<AgentRuntime, 'runTurn'>;
  board: Blackboard;
  /** Draws agents to needs in place of capabilities and age. */
  field?: NeedField;
}

const PATTERNS: Record<
  PatternKind,
  (coordination: Coordination, context: RunContext) => Promise<CoordinationResult>
> = {
  hierarchical: runHierarchical,
  collaborative: runCollaborative,
  emergent: runEmergent,
};

/** Creates what lets teams work by patterns; it keeps nothing between requests. */
export function createCoordinator(deps: CoordinatorDeps): Coordinator {
  return {
    async run(context, request) {
      const settings = checkSettings(request.kind, request.settings);
      const whole: CoordinationRequest = { ...request, settings };
      return PATTERNS[request.kind](
        {
          request: whole,
          runtime: deps.runtime,
          board: deps.board,
          field: deps.field ?? null,
          inSlot: createSlots(settings['parallel_limit'] as number),
          log: createDecisionLog(context, request, request.kind),
        },
        context,
      );
    },
  };
}

/** The settings with defaults for what is left out. Throws `agents.pattern.settings_invalid`, naming each field. */
export function checkSettings(kind: PatternKind, settings: JsonObject): JsonObject {
  const parsed = PATTERN_SETTINGS[kind].safeParse(settings);
  if (parsed.success) return parsed.data as unknown as JsonObject;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: `/settings/${path.join('/')}`,
    message,
  }));
  throw agentError('agents.pattern.settings_invalid', {
    kind: 'invalid-input',
    message: `Settings of the ${kind} pattern do not fit: ${errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')}.`,
    errors,
  });
}
