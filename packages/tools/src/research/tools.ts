import type { ToolDefinition } from '../definition.ts';
import { citeCheck } from './cite-check.ts';
import { compareSources } from './compare-sources.ts';
import { researchPlan } from './research-plan.ts';
import { searchSources } from './search-sources.ts';
import { synthesiseClaims } from './synthesise-claims.ts';

/** From a question to claims whose citations resolve. */
export const researchTools: readonly ToolDefinition[] = [
  researchPlan,
  searchSources,
  compareSources,
  synthesiseClaims,
  citeCheck,
];
