import { SPECIALISTS } from '@automatos/agents';

/** Words that call for a capability. `*` ends a word that may go on; a phrase is looked for as it stands. */
export interface CapabilityWords {
  capability: string;
  /** Capabilities of one field are near to each other: who has one may do another. */
  field: string;
  /** Enough alone. */
  strong: readonly string[];
  /** Count when the clause says nothing clearer. */
  weak?: readonly string[];
}

/** What people write when they want something that a capability stands for (spec 03, task types of the specialists). */
export const VOCABULARY: readonly CapabilityWords[] = [
  {
    capability: 'security_scan',
    field: 'security',
    strong: [
      'secret*',
      'leak*',
      'hardcoded',
      'api key*',
      'credential*',
      'password*',
      'securit*',
      'insecure',
      'injection*',
      'xss',
    ],
    weak: ['risk*', 'safe*'],
  },
  {
    capability: 'vulnerability_assessment',
    field: 'security',
    strong: [
      'vulnerab*',
      'cve*',
      'advisor*',
      'outdated dependenc*',
      'exploit*',
      'penetrat*',
      'dependency audit',
    ],
    weak: ['dependenc*'],
  },
  {
    capability: 'threat_analysis',
    field: 'security',
    strong: ['threat*', 'attack*'],
  },
  {
    capability: 'security_audit',
    field: 'security',
    strong: ['security audit*', 'licence*', 'license*', 'complian*'],
    weak: ['audit*'],
  },
  {
    capability: 'code_review',
    field: 'code',
    strong: ['code review*', 'pull request*', 'merge request*', 'diff'],
    weak: ['review*', 'commit*', 'branch*'],
  },
  {
    capability: 'code_analysis',
    field: 'code',
    strong: [
      'complexit*',
      'hotspot*',
      'import cycle*',
      'circular',
      'architect*',
      'coupling',
      'dead code',
      'duplicat*',
      'todo',
      'todos',
      'refactor*',
      'code smell*',
      'technical debt',
      'bug',
      'bugs',
    ],
    weak: ['code', 'codebase', 'structure', 'module*', 'source'],
  },
  {
    capability: 'code_quality',
    field: 'code',
    strong: ['code quality', 'maintainab*', 'lint*', 'readab*', 'code style'],
  },
  {
    capability: 'intelligence_gathering',
    field: 'intelligence',
    strong: ['osint', 'intelligence', 'reputation', 'gather information', 'news'],
  },
  {
    capability: 'domain_analysis',
    field: 'intelligence',
    strong: ['dns', 'whois', 'subdomain*', 'domain analysis', 'domain name*', 'registrar'],
    weak: ['domain*'],
  },
  {
    capability: 'technology_monitoring',
    field: 'intelligence',
    strong: ['new versions', 'technology monitor*', 'release feed*', 'watch for'],
  },
  {
    capability: 'performance_analysis',
    field: 'performance',
    strong: [
      'performan*',
      'latenc*',
      'throughput',
      'cpu profil*',
      'response time*',
      'load test*',
      'benchmark*',
      'memory usage',
    ],
    weak: ['slow*', 'speed*', 'fast*', 'load'],
  },
  {
    capability: 'bottleneck_analysis',
    field: 'performance',
    strong: ['bottleneck*', 'slow quer*', 'query plan*', 'hot function*'],
  },
  {
    capability: 'documentation',
    field: 'documentation',
    strong: [
      'documentation',
      'docs',
      'readme*',
      'broken link*',
      'stale example*',
      'tutorial*',
      'getting started',
      'changelog',
      'user guide*',
    ],
    weak: ['document*', 'link*', 'guide*', 'explain*'],
  },
  {
    capability: 'api_documentation',
    field: 'documentation',
    strong: [
      'api doc*',
      'api reference',
      'jsdoc',
      'docstring*',
      'undocumented export*',
      'doc comment*',
    ],
  },
  {
    capability: 'testing',
    field: 'testing',
    strong: ['test*', 'coverage', 'flaky', 'mutation', 'qa'],
  },
  {
    capability: 'test_generation',
    field: 'testing',
    strong: [
      'generate test*',
      'write test*',
      'add test*',
      'missing test*',
      'create test*',
      'write unit test*',
      'generate unit test*',
    ],
  },
  {
    capability: 'deployment',
    field: 'deployment',
    strong: [
      'deploy*',
      'docker*',
      'kubernetes',
      'k8s',
      'helm',
      'container*',
      'rollback',
      'roll out',
    ],
  },
  {
    capability: 'ci_cd',
    field: 'deployment',
    strong: ['ci', 'ci/cd', 'continuous integration', 'github action*', 'build pipeline*'],
    weak: ['pipeline*'],
  },
  {
    capability: 'devops',
    field: 'deployment',
    strong: ['terraform', 'devops', 'infrastructure', 'docker-compose*'],
  },
  {
    capability: 'monitoring',
    field: 'monitoring',
    strong: [
      'logs',
      'log file*',
      'incident*',
      'error rate*',
      'anomal*',
      'outage*',
      'log pattern*',
      'change point*',
    ],
    weak: ['log', 'monitor*', 'error*'],
  },
  {
    capability: 'observability',
    field: 'monitoring',
    strong: ['observab*', 'tracing', 'slo', 'slos', 'error budget*'],
    weak: ['metric*'],
  },
  {
    capability: 'metrics_setup',
    field: 'monitoring',
    strong: ['prometheus', 'grafana', 'alert rule*', 'alerting', 'dashboard*'],
    weak: ['alert*'],
  },
  {
    capability: 'data_analysis',
    field: 'data',
    strong: [
      'dataset*',
      'csv',
      'parquet',
      'spreadsheet*',
      'data quality',
      'profile the data',
      'data profile*',
      'data analysis',
      'missing values',
      'sales figures',
    ],
    weak: ['data', 'column*', 'row*', 'table*', 'figure*', 'chart*'],
  },
  {
    capability: 'statistical_analysis',
    field: 'data',
    strong: [
      'statistic*',
      'correlat*',
      'outlier*',
      'distribution*',
      'regression model*',
      'median',
      'hypothesis test*',
    ],
    weak: ['trend*', 'average*'],
  },
  {
    capability: 'data_processing',
    field: 'data',
    strong: [
      'deduplicat*',
      'clean the data',
      'transform the data',
      'convert the data',
      'data processing',
      'aggregate the data',
    ],
  },
  {
    capability: 'api_design',
    field: 'api',
    strong: [
      'openapi',
      'swagger',
      'api design',
      'api spec*',
      'api description*',
      'breaking change*',
      'api contract*',
      'breaking api',
    ],
    weak: ['api', 'apis', 'contract*', 'endpoint*'],
  },
  {
    capability: 'rest_api',
    field: 'api',
    strong: ['rest api*', 'contract test*', 'status code*', 'http endpoint*'],
  },
  {
    capability: 'api_integration',
    field: 'api',
    strong: ['api client*', 'mock server*', 'generate a client', 'client library'],
  },
  {
    capability: 'research',
    field: 'research',
    strong: [
      'research*',
      'literature',
      'citation*',
      'what is known about',
      'find sources',
      'open question*',
    ],
    weak: ['investigat*', 'question*', 'find out', 'learn about', 'sources'],
  },
  {
    capability: 'evaluation',
    field: 'research',
    strong: [
      'pros and cons',
      'alternatives to',
      'versus',
      'compare the options',
      'which is better',
    ],
    weak: ['evaluat*', 'compar*'],
  },
  {
    capability: 'technology_research',
    field: 'research',
    strong: ['technology research', 'which framework', 'which library', 'state of the art'],
  },
  {
    capability: 'integration',
    field: 'integration',
    strong: [
      'integrate with',
      'integration with',
      'connector*',
      'field mapping',
      'slack',
      'jira',
      'salesforce',
      'notion',
      'hubspot',
    ],
    weak: ['integrat*', 'webhook*', 'sync*'],
  },
];

const KNOWN: Readonly<Record<string, string>> = Object.fromEntries(
  VOCABULARY.map(({ capability, field }) => [capability, field]),
);

/** Field of a capability. All that a specialist of the product can do is near to each other, by whatever names. */
export const FIELD_OF: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    SPECIALISTS.flatMap(({ slug, capabilities }) => {
      const field = capabilities.map((name) => KNOWN[name]).find((one) => one !== undefined);
      return capabilities.map((name) => [name, field ?? slug]);
    }),
  ),
  ...KNOWN,
};
