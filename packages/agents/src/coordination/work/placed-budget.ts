import { NO_USAGE, addUsage } from '@automatos/contracts';
import type { Usage } from '@automatos/contracts';
import type { RunContext } from '@automatos/runs';
import type { TurnBudget } from '../../runtime/runtime-types.ts';

/**
 * A budget that also takes one of the places that the agent's limit leaves, inside of the first call that is really made: what
 * is only read from the journal waits for nobody. `giveBack` is to be called when the turn has ended; `used` tells what its calls
 * took so far, also of a turn that fails.
 */
export function placedBudget(
  context: Pick<RunContext, 'place'>,
  request: { key: string; callId: string; limit?: number },
  inner: TurnBudget | undefined,
): { budget: TurnBudget; used: () => Usage; giveBack: () => Promise<void> } {
  let taken: Promise<() => Promise<void>> | null = null;
  let used: Usage = { ...NO_USAGE };
  const take = async (signal: AbortSignal) => {
    taken ??= context.place({ scope: 'agent', ...request }, { signal });
    await taken;
  };
  return {
    budget: {
      async reserveModel(callId, estimate, signal) {
        await take(signal);
        if (inner !== undefined) return inner.reserveModel(callId, estimate, signal);
        return { outputTokens: estimate.outputTokens };
      },
      async reserveTool(callId, signal) {
        await take(signal);
        await inner?.reserveTool(callId, signal);
      },
      settle(callId, usage) {
        used = addUsage(used, usage);
        inner?.settle(callId, usage);
      },
    },
    used: () => used,
    async giveBack() {
      // Whoever could not wait for a place has none to give back; why is told where it was asked for.
      const release = await taken?.catch(() => null);
      await release?.();
    },
  };
}
