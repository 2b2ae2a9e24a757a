import { apiTools } from './api/tools.ts';
import { blackboardTools } from './blackboard/tools.ts';
import { codeTools } from './code/tools.ts';
import { deploymentTools } from './deployment/tools.ts';
import { docsTools } from './docs/tools.ts';
import { filesTools } from './files/tools.ts';
import { gitTools } from './git/tools.ts';
import { integrationTools } from './integration/tools.ts';
import { intelligenceTools } from './intelligence/tools.ts';
import { logsTools } from './logs/tools.ts';
import { monitoringTools } from './monitoring/tools.ts';
import { networkTools } from './network/tools.ts';
import { researchTools } from './research/tools.ts';
import { performanceTools } from './performance/tools.ts';
import { securityTools } from './security/tools.ts';
import { tabularTools } from './tabular/tools.ts';
import { testingTools } from './test-runs/tools.ts';
import { utilityTools } from './utility/tools.ts';
import type { ToolDefinition } from './definition.ts';
import { runCommandTool } from './sandbox/commands/run-command.ts';
import { runCodeTool } from './sandbox/code/run-code.ts';

/** All tools that come with the product; each room lists its own. */
export function builtInTools(): ToolDefinition[] {
  return [
    ...filesTools,
    ...securityTools,
    ...codeTools,
    ...gitTools,
    ...deploymentTools,
    ...docsTools,
    ...testingTools,
    ...performanceTools,
    ...tabularTools,
    ...apiTools,
    ...logsTools,
    ...monitoringTools,
    ...networkTools,
    ...intelligenceTools,
    ...researchTools,
    ...integrationTools,
    ...blackboardTools,
    ...utilityTools,
    runCodeTool(),
    runCommandTool(),
  ];
}
