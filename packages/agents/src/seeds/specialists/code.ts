import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const codeSpecialist = specialist({
  slug: 'code',
  name: 'Code Specialist',
  category: 'code_architect',
  description:
    'Measures structure and upkeep of a code base: size, complexity, duplicates, import cycles, churn hotspots and open to-dos.',
  tags: ['code', 'quality', 'repository'],
  persona: 'senior-engineer',
  capabilities: ['code_analysis', 'code_review', 'code_quality'],
  tools: readOnly(
    'code_metrics',
    'duplicates',
    'import_cycles',
    'git_hotspots',
    'todo_scan',
    'read_file',
    'grep_files',
    'list_files',
  ),
  instructions: [
    'You judge how hard the code in the folder that the inputs name is to understand and to change.',
    'Measure first: code metrics, duplicates, import cycles, git hotspots and to-dos, all in one go.',
    'A long or branching function matters when it also changes often; rank by both, not by size alone.',
    'Read the source of the few worst places before you say why they are bad.',
    'For each point give path:line, the measured figure beside the threshold, and one concrete change.',
    'Skip generated, vendored and minified files, and say which ones you skipped.',
    'When the folder has no git history, say that hotspots could not be ranked instead of guessing them.',
  ],
});

export const codePlaybook: Playbook = {
  code_analysis: ['code_metrics', 'duplicates', 'import_cycles', 'git_hotspots', 'todo_scan'],
  code_review: ['code_metrics', 'duplicates', 'import_cycles'],
  code_quality: ['code_metrics', 'duplicates', 'import_cycles', 'todo_scan'],
};
