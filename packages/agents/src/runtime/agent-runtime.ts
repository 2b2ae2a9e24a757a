import { modelRefOf } from '../model-ref.ts';
import { countTurn, endOfError } from './turn-metrics.ts';
import { chooseTools } from './tool-choice.ts';
import { assertCanWork } from './turn-start.ts';
import { runLoop } from './turn-loop.ts';
import { firstMessages, systemMessage, userMessage } from './prompts.ts';
import { newTurnState } from './turn-state.ts';
import type { AgentRuntime, AgentRuntimeDeps, TurnRequest } from './runtime-types.ts';

/** Creates the runtime; it keeps nothing between turns. */
export function createAgentRuntime(deps: AgentRuntimeDeps): AgentRuntime {
  return {
    async runTurn(context, request) {
      assertCanWork(request);
      const { specs, grants, hidden } = await chooseTools(deps, context, request);
      const state = newTurnState(messagesOf(request), modelRefOf(request.agent.model));
      // What stands in the context came from elsewhere.
      state.readForeignText = (request.contextText ?? '').trim() !== '';
      try {
        const result = await runLoop(deps, { context, request, state, specs, grants, hidden });
        const end =
          result.limit === undefined
            ? { status: 'success' as const }
            : { status: 'limit_reached' as const, limit: result.limit };
        if (state.ranHere)
          countTurn(deps.metrics, request.agent, { ...end, elapsedMs: state.elapsedMs });
        return result;
      } catch (error) {
        const status = endOfError(error, request.signal.aborted || context.signal.aborted);
        if (state.ranHere)
          countTurn(deps.metrics, request.agent, { status, elapsedMs: state.elapsedMs });
        deps.logger.info(
          {
            run_id: context.runId,
            step_id: request.stepId,
            agent: request.agent.slug,
            status,
            error,
          },
          'agent turn ended without an answer',
        );
        throw error;
      }
    },
  };
}

function messagesOf(request: TurnRequest) {
  return firstMessages(
    systemMessage(request.agent, request.personaPrompt),
    userMessage(request.prompt, request.inputs, request.contextText),
  );
}
