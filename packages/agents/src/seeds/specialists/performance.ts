import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const performanceSpecialist = specialist({
  slug: 'performance',
  name: 'Performance Specialist',
  category: 'performance_optimizer',
  description:
    'Loads addresses, profiles commands, weighs bundles, reads query plans and holds measurements against a baseline, to say where time and bytes go.',
  tags: ['performance', 'latency', 'profiling'],
  persona: 'devops-sre',
  capabilities: ['performance_analysis', 'bottleneck_analysis'],
  tools: [
    ...readOnly(
      'load_test',
      'bundle_analysis',
      'query_plan',
      'performance_regression',
      'read_file',
      'list_files',
    ),
    { tool: 'profile_command', level: 'full' },
  ],
  instructions: [
    'You find out where time and bytes go, by measuring what the inputs name.',
    'Load the given URL, profile the given command, read bundles and query plans of the folder, and hold measurements against the baseline; do what the inputs allow, all in one go.',
    'Only load servers that the person who asks may load; begin small.',
    'Percentiles, never averages alone; say how many requests or samples stand behind a figure.',
    'A difference counts when it is significant and large enough to matter. Say when the samples are too few.',
    'Rank bottlenecks by the share of the whole that mending them would save, and name that share.',
    'For a slow query give the statement of the index that would serve it, and what it costs on writes.',
    'Name what was not measured, and what the machine or the load makes doubtful.',
  ],
});

const ALL = [
  'load_test',
  'profile_command',
  'bundle_analysis',
  'query_plan',
  'performance_regression',
];

export const performancePlaybook: Playbook = {
  performance_analysis: ALL,
  bottleneck_analysis: ['profile_command', 'load_test', 'query_plan', 'bundle_analysis'],
};
