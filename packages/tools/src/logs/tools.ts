import type { ToolDefinition } from '../definition.ts';
import { changePoints } from './change-points.ts';
import { errorRates } from './error-rates.ts';
import { logCluster } from './log-cluster.ts';

/** Logs. */
export const logsTools: readonly ToolDefinition[] = [logCluster, errorRates, changePoints];
