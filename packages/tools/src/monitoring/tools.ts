import type { ToolDefinition } from '../definition.ts';
import { alertRuleSuggest } from './alert-rule-suggest.ts';
import { metricAnomalies } from './metric-anomalies.ts';
import { metricChangePoints } from './metric-change-points.ts';
import { sloBurn } from './slo-burn.ts';

/** Metrics, objectives and alerts. */
export const monitoringTools: readonly ToolDefinition[] = [
  metricAnomalies,
  metricChangePoints,
  sloBurn,
  alertRuleSuggest,
];
