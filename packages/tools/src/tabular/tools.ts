import type { ToolDefinition } from '../definition.ts';
import { chartSvg } from './chart-svg.ts';
import { dataCorrelations } from './data-correlations.ts';
import { dataOutliers } from './data-outliers.ts';
import { dataProfile } from './data-profile.ts';
import { dataQualityRules } from './data-quality-rules.ts';

/** Data files. */
export const tabularTools: readonly ToolDefinition[] = [
  dataProfile,
  dataOutliers,
  dataCorrelations,
  dataQualityRules,
  chartSvg,
];
