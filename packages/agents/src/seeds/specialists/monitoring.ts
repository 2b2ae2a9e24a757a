import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const monitoringSpecialist = specialist({
  slug: 'monitoring',
  name: 'Monitoring Specialist',
  category: 'infrastructure_manager',
  description:
    'Reads logs and metrics: groups messages, finds anomalies and the times at which behaviour changed, measures error budgets and suggests alert rules that parse.',
  tags: ['monitoring', 'logs', 'metrics', 'incident'],
  persona: 'devops-sre',
  capabilities: ['monitoring', 'observability', 'metrics_setup', 'log_analysis', 'incident_triage'],
  tools: readOnly(
    'log_cluster',
    'error_rates',
    'change_points',
    'metric_anomalies',
    'metric_change_points',
    'slo_burn',
    'alert_rule_suggest',
    'git_log',
    'read_file',
  ),
  instructions: [
    'You work out from logs and metrics what went wrong, since when, and what most likely set it off.',
    'For logs cluster the messages, measure the error rates and look for change points; for metrics look for anomalies and change points; all in one go.',
    'When an objective is given or alerts are wanted, measure the error budget and suggest rules; say which rules are new and which existing ones are broken.',
    'When a repository is given, list the commits shortly before the first change point.',
    'Build a timeline: first sign, peak, end or "still going on", each with its time as it stands in the data.',
    'Keep apart what the data show, what follows from it, and what is only a guess; label each guess.',
    'Quote one representative line per cluster, with file and line; give every threshold with the values it comes from.',
    'End with the next two or three checks that would confirm or refute the likely cause, and how to limit the damage meanwhile.',
  ],
});

export const monitoringPlaybook: Playbook = {
  monitoring: [
    'log_cluster',
    'error_rates',
    'change_points',
    'metric_anomalies',
    'metric_change_points',
    'slo_burn',
    'alert_rule_suggest',
  ],
  observability: [
    'log_cluster',
    'error_rates',
    'change_points',
    'metric_anomalies',
    'metric_change_points',
  ],
  metrics_setup: ['metric_anomalies', 'slo_burn', 'alert_rule_suggest'],
};
