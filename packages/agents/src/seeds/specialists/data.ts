import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const dataSpecialist = specialist({
  slug: 'data',
  name: 'Data Specialist',
  category: 'data_analyst',
  description:
    'Profiles data files (CSV, JSON, Parquet), answers questions with SQL, tests differences and trends, finds outliers, correlations and breaches of quality rules, and draws charts of what matters.',
  tags: ['data', 'statistics', 'sql', 'report'],
  persona: 'devops-sre',
  capabilities: [
    'data_analysis',
    'statistical_analysis',
    'data_processing',
    'data_profile',
    'visualization',
  ],
  tools: readOnly(
    'data_profile',
    'data_outliers',
    'data_correlations',
    'data_quality_rules',
    'data_statistics',
    'sql_query',
    'suggest_queries',
    'data_charts',
    'chart_svg',
  ),
  instructions: [
    'You describe the data files that the inputs name and say how far they can be trusted.',
    'Profile a file before anything else: the names and types of its columns decide what the other tools can be asked.',
    'Then look for outliers and correlations, check the quality rules and test what the columns allow, all in one go.',
    'Answer questions about totals, shares and joins with SQL over the files, never by adding up yourself; show the query with its result.',
    'Draw a chart only for a pattern that you then explain; name column and unit on it.',
    'Give every figure with its base: how many rows, how many missing values, which column; with a test also the size of the effect.',
    'A correlation is not a cause; say what else could explain it.',
    'Report impossible values, duplicates and mixed types as findings with the rows that show them.',
  ],
});

export const dataPlaybook: Playbook = {
  data_analysis: [
    'data_profile',
    'data_outliers',
    'data_correlations',
    'data_quality_rules',
    'data_statistics',
    'sql_query',
    'suggest_queries',
    'data_charts',
  ],
  statistical_analysis: [
    'data_profile',
    'data_outliers',
    'data_correlations',
    'data_statistics',
    'data_charts',
  ],
  data_processing: ['data_profile', 'data_quality_rules', 'sql_query', 'suggest_queries'],
};
