import type { Logger, Metrics } from '@automatos/kernel';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { METRIC_DEFINITIONS, type MetricDefinition } from './metric-definitions.ts';

/** At most this many different values per label that comes from data; what is beyond counts as `other`. */
const LABEL_VALUES_MAX = 500;

type Instrument = Counter | Gauge | Histogram;
type Labels = Record<string, string>;

export interface MetricsRegistry extends Metrics {
  /** Prometheus text of everything recorded. */
  text(): Promise<string>;
}

/**
 * Returns the registry of all declared metrics. A wrong name, kind, label or label value throws when `strict` (tests),
 * else is logged once per mistake: a broken metric must not break a request.
 */
export function createMetricsRegistry(deps: { strict: boolean; logger: Logger }): MetricsRegistry {
  const registry = new Registry();
  const definitions: Record<string, MetricDefinition> = METRIC_DEFINITIONS;
  const instruments = new Map<string, Instrument>();
  for (const [name, definition] of Object.entries(definitions)) {
    instruments.set(name, createInstrument(registry, name, definition));
  }
  const bound = createLabelBound();
  const reported = new Set<string>();

  function refuse(problem: string): undefined {
    if (deps.strict) throw new TypeError(problem);
    if (reported.size < 1000 && !reported.has(problem)) {
      reported.add(problem);
      deps.logger.error({ problem }, 'metric refused');
    }
    return undefined;
  }

  function resolve(
    name: string,
    type: MetricDefinition['type'],
    labels: Labels,
  ): Labels | undefined {
    const definition = definitions[name];
    if (definition === undefined) return refuse(`metric ${name} is not declared`);
    if (definition.type !== type)
      return refuse(`metric ${name} is a ${definition.type}, not a ${type}`);
    const problem = labelProblem(name, definition, labels);
    return problem === undefined ? bound(name, definition, labels) : refuse(problem);
  }

  return {
    count(name, labels = {}, by = 1) {
      const resolved = resolve(name, 'counter', labels);
      if (resolved === undefined) return;
      if (!(by >= 0)) return refuse(`metric ${name} was counted by ${by}`);
      (instruments.get(name) as Counter).inc(resolved, by);
    },
    observe(name, labels, value) {
      const resolved = resolve(name, 'histogram', labels);
      if (resolved === undefined) return;
      if (!Number.isFinite(value)) return refuse(`metric ${name} observed ${value}`);
      (instruments.get(name) as Histogram).observe(resolved, value);
    },
    set(name, labels, value) {
      const resolved = resolve(name, 'gauge', labels);
      if (resolved === undefined) return;
      if (!Number.isFinite(value)) return refuse(`metric ${name} was set to ${value}`);
      (instruments.get(name) as Gauge).set(resolved, value);
    },
    text: () => registry.metrics(),
  };
}

function createInstrument(
  registry: Registry,
  name: string,
  definition: MetricDefinition,
): Instrument {
  const base = {
    name,
    help: definition.help,
    labelNames: Object.keys(definition.labels),
    registers: [registry],
  };
  if (definition.type === 'gauge') {
    const gauge = new Gauge(base);
    // Unknown is absent: a 0 that nobody measured would fire alerts, or hide them.
    if (base.labelNames.length === 0) gauge.remove();
    return gauge;
  }
  if (definition.type === 'histogram') {
    return new Histogram({ ...base, buckets: [...(definition.buckets ?? [])] });
  }
  const counter = new Counter(base);
  // A counter whose first value is 1 hides its first event from `increase()`.
  for (const labels of fixedLabelSets(definition)) counter.inc(labels, 0);
  return counter;
}

/** All label combinations when every label has a closed list; none when one comes from data. */
function fixedLabelSets(definition: MetricDefinition): Labels[] {
  let sets: Labels[] = [{}];
  for (const [label, values] of Object.entries(definition.labels)) {
    if (values === null) return [];
    sets = sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
  }
  return sets;
}

function labelProblem(
  name: string,
  definition: MetricDefinition,
  labels: Labels,
): string | undefined {
  for (const label of Object.keys(labels)) {
    if (!Object.hasOwn(definition.labels, label)) return `metric ${name} has no label ${label}`;
  }
  for (const [label, values] of Object.entries(definition.labels)) {
    const value = labels[label];
    if (value === undefined) return `metric ${name} needs label ${label}`;
    if (values !== null && !values.includes(value)) {
      return `metric ${name}: label ${label} must be one of ${values.join(', ')}, not ${value}`;
    }
  }
  return undefined;
}

function createLabelBound() {
  const seen = new Map<string, Set<string>>();
  return (name: string, definition: MetricDefinition, labels: Labels): Labels => {
    let result = labels;
    for (const [label, values] of Object.entries(definition.labels)) {
      if (values !== null) continue;
      const key = `${name} ${label}`;
      let known = seen.get(key);
      if (known === undefined) seen.set(key, (known = new Set()));
      const value = labels[label] ?? '';
      if (known.has(value)) continue;
      if (known.size < LABEL_VALUES_MAX) known.add(value);
      else result = { ...result, [label]: 'other' };
    }
    return result;
  };
}
