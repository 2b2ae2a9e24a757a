import { codeMetrics } from './code/code-metrics.ts';
import { duplicates } from './code/duplicates.ts';
import { importCycles } from './code/import-cycles.ts';
import { todoScan } from './code/todo-scan.ts';
import { chartSvg } from './tabular/chart-svg.ts';
import { dataCorrelations } from './tabular/data-correlations.ts';
import { dataOutliers } from './tabular/data-outliers.ts';
import { dataProfile } from './tabular/data-profile.ts';
import { dataQualityRules } from './tabular/data-quality-rules.ts';
import type { ToolDefinition } from './definition.ts';
import { docCoverage } from './docs/doc-coverage.ts';
import { linkCheck } from './docs/link-check.ts';
import { globFiles } from './files/glob-files.ts';
import { grepFiles } from './files/grep-files.ts';
import { listFiles } from './files/list-files.ts';
import { readFileTool } from './files/read-file.ts';
import { writeFileTool } from './files/write-file.ts';
import { gitHotspots } from './git/git-hotspots.ts';
import { gitLog } from './git/git-log.ts';
import { changePoints } from './logs/change-points.ts';
import { errorRates } from './logs/error-rates.ts';
import { logCluster } from './logs/log-cluster.ts';
import { httpRequest } from './network/http-request.ts';
import { runCodeTool } from './sandbox/code/run-code.ts';
import { dependencyAudit } from './security/dependency-audit.ts';
import { licenceCheck } from './security/licence-check.ts';
import { sastScan } from './security/sast-scan.ts';
import { secretScan } from './security/secret-scan.ts';

/** All tools that come with the product. */
export function builtInTools(): ToolDefinition[] {
  return [
    listFiles,
    readFileTool,
    globFiles,
    grepFiles,
    writeFileTool,
    secretScan,
    sastScan,
    dependencyAudit,
    licenceCheck,
    codeMetrics,
    duplicates,
    importCycles,
    todoScan,
    gitLog,
    gitHotspots,
    docCoverage,
    linkCheck,
    dataProfile,
    dataOutliers,
    dataCorrelations,
    dataQualityRules,
    chartSvg,
    logCluster,
    errorRates,
    changePoints,
    httpRequest,
    runCodeTool(),
  ];
}
