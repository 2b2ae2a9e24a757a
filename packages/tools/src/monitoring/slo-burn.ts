import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool } from '../definition.ts';
import { toTime } from '../logs/read-logs.ts';
import { toolError } from '../tool-error.ts';
import {
  BURN_RULES,
  burnEpisodes,
  createBudget,
  windowText,
  type BurnEpisode,
} from './error-budget.ts';
import { figure } from './metric-series.ts';
import { createPromqlCheck } from './promql.ts';
import { metricInputShape } from './read-metrics.ts';
import { readRequests, type RequestHistory } from './read-requests.ts';
import { rulesYaml, sloRules } from './rule-drafts.ts';

/** What an objective is, for all tools that know one. */
export const sloInputShape = {
  logs: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Log files; each entry counts as one event, those of level error or worse as failed'),
  objective: z
    .number()
    .min(0.5)
    .max(0.99999)
    .optional()
    .describe('Share of good requests that is promised, e.g. 0.999'),
  window: z
    .string()
    .regex(/^\d{1,3}[dh]$/, 'a number and d or h, e.g. 30d')
    .default('30d')
    .describe('Time over which the objective holds'),
  total_metric: z
    .string()
    .max(200)
    .optional()
    .describe('Metric that counts all requests; default: found by name'),
  errors_metric: z.string().max(200).optional().describe('Metric that counts failed requests'),
};

