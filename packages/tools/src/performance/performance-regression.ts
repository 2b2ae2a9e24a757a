import { dirname, relative, sep } from 'node:path';
import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { requireText } from '../workspace/read-text.ts';
import { percentOf } from './percent-of.ts';
import type { Measurement } from './read-measurements.ts';

const LEVEL = 0.01;
/** Cliff's delta from which an effect counts as medium. */
const DELTA_MIN = 0.33;
const SAMPLES_MIN = 5;
const PAIRS_MAX = 4_000_000;

const input = z.strictObject({
  path: z
    .string()
    .min(1)
    .max(4096)
    .default('.')
    .describe('Folder that places are named relative to'),
  baseline: z.string().min(1).max(4096).describe('JSON file with the samples of before'),
  current: z.string().min(1).max(4096).describe('JSON file with the samples of now'),
  change_min: z
    .number()
    .min(0)
    .max(10)
    .default(0.05)
    .describe('Smallest change of the median that matters, as a share'),
});
const comparison = z.object({
  name: z.string(),
  unit: z.string(),
  baseline_median: z.number(),
  current_median: z.number(),
  change: z.number().describe('Of the median, as a share; positive = larger values'),
  p: z.number().describe('Two-sided Mann–Whitney, corrected by Holm for all comparisons'),
  delta: z.number().describe("Cliff's delta, -1 to 1"),
  samples: z.tuple([z.int(), z.int()]),
  verdict: z.enum(['slower', 'faster', 'same', 'too_few_samples']),
});
const output = z.object({
  regression: z.boolean(),
  comparisons: z.array(comparison),
  only_in_baseline: z.array(z.string()),
  only_in_current: z.array(z.string()),
});
type Comparison = z.output<typeof comparison>;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

interface Pair {
  before: Measurement;
  now: Measurement;
}

async function compare(pairs: readonly Pair[], changeMin: number): Promise<Comparison[]> {
  const { holm, mannWhitney } = await import('./mann-whitney.ts');
  const thin = (samples: number[]) => samples.slice(0, Math.floor(Math.sqrt(PAIRS_MAX)));
  const tests = pairs.map(({ before, now }) =>
    mannWhitney(thin(before.samples), thin(now.samples)),
  );
  const ps = holm(tests.map(({ p }) => p));
  return pairs.map(({ before, now }, index) => {
    const [from, to] = [median(before.samples), median(now.samples)];
    const change = from === 0 ? 0 : (to - from) / Math.abs(from);
    const p = ps[index] ?? 1;
    const delta = tests[index]?.delta ?? 0;
    const enough = Math.min(before.samples.length, now.samples.length) >= SAMPLES_MIN;
    const matters = p < LEVEL && Math.abs(delta) >= DELTA_MIN && Math.abs(change) >= changeMin;
    const worse = now.moreIsBetter ? change < 0 : change > 0;
    return {
      name: now.name,
      unit: now.unit,
      baseline_median: Number(from.toPrecision(6)),
      current_median: Number(to.toPrecision(6)),
      change: Math.round(change * 10_000) / 10_000,
      p: Number(p.toPrecision(4)),
      delta: Math.round(delta * 1000) / 1000,
      samples: [before.samples.length, now.samples.length],
      verdict: enough ? (matters ? (worse ? 'slower' : 'faster') : 'same') : 'too_few_samples',
    };
  });
}

function toFinding(one: Comparison, place: { path: string; line: number }): Finding {
  const by = percentOf(Math.abs(one.change));
  return {
    rule: 'performance.regression',
    severity:
      Math.abs(one.change) >= 0.5 ? 'high' : Math.abs(one.change) >= 0.15 ? 'medium' : 'low',
    message: `${one.name} got worse by ${by}: ${one.baseline_median} to ${one.current_median} ${one.unit} (median).`,
    location: place,
    evidence: `p = ${one.p}, Cliff's delta ${one.delta}, ${one.samples[0]} and ${one.samples[1]} samples`,
    fix: 'Look at what changed between the two measurements, and profile this one.',
    tool: 'performance_regression',
  };
}

async function read(
  given: string,
  folder: string,
  env: ToolEnvironment,
): Promise<{ measurements: Measurement[]; path: string }> {
  const { readMeasurements } = await import('./read-measurements.ts');
  const real = await env.roots.resolveInside(given);
  const measurements = readMeasurements(await requireText(real, given), given);
  return { measurements, path: relative(folder, real).split(sep).join('/') };
}

export const performanceRegression = defineTool({
  name: 'performance_regression',
  title: 'Performance regression',
  description:
    'Holds measurements against a stored baseline: Mann–Whitney U with correction for many comparisons, size of the effect and change of the median; reports only what is both significant and large enough to matter.',
  group: 'performance',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 60_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['benchmark', 'baseline', 'compare', 'slower', 'significance'],
  async run(request, env) {
    const real = await env.roots.resolveInside(request.path);
    const folder =
      request.path === '.' ? dirname(await env.roots.resolveInside(request.current)) : real;
    const before = await read(request.baseline, folder, env);
    const now = await read(request.current, folder, env);
    const old = new Map(before.measurements.map((one) => [one.name, one]));
    const pairs = now.measurements.flatMap((one) => {
      const match = old.get(one.name);
      return match === undefined ? [] : [{ before: match, now: one }];
    });
    const comparisons = await compare(pairs, request.change_min);
    const slower = comparisons.filter((one) => one.verdict === 'slower');
    const lines = new Map(now.measurements.map((one) => [one.name, one.line]));
    const names = new Set(now.measurements.map((one) => one.name));
    const count = (verdict: Comparison['verdict']) =>
      comparisons.filter((one) => one.verdict === verdict).length;
    return {
      output: {
        regression: slower.length > 0,
        comparisons,
        only_in_baseline: [...old.keys()].filter((name) => !names.has(name)),
        only_in_current: [...names].filter((name) => !old.has(name)),
      },
      summary: `${comparisons.length} measurements compared: ${slower.length} worse, ${count('faster')} better, ${count('same')} without a change that matters, ${count('too_few_samples')} with fewer than ${SAMPLES_MIN} samples.`,
      findings: slower.map((one) =>
        toFinding(one, { path: now.path, line: lines.get(one.name) ?? 1 }),
      ),
    };
  },
});
