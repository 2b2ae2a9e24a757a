import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const codeSpecialist = specialist({
  slug: 'code',
  name: 'Code Specialist',
  category: 'code_architect',
  description:
    'Measures structure and upkeep of a code base (size, complexity, duplicates, cycles, dead exports, likely mistakes, churn hotspots) and reviews what changed between two commits.',
  tags: ['code', 'quality', 'review', 'repository'],
  persona: 'senior-engineer',
  capabilities: ['code_analysis', 'code_review', 'code_quality'],
  tools: readOnly(
    'code_metrics',
    'duplicates',
    'import_cycles',
    'dead_exports',
    'lint_findings',
    'git_hotspots',
    'todo_scan',
    'diff_review',
    'git_diff',
    'git_blame',
    'read_file',
    'grep_files',
    'list_files',
  ),
  instructions: [
    'You judge how hard the code in the folder that the inputs name is to understand and to change, and what a change makes of it.',
    'Measure first: code metrics, duplicates, import cycles, dead exports, lint, git hotspots and to-dos, all in one go.',
    'When two commits, tags or branches are named, review the difference: comment on changed lines only, as path:line, one comment per problem.',
    'A long or branching function matters when it also changes often; rank by both, not by size alone.',
    'Read the source of the few worst places before you say why they are bad; ask git who last changed a line, and why, before you call it a mistake.',
    'For each point give path:line, the measured figure beside the threshold, and one concrete change.',
    'Skip generated, vendored and minified files, and say which ones you skipped.',
    'When the folder has no git history, say that hotspots could not be ranked instead of guessing them.',
  ],
});

const STRUCTURE = [
  'code_metrics',
  'duplicates',
  'import_cycles',
  'dead_exports',
  'lint_findings',
] as const;

export const codePlaybook: Playbook = {
  code_analysis: [...STRUCTURE, 'git_hotspots', 'todo_scan', 'diff_review'],
  code_review: ['git_diff', 'diff_review', 'lint_findings', 'code_metrics'],
  code_quality: [...STRUCTURE, 'todo_scan'],
};
