import type { ToolDefinition } from '../definition.ts';
import { apiExtract } from './api-extract.ts';
import { docCoverage } from './doc-coverage.ts';
import { linkCheck } from './link-check.ts';
import { staleExamples } from './stale-examples.ts';
import { writeApiReference } from './write-api-reference.ts';
import { writeChangelog } from './write-changelog.ts';

/** Documentation. */
export const docsTools: readonly ToolDefinition[] = [
  docCoverage,
  linkCheck,
  apiExtract,
  staleExamples,
  writeApiReference,
  writeChangelog,
];
