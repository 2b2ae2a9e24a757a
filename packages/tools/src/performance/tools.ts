import type { ToolDefinition } from '../definition.ts';
import { bundleAnalysis } from './bundle-analysis.ts';
import { loadTest } from './load-test.ts';
import { performanceRegression } from './performance-regression.ts';
import { profileCommand } from './profile-command.ts';
import { queryPlan } from './query-plan.ts';

/** Speed and weight. */
export const performanceTools: readonly ToolDefinition[] = [
  loadTest,
  profileCommand,
  bundleAnalysis,
  queryPlan,
  performanceRegression,
];
