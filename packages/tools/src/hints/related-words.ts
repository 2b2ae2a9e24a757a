import { stem } from './words.ts';

/** Words that people use for the same; each line is one meaning. A word may stand in several. */
const MEANINGS = [
  'secret password credential token key leak apikey',
  'vulnerability vulnerable cve advisory exploit weakness',
  'dependency package library module npm pip lockfile',
  'licence license copyright legal spdx',
  'insecure injection xss sast unsafe',
  'duplicate clone copied repeated redundant dry',
  'complexity complicated cyclomatic metric nesting',
  'todo fixme leftover marker',
  'cycle circular import',
  'commit history log author changelog',
  'hotspot churn change frequently',
  'diff compare difference change delta',
  'search find grep look locate occurrence',
  'list directory folder tree browse',
  'read open view content cat',
  'write save create store put',
  'file document text',
  'log logfile syslog trace',
  'error exception failure crash fault',
  'cluster group pattern template',
  'anomaly outlier unusual spike strange odd',
  'csv table tabular spreadsheet dataset column row',
  'statistics statistic mean average median profile distribution summary',
  'correlation correlate relation relationship',
  'chart plot graph draw diagram bar pie visualize visualise',
  'documentation docs docstring readme comment jsdoc',
  'link url broken dead href',
  'web page website site html internet online',
  'http request api rest endpoint fetch call webhook',
  'code script program snippet execute run',
  'command shell terminal bash cli execute run',
  'clone checkout repository git repo',
  'calculate compute arithmetic math sum percent multiply divide add number expression',
  'date time day calendar weekday month year duration deadline',
  'timezone zone utc clock',
  'note remember scratchpad memo keep jot',
  'json query extract path field jq',
  'test tests coverage unit spec',
  'mock stub fake',
  'performance slow speed latency fast benchmark profiling',
  'load stress throughput concurrency',
  'memory leak heap',
  'docker dockerfile container image',
  'kubernetes k8s manifest helm pod',
  'deploy deployment release rollout infrastructure',
  'pipeline ci workflow actions build',
  'openapi swagger schema specification spec contract',
  'sql database query index table postgres',
  'monitor alert alerting alarm health uptime',
  'threshold rule policy limit',
  'forecast predict trend prediction future',
  'research source article paper news literature',
  'cite citation reference source',
  'summarize summarise summary digest abstract',
  'sentiment opinion mood feeling',
  'entity name person place organisation',
  'competitor market company business',
  'translate mapping map transform convert',
  'validate check verify lint conform valid',
  'schedule cron interval',
  'webhook callback event',
  'integration connect connector sync',
  'dns domain certificate tls ssl whois',
  'quality clean missing null invalid',
  'tool capability function helper',
  'trust trustworthy credible credibility reliable reliability',
] as const;

function table(): Map<string, Set<string>> {
  const related = new Map<string, Set<string>>();
  for (const line of MEANINGS) {
    const stems = line.split(' ').map(stem);
    for (const one of stems) {
      const others = related.get(one) ?? new Set<string>();
      for (const other of stems) if (other !== one) others.add(other);
      related.set(one, others);
    }
  }
  return related;
}

let known: Map<string, Set<string>> | undefined;
const NONE: ReadonlySet<string> = new Set();

/** Stems of other words for the same. */
export function relatedStems(word: string): ReadonlySet<string> {
  known ??= table();
  return known.get(word) ?? NONE;
}
