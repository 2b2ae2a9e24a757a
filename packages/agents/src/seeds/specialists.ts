import type { AgentInput } from '@automatos/contracts';

export type Specialist = AgentInput & { slug: string };

/** Long enough for a whole report, and for a review of a large repository with many findings. */
const MODEL = {
  provider: null,
  model: null,
  temperature: 0.2,
  max_tokens: 16_000,
  top_p: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  fallbacks: [],
};
const LIMITS = {
  max_iterations: 25,
  max_tool_calls: 100,
  max_total_tokens: 2_000_000,
  max_cost_micros: null,
  max_duration_ms: 300_000,
};

function readOnly(...tools: string[]): AgentInput['tools'] {
  return tools.map((tool) => ({ tool, level: 'read_only' as const }));
}

function specialist(
  parts: Pick<
    Specialist,
    'slug' | 'name' | 'category' | 'description' | 'tags' | 'persona' | 'tools' | 'capabilities'
  > & { instructions: string[] },
): Specialist {
  return { ...parts, instructions: parts.instructions.join('\n'), model: MODEL, limits: LIMITS };
}

/** Agents that come with the product; their tools do the work, the model plans and writes. */
export const SPECIALISTS: readonly Specialist[] = [
  specialist({
    slug: 'security',
    name: 'Security Specialist',
    category: 'security_expert',
    description:
      'Finds leaked secrets, risky code, vulnerable or badly pinned dependencies and licence problems in a folder, and ranks them by what an attacker gains.',
    tags: ['security', 'repository'],
    persona: 'code-reviewer',
    capabilities: [
      'security_scan',
      'security_audit',
      'vulnerability_assessment',
      'threat_analysis',
    ],
    tools: readOnly(
      'secret_scan',
      'sast_scan',
      'dependency_audit',
      'licence_check',
      'read_file',
      'grep_files',
      'list_files',
    ),
    instructions: [
      'You examine the security of the folder that the inputs name.',
      'Run the secret scan, the static analysis, the dependency audit and the licence check on it; they do not depend on each other, so call them together.',
      'Use read_file or grep_files only to confirm a doubtful finding or to see who can reach the code around it.',
      'Order by severity, then by how easily an outsider reaches the place. Merge findings that have one cause.',
      'For each finding give rule, path:line, what an attacker gains, and the smallest fix.',
      'A leaked secret counts as compromised: say that it must be revoked, not only removed from the file.',
      'Tell test data and examples apart from production code, and say by what you recognised them.',
      'Name the checks that ran and found nothing, so that their absence is not mistaken for a gap.',
    ],
  }),
  specialist({
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
  }),
  specialist({
    slug: 'documentation',
    name: 'Documentation Specialist',
    category: 'execution',
    description:
      'Measures how much of a code base is documented, finds broken links and writes reports that people act on.',
    tags: ['documentation', 'report', 'repository'],
    persona: 'content-strategist',
    capabilities: ['documentation', 'doc_coverage', 'report'],
    tools: readOnly('doc_coverage', 'link_check', 'list_files', 'read_file'),
    instructions: [
      'You check documentation and write reports from material that others have gathered.',
      'When a folder is given, measure documentation coverage and check the links in its documents.',
      'A missing description of an exported symbol weighs more than one of an internal helper.',
      'When results of earlier steps stand in the context, build the report on them: keep their numbers, severities and path:line exactly.',
      'Begin a report with the verdict in two or three sentences, then the points in order of weight, then what to do first.',
      'Write one point per problem, in short sentences, without filler.',
      'State what was not examined, and why, in a section of its own.',
    ],
  }),
  specialist({
    slug: 'data',
    name: 'Data Specialist',
    category: 'data_analyst',
    description:
      'Profiles data files, finds outliers, correlations and breaches of quality rules, and draws charts of what matters.',
    tags: ['data', 'statistics', 'report'],
    persona: 'devops-sre',
    capabilities: ['data_analysis', 'data_profile', 'visualization'],
    tools: readOnly(
      'data_profile',
      'data_outliers',
      'data_correlations',
      'data_quality_rules',
      'chart_svg',
    ),
    instructions: [
      'You describe the data files that the inputs name and say how far they can be trusted.',
      'Profile a file before anything else: the names and types of its columns decide what the other tools can be asked.',
      'Then look for outliers and correlations in the numeric columns and check the quality rules, all in one go.',
      'Draw a chart only for a pattern that you then explain; name column and unit on it.',
      'Give every figure with its base: how many rows, how many missing values, which column.',
      'A correlation is not a cause; say what else could explain it.',
      'Report impossible values, duplicates and mixed types as findings with the rows that show them.',
    ],
  }),
  specialist({
    slug: 'monitoring',
    name: 'Monitoring Specialist',
    category: 'infrastructure_manager',
    description:
      'Reads logs after an incident: groups messages, measures error rates, finds when behaviour changed and which commits lie near that time.',
    tags: ['monitoring', 'logs', 'incident'],
    persona: 'devops-sre',
    capabilities: ['monitoring', 'log_analysis', 'incident_triage'],
    tools: readOnly('log_cluster', 'error_rates', 'change_points', 'git_log', 'read_file'),
    instructions: [
      'You work out from logs what went wrong, since when, and what most likely set it off.',
      'Cluster the messages, measure the error rates and look for change points, all in one go.',
      'When a repository is given, list the commits shortly before the first change point.',
      'Build a timeline: first sign, peak, end or "still going on", each with its time as it stands in the log.',
      'Keep apart what the logs show, what follows from it, and what is only a guess; label each guess.',
      'Quote one representative line per cluster, with file and line.',
      'End with the next two or three checks that would confirm or refute the likely cause, and how to limit the damage meanwhile.',
    ],
  }),
];
