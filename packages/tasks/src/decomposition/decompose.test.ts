import { SPECIALISTS } from '@automatos/agents';
import { describe, expect, test } from 'vitest';
import { emptyFacts } from '../target/target-facts.ts';
import type { TargetFacts } from '../target/target-facts.ts';
import { decompose } from './decompose.ts';
import { FIELD_OF, VOCABULARY } from './vocabulary.ts';

/** All twelve specialists, whether or not they are seeded already. */
const CAPABILITIES = [
  ...new Set([
    ...SPECIALISTS.flatMap(({ capabilities }) => capabilities),
    ...VOCABULARY.map(({ capability }) => capability),
  ]),
];
const none = emptyFacts('none', null, 'The task names no target.');
const folder: TargetFacts = {
  ...emptyFacts('folder', '/work', 'The target is a folder.'),
  files: 40,
  sourceFiles: 30,
  documents: 4,
  tests: 6,
};
const only = (kind: TargetFacts['kind']) => emptyFacts(kind, 'x', `The target is a ${kind}.`);

function split(goal: string, facts: TargetFacts = none, capabilities = CAPABILITIES) {
  return decompose({ goal, facts, capabilities, parameters: {} });
}
const shape = (goal: string, facts?: TargetFacts) =>
  split(goal, facts).units.map(
    ({ needs, dependsOn }) =>
      `${needs.join('+')}${dependsOn.length > 0 ? ` < ${dependsOn.join(',')}` : ''}`,
  );

const TABLE: [goal: string, facts: TargetFacts, expected: string[]][] = [
  ['Scan this folder for leaked secrets', folder, ['security_scan']],
  ['Find vulnerable dependencies', folder, ['vulnerability_assessment']],
  ['What could an attacker do here? Do a threat analysis.', folder, ['threat_analysis']],
  ['Check the licences of all packages', folder, ['security_audit']],
  ['Review this pull request', folder, ['code_review']],
  ['Which modules are the hotspots of complexity?', folder, ['code_analysis']],
  ['Rate the code quality of src and lib', folder, ['code_quality']],
  ['Find slow queries in the database layer', folder, ['bottleneck_analysis']],
  ['Measure latency and throughput of the service', only('url'), ['performance_analysis']],
  ['Are the README and the docs up to date?', folder, ['documentation']],
  ['Which exports have no doc comment? Look at the api reference.', folder, ['api_documentation']],
  ['Where is test coverage missing?', folder, ['testing']],
  ['Generate unit tests for the parser', folder, ['test_generation']],
  ['Write a Dockerfile for this service', folder, ['deployment']],
  ['Check the GitHub Actions of this repository', folder, ['ci_cd']],
  ['Look at the terraform files', folder, ['devops']],
  ['What do the logs say about the incident of last night?', only('log_file'), ['monitoring']],
  ['Propose alert rules for Prometheus', only('folder'), ['metrics_setup']],
  [
    'Profile the data and name outliers',
    only('data_file'),
    ['data_analysis', 'statistical_analysis'],
  ],
  ['Check the docs. Be strict, please.', folder, ['documentation']],
  ['Describe this dataset', only('data_file'), ['data_analysis']],
  ['Is the OpenAPI description sound?', only('api_description'), ['api_design']],
  ['Generate a client for the rest api', only('api_description'), ['rest_api']],
  ['Research what is known about vector indexes', none, ['research']],
  ['Who registered this domain name? Look at whois and DNS.', only('domain'), ['domain_analysis']],
  ['Set up a connector to Jira', none, ['integration']],
  ['Scan for secrets and check broken links', folder, ['security_scan', 'documentation']],
  [
    'Find security problems, measure test coverage, and check the docs',
    folder,
    ['security_scan', 'testing', 'documentation'],
  ],
  [
    'Analyse the logs, then propose alert rules',
    only('log_file'),
    ['monitoring', 'metrics_setup < monitoring'],
  ],
  [
    'Profile the dataset. Then generate tests for the loader based on that',
    folder,
    ['data_analysis', 'test_generation < data_analysis'],
  ],
  [
    'After checking the api contract, update the documentation',
    folder,
    ['api_design', 'documentation < api_design'],
  ],
  [
    'Scan for secrets before you write the deployment files',
    folder,
    ['security_scan', 'deployment < security_scan'],
  ],
  [
    'Check the docs and the tests, and then review the code quality',
    folder,
    ['documentation', 'testing', 'code_quality < documentation,testing'],
  ],
  ['Scan for secrets and give me a short report of the findings', folder, ['security_scan']],
  [
    '1. Scan for vulnerabilities\n2. Look for dead code\n3. Summarise the results',
    folder,
    ['vulnerability_assessment', 'code_analysis'],
  ],
  [
    'Find what a newcomer would stumble over',
    folder,
    ['documentation', 'code_analysis', 'testing', 'deployment'],
  ],
  [
    'How healthy is this project overall?',
    folder,
    ['security_scan', 'code_analysis', 'documentation', 'testing'],
  ],
  ['Have a look', folder, ['security_scan', 'code_analysis', 'documentation', 'testing']],
  ['Have a look', only('data_file'), ['data_analysis']],
  ['Have a look', only('log_file'), ['monitoring']],
  ['Have a look', only('api_description'), ['api_design']],
  ['Why is the sky blue?', none, ['research']],
  ['Write a poem', none, ['']],
];

describe('a goal without a model', () => {
  test.each(TABLE)('"%s"', (goal, facts, expected) => {
    expect(shape(goal, facts)).toEqual(expected);
  });

  test('the table holds at least thirty goals', () => {
    expect(TABLE.length).toBeGreaterThanOrEqual(30);
  });

  test('is split the same each time', () => {
    for (const [goal, facts] of TABLE) expect(split(goal, facts)).toEqual(split(goal, facts));
  });

  test('units stand after those that they depend on, under unique ids', () => {
    for (const [goal, facts] of TABLE) {
      const seen = new Set<string>();
      for (const { id, dependsOn } of split(goal, facts).units) {
        expect(dependsOn.every((before) => seen.has(before))).toBe(true);
        expect(seen.has(id)).toBe(false);
        seen.add(id);
      }
    }
  });

  test('calls for capabilities that only an agent of the workspace has', () => {
    const { units } = split('Translate the release notes', none, [
      'text_translation',
      'translate_notes',
    ]);
    expect(units.map(({ needs }) => needs)).toEqual([['translate_notes']]);
  });

  test('says which sides of a broad goal nobody can look at', () => {
    const { units, assumptions } = split('How healthy is this project?', folder, ['security_scan']);
    expect(units.map(({ id }) => id)).toEqual(['security_scan']);
    expect(assumptions.join(' ')).toContain(
      'No agent here does code_analysis, documentation, testing',
    );
  });

  test('is the more complex the more there is to do', () => {
    const small = split('Scan for secrets', folder).complexity;
    const large = split('Scan for secrets, then write tests and generate a Dockerfile', {
      ...folder,
      files: 3_000,
    }).complexity;
    expect(large.score).toBeGreaterThan(small.score);
    expect(large.reasons.join(' ')).toMatch(/3000 files/);
  });

  test('every capability of the specialists belongs to a field', () => {
    const strangers = SPECIALISTS.flatMap(({ capabilities }) => capabilities).filter(
      (name) => FIELD_OF[name] === undefined,
    );
    expect(strangers).toEqual([]);
  });
});
