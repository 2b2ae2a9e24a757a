import type { LeafStep } from '@automatos/contracts';
import { isAgentStep } from '../../definition/step-kinds.ts';
import type { StepSite } from '../recipe-run.ts';

/** One of the places that an agent's limit leaves, for one attempt. */
export interface AgentPlace {
  /** Waits for it before the attempt is told, when the attempt is surely made here. */
  beforehand(): Promise<void>;
  /** Waits for it, inside of the first call that is really made; later calls have it. */
  take(signal: AbortSignal): Promise<void>;
  giveBack(): Promise<void>;
}

const NO_PLACE: AgentPlace = {
  beforehand: () => Promise.resolve(),
  take: () => Promise.resolve(),
  giveBack: () => Promise.resolve(),
};

/** Attempts that are only read from the journal take no place, so that taking up a run waits for nobody. */
export function agentPlace(
  { run, frame, id }: StepSite,
  step: LeafStep,
  attempt: number,
): AgentPlace {
  if (!isAgentStep(step)) return NO_PLACE;
  const agent = run.plan.agents[step.agent]?.agent;
  const key = agent?.slug ?? step.agent;
  const limit = agent?.concurrency_limit;
  let taken: Promise<() => Promise<void>> | null = null;
  const take = async (signal: AbortSignal): Promise<void> => {
    const request = {
      scope: 'agent' as const,
      key,
      callId: `${id}/${attempt}`,
      ...(limit === undefined ? {} : { limit }),
    };
    taken ??= frame.context.place(request, { signal });
    await taken;
  };
  return {
    take,
    beforehand: () => (run.replay.fresh ? take(frame.scope.signal) : Promise.resolve()),
    async giveBack() {
      if (taken === null) return;
      // Whoever could not wait for the place has none to give back; why is told where it was asked for.
      const release = await taken.catch(() => null);
      await release?.();
    },
  };
}
