import type { ToolDefinition } from '../definition.ts';
import { dependencyAudit } from './dependency-audit.ts';
import { licenceCheck } from './licence-check.ts';
import { sastScan } from './sast-scan.ts';
import { secretScan } from './secret-scan.ts';

/** Security of code and dependencies. */
export const securityTools: readonly ToolDefinition[] = [
  secretScan,
  sastScan,
  dependencyAudit,
  licenceCheck,
];
