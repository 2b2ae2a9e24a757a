import type { RouterSettings, RoutingStrategy } from './provider-types.ts';

/** How candidates of the chain are ordered, in one sentence each. */
export const STRATEGIES: readonly { value: RoutingStrategy; label: string; help: string }[] = [
  {
    value: 'priority',
    label: 'In the order of the chain',
    help: 'The first that can answer is asked; the next one only when it cannot.',
  },
  {
    value: 'round_robin',
    label: 'In turn',
    help: 'Each call begins with the next model, so that all get the same number of calls.',
  },
  {
    value: 'weighted',
    label: 'By weight',
    help: 'Each model gets its share of the calls: twice the weight, twice the calls.',
  },
  {
    value: 'least_latency',
    label: 'Fastest first',
    help: 'The model that answered fastest lately, newer calls counting more.',
  },
  {
    value: 'least_cost',
    label: 'Cheapest first',
    help: 'The lowest price for this very call; models of unknown price come last.',
  },
  {
    value: 'least_busy',
    label: 'Least busy first',
    help: 'The model with the fewest calls under way right now.',
  },
  {
    value: 'adaptive',
    label: 'What works best',
    help: 'Learns from success, time and cost, and keeps trying the others now and then.',
  },
];

export const CACHE_MODES: readonly {
  value: RouterSettings['cache']['mode'];
  label: string;
  help: string;
}[] = [
  { value: 'off', label: 'Off', help: 'Every call is sent.' },
  {
    value: 'deterministic',
    label: 'Calls with temperature 0',
    help: 'Only calls that ask for the same answer each time.',
  },
  {
    value: 'always',
    label: 'All calls',
    help: 'Every call that does not opt out: the same prompt gets the same answer until it ends.',
  },
];