const input = z.strictObject({ ...metricInputShape, ...sloInputShape });
const measured = z.object({
  from: z.string(),
  data_from: z.string().nullable(),
  data_to: z.string().nullable(),
  covers_window: z.boolean(),
  total: z.number(),
  errors: z.number(),
  error_rate: z.number(),
  budget_used: z.number(),
  budget_left: z.number(),
  burn_rates: z.record(z.string(), z.number().nullable()),
  episodes: z.array(
    z.object({
      severity: z.enum(['page', 'ticket']),
      windows: z.string(),
      rate: z.number(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      peak: z.number(),
    }),
  ),
  alerts: z.array(z.object({ alert: z.string(), expr: z.string() })),
});
const output = z.object({
  objective: z.number(),
  window: z.string(),
  /** Null when there was nothing to measure. */
  measured: measured.nullable(),
});

const HOUR = 3_600_000;
const OBJECTIVE_DEFAULT = 0.999;

export function windowMs(text: string): number {
  return Number(text.slice(0, -1)) * (text.endsWith('d') ? 24 * HOUR : HOUR);
}

function episodeFinding({ rule, from, to, peak }: BurnEpisode, objective: number): Finding {
  const windows = `${windowText(rule.longMs)} and ${windowText(rule.shortMs)}`;
  return {
    rule: rule.severity === 'page' ? 'slo.fast_burn' : 'slo.slow_burn',
    severity: rule.severity === 'page' ? 'high' : 'medium',
    message: `The error budget of ${figure(objective * 100)} % burned more than ${rule.rate} times too fast over ${windows}, from ${toTime(from.startMs)} to ${toTime(to.startMs)}.`,
    location: { path: from.path, line: from.line },
    evidence: `highest rate over ${windowText(rule.longMs)}: ${figure(peak)}`,
    fix:
      rule.severity === 'page'
        ? 'Somebody must look at once: find and undo what broke it.'
        : 'Plan repair work before new features.',
    tool: 'slo_burn',
  };
}

function exhausted(
  history: RequestHistory,
  spent: { total: number; errors: number; allowed: number; used: number },
  objective: number,
): Finding[] {
  const last = history.buckets.findLast(({ errors }) => errors > 0);
  if (spent.used < 1 || last === undefined) return [];
  return [
    {
      rule: 'slo.budget_exhausted',
      severity: 'critical',
      message: `The error budget is used up: ${figure(spent.errors)} failed of ${figure(spent.total)} requests, allowed are ${figure(spent.allowed)} at ${figure(objective * 100)} %.`,
      location: { path: last.path, line: last.line },
      evidence: `${figure(spent.used * 100)} % of the budget`,
      fix: 'Stop risky changes until the window has recovered, or agree on another objective.',
      tool: 'slo_burn',
    },
  ];
}

/** Who names an objective or metrics wants an answer; who only looks around is told that there is none. */
function nothingFound(
  { window, objective: given, total_metric: total }: z.output<typeof input>,
  objective: number,
) {
  const message =
    'Neither requests and errors among the metrics nor log entries with a time were found. Name them with "total_metric" and "errors_metric", or give "logs".';
  if (given !== undefined || total !== undefined)
    throw toolError('tools.metrics.none', 'not-found', message);
  return {
    output: { objective, window, measured: null },
    summary: `Nothing was measured. ${message}`,
  };
}

const WINDOWS_MS = [
  ...new Set(BURN_RULES.flatMap(({ longMs, shortMs }) => [shortMs, longMs])),
].toSorted((a, b) => a - b);

function toEpisode({ rule, from, to, peak }: BurnEpisode) {
  return {
    severity: rule.severity,
    windows: `${windowText(rule.longMs)}/${windowText(rule.shortMs)}`,
    rate: rule.rate,
    from: toTime(from.startMs),
    to: toTime(to.startMs),
    peak: Number(figure(peak)),
  };
}

interface Told {
  spent: { total: number; errors: number; used: number };
  rate: number;
  covers: boolean;
  from: string;
  objective: number;
  episodes: number;
}

function summarise(
  request: z.output<typeof input>,
  { spent, rate, covers, from, objective, episodes }: Told,
): string {
  const counted = covers ? '' : ', counted over the shorter time that the data cover';
  const taken = request.objective === undefined ? ' No objective was given; 99.9 % was taken.' : '';
  return `${figure(spent.errors)} of ${figure(spent.total)} requests failed (${figure(rate * 100)} %, from ${from}); ${figure(spent.used * 100)} % of the error budget of ${figure(objective * 100)} % over ${request.window} is used${counted}. The budget burned too fast ${episodes} times.${taken}`;
}

export const sloBurn = defineTool({
  name: 'slo_burn',
  title: 'Error budget',
  description:
    'Measures an availability objective on metrics or logs: requests, errors, budget left, burn rates over 5 minutes to 3 days, times at which the budget burned too fast, and alerts on two windows.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['slo', 'sli', 'availability', 'error budget', 'burn rate'],
  async run(request, env) {
    const objective = request.objective ?? OBJECTIVE_DEFAULT;
    const history = await readRequests(request, env);
    if (history === undefined) return nothingFound(request, objective);
    const budget = createBudget(history.buckets, objective);
    const spent = budget.spent(windowMs(request.window));
    const last = history.buckets.length - 1;
    const episodes = burnEpisodes(history.buckets, objective);
    const check = await createPromqlCheck();
    const rules = sloRules(history, objective).filter(({ expr }) => check(expr) === null);
    const covers = budget.spanMs >= windowMs(request.window);
    const rate = spent.total === 0 ? 0 : spent.errors / spent.total;
    return {
      output: {
        objective,
        window: request.window,
        measured: {
          from: history.from,
          data_from: toTime(history.buckets[0]?.startMs ?? null),
          data_to: toTime(history.buckets[last]?.startMs ?? null),
          covers_window: covers,
          total: Number(figure(spent.total)),
          errors: Number(figure(spent.errors)),
          error_rate: Number(figure(rate)),
          budget_used: Number(figure(spent.used)),
          budget_left: Number(figure(1 - spent.used)),
          burn_rates: Object.fromEntries(
            WINDOWS_MS.map((ms) => [windowText(ms), budget.burnRate(last, ms)]),
          ),
          episodes: episodes.slice(0, 100).map(toEpisode),
          alerts: rules.map(({ alert, expr }) => ({ alert, expr })),
        },
      },
      summary: summarise(request, {
        spent,
        rate,
        covers,
        from: history.from,
        objective,
        episodes: episodes.length,
      }),
      findings: [
        ...exhausted(history, spent, objective),
        ...episodes.map((episode) => episodeFinding(episode, objective)),
      ],
      artifacts: [
        {
          name: 'slo-alerts.yaml',
          title: 'Alert rules of the error budget',
          contentType: 'application/yaml',
          content: await rulesYaml([{ name: 'slo', rules }]),
        },
      ],
    };
  },
});
