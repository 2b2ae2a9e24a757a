import { isPlatformError } from '@automatos/kernel';
import type { Finding } from '@automatos/contracts';
import { z } from 'zod';
import { defineTool, type ToolEnvironment } from '../definition.ts';
import { toolError } from '../tool-error.ts';
import { checkRuleFiles, type RuleCheck } from './check-rules.ts';
import { examine, findAnomalies, type Anomaly, type Examined } from './examine-series.ts';
import { seriesName, type MetricSeries } from './metric-series.ts';
import { createPromqlCheck } from './promql.ts';
import { metricInputShape, readMetrics } from './read-metrics.ts';
import { readRequests } from './read-requests.ts';
import { promName, rulesForSeries, rulesYaml, sloRules, type RuleDraft } from './rule-drafts.ts';
import { sloInputShape } from './slo-burn.ts';

const RULES_MAX = 100;

const input = z.strictObject({
  ...metricInputShape,
  ...sloInputShape,
  rules: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Folder or file with the alert rules there are; default: rule files under "path"'),
  score_min: z.number().min(3).max(50).default(6),
});
const output = z.object({
  rules: z.array(
    z.object({
      alert: z.string(),
      expr: z.string(),
      for: z.string(),
      severity: z.string(),
      summary: z.string(),
      description: z.string(),
      on_data: z.object({ fired: z.int(), caught: z.int(), anomalies: z.int() }).nullable(),
    }),
  ),
  refused: z.array(z.object({ alert: z.string(), expr: z.string(), at: z.int() })),
  existing_files: z.array(z.string()),
  existing_rules: z.int(),
});
type Request = z.output<typeof input>;

interface Looked {
  series: MetricSeries[];
  odd: { examined: Examined; anomalies: Anomaly[] }[];
}

async function lookAtMetrics(request: Request, env: ToolEnvironment): Promise<Looked> {
  const path = request.metrics ?? request.path;
  if (path === undefined) return { series: [], odd: [] };
  const { series } = await readMetrics(path, env);
  const odd = series.flatMap((one) => {
    const examined = examine(one);
    const anomalies = examined === undefined ? [] : findAnomalies(examined, request.score_min);
    return examined === undefined || anomalies.length === 0 ? [] : [{ examined, anomalies }];
  });
  return { series, odd };
}

async function lookAtRules(
  request: Request,
  series: readonly MetricSeries[],
  env: ToolEnvironment,
): Promise<RuleCheck> {
  const path = request.rules ?? request.path;
  const none: RuleCheck = { files: [], rules: 0, findings: [], named: new Set() };
  if (path === undefined) return none;
  const check = await createPromqlCheck();
  const metrics = new Set(series.map(({ name }) => promName(name)));
  try {
    return await checkRuleFiles(path, { check, metrics }, env);
  } catch (error) {
    if (
      request.rules === undefined &&
      isPlatformError(error) &&
      error.code === 'tools.path.not_found'
    )
      return none;
    throw error;
  }
}

/** Metrics that were odd and that no rule reads; told only when there are rules at all. */
function uncovered({ odd }: Looked, { files, named }: RuleCheck): Finding[] {
  if (files.length === 0) return [];
  return odd
    .filter(({ examined }) => !named.has(promName(examined.series.name)))
    .map(({ examined: { series }, anomalies }) => ({
      rule: 'alerts.uncovered_metric',
      severity: 'medium',
      message: `No alert rule reads ${seriesName(series)}, which had ${anomalies.length} anomalies.`,
      location: { path: series.path, line: anomalies[0]?.from.line ?? 1 },
      evidence: `rule files looked at: ${files.join(', ').slice(0, 300)}`,
      fix: 'Take over the rule that is suggested for it.',
      tool: 'alert_rule_suggest',
    }));
}

function withUniqueNames(drafts: readonly RuleDraft[]): RuleDraft[] {
  const seen = new Map<string, number>();
  return drafts.map((draft) => {
    const count = (seen.get(draft.alert) ?? 0) + 1;
    seen.set(draft.alert, count);
    return count === 1 ? draft : { ...draft, alert: `${draft.alert}${count}` };
  });
}

export const alertRuleSuggest = defineTool({
  name: 'alert_rule_suggest',
  title: 'Suggest alert rules',
  description:
    'Writes Prometheus alert rules whose thresholds come from the anomalies in the metrics and from the error budget of metrics or logs; every expression is parsed before it is offered. Also checks the rules there are.',
  group: 'monitoring',
  input,
  output,
  capabilities: ['read'],
  timeoutMs: 180_000,
  idempotent: true,
  isolation: 'worker',
  keywords: ['prometheus', 'alerting', 'promql', 'threshold', 'slo'],
  async run(request, env) {
    if (request.path === undefined && request.metrics === undefined && request.logs === undefined)
      throw toolError('tools.arguments.invalid', 'invalid-input', {
        message: 'Give "metrics", "logs" or "path".',
        errors: [{ pointer: '/metrics', message: 'one of them is required' }],
      });
    const looked = await lookAtMetrics(request, env);
    const existing = await lookAtRules(request, looked.series, env);
    const history = await readRequests(request, env);
    const drafts = withUniqueNames(
      looked.odd
        .flatMap(({ examined, anomalies }) => rulesForSeries(examined, anomalies))
        .slice(0, RULES_MAX),
    );
    const slo =
      history === undefined ||
      (history.source === 'logs' && history.buckets.every(({ errors }) => errors === 0))
        ? []
        : sloRules(history, request.objective ?? 0.999);
    const check = await createPromqlCheck();
    const refused = [...drafts, ...slo].flatMap(({ alert, expr }) => {
      const at = check(expr);
      return at === null ? [] : [{ alert, expr, at }];
    });
    const holds = ({ expr }: RuleDraft) => check(expr) === null;
    const groups = [
      { name: 'from-anomalies', rules: drafts.filter(holds) },
      { name: 'slo', rules: slo.filter(holds) },
    ];
    const rules = groups.flatMap((group) => group.rules);
    const findings = [...existing.findings, ...uncovered(looked, existing)];
    return {
      output: {
        rules: rules.map(({ onData, ...rule }) => ({ ...rule, on_data: onData })),
        refused,
        existing_files: existing.files,
        existing_rules: existing.rules,
      },
      summary: `${rules.length} alert rules from ${looked.odd.length} odd series of ${looked.series.length}${history === undefined ? '' : ` and from ${history.from}`}; all expressions parse${refused.length > 0 ? `, ${refused.length} that did not were left out` : ''}. ${existing.rules} existing rules in ${existing.files.length} files were checked: ${findings.length} problems.`,
      findings,
      ...(rules.length === 0
        ? {}
        : {
            artifacts: [
              {
                name: 'alert-rules.yaml',
                title: 'Suggested alert rules',
                contentType: 'application/yaml',
                content: await rulesYaml(groups),
              },
            ],
          }),
    };
  },
});
