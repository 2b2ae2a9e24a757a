import type { StepSite } from '../recipe-run.ts';

/**
 * Waits for the world. The recorded begin and end tell the run's clock, also after a crash, that this time does not count.
 */
export async function waiting<T>(
  { run, frame }: Pick<StepSite, 'run' | 'frame'>,
  name: string,
  work: (fromMs: number) => Promise<T>,
): Promise<{ result: T; waitedMs: number }> {
  const fromMs = await frame.context.now(`${name}:from`);
  const ended = run.clock.wait(fromMs);
  let toMs = fromMs;
  try {
    const result = await work(fromMs);
    toMs = await frame.context.now(`${name}:to`);
    return { result, waitedMs: Math.max(0, toMs - fromMs) };
  } finally {
    ended(toMs);
  }
}
