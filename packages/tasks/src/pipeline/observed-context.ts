import type { Replay, UsageTally } from '@automatos/recipes';
import type { RunContext } from '@automatos/runs';

/** The same context, whose calls are counted by `tally` and whose replayed calls are told to `replay`; lanes of it included. */
export function observedContext(
  context: RunContext,
  watch: { tally: UsageTally; replay: Replay },
): RunContext {
  const counted = watch.tally.counting(context);
  return {
    ...counted,
    async step(name, body, options) {
      let made = false;
      const call: typeof body = (attempt) => {
        made = true;
        return body(attempt);
      };
      try {
        return await context.step(name, call, options);
      } finally {
        if (!made) watch.replay.answered();
      }
    },
    lane: (index, body) => context.lane(index, (inner) => body(observedContext(inner, watch))),
    fork: async (name, count) =>
      (await context.fork(name, count)).map((inner) => observedContext(inner, watch)),
  };
}
