import type { ToolDefinition } from '../definition.ts';
import { dependencyAudit } from './dependency-audit.ts';
import { httpSecurityHeaders } from './http-security-headers.ts';
import { licenceCheck } from './licence-check.ts';
import { lockfileIntegrity } from './lockfile-integrity.ts';
import { sastScan } from './sast-scan.ts';
import { secretScan } from './secret-scan.ts';
import { tlsCheck } from './tls-check.ts';
import { upgradePlan } from './upgrade-plan.ts';

/** Security of code, dependencies and servers. */
export const securityTools: readonly ToolDefinition[] = [
  secretScan,
  sastScan,
  dependencyAudit,
  licenceCheck,
  lockfileIntegrity,
  upgradePlan,
  httpSecurityHeaders,
  tlsCheck,
];
