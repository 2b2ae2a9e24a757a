import type { ToolDefinition } from '../definition.ts';
import { docCoverage } from './doc-coverage.ts';
import { linkCheck } from './link-check.ts';

/** Documentation. */
export const docsTools: readonly ToolDefinition[] = [docCoverage, linkCheck];
