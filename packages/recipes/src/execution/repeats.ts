import type { DraftStep } from '../definition/draft-step.ts';

/** Whether what stands inside is done any number of times, each under an id of its own. */
export function repeats({ type }: Pick<DraftStep, 'type'>): boolean {
  return type === 'map' || type === 'loop';
}
