import type { ToolDefinition } from '../definition.ts';
import { chartSvg } from './chart-svg.ts';
import { dataCharts } from './data-charts.ts';
import { dataCorrelations } from './data-correlations.ts';
import { dataOutliers } from './data-outliers.ts';
import { dataProfile } from './data-profile.ts';
import { dataQualityRules } from './data-quality-rules.ts';
import { dataStatistics } from './data-statistics.ts';
import { sqlQuery } from './sql-query.ts';
import { suggestQueries } from './suggest-queries.ts';

/** Data files. */
export const tabularTools: readonly ToolDefinition[] = [
  dataProfile,
  dataOutliers,
  dataCorrelations,
  dataQualityRules,
  dataStatistics,
  sqlQuery,
  suggestQueries,
  dataCharts,
  chartSvg,
];
