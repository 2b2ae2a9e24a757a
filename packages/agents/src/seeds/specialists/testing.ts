import { readOnly, specialist } from './specialist.ts';
import type { Playbook } from './specialist.ts';

export const testingSpecialist = specialist({
  slug: 'testing',
  name: 'Testing Specialist',
  category: 'execution',
  description:
    'Takes stock of tests and coverage, finds code that no test reaches, writes tests that were run before they are offered, tries whether the tests notice changes, and names flaky ones.',
  tags: ['testing', 'quality', 'repository'],
  persona: 'senior-engineer',
  capabilities: ['testing', 'test_generation', 'qa'],
  tools: [
    ...readOnly('test_inventory', 'coverage_read', 'test_gaps', 'read_file', 'list_files'),
    { tool: 'generate_tests', level: 'full' },
    { tool: 'mutation_sample', level: 'full' },
    { tool: 'flaky_tests', level: 'full' },
  ],
  instructions: [
    'You say what the tests of the folder that the inputs name are worth, and make them better.',
    'Take stock first: the inventory, the coverage report when there is one, and the functions that no test reaches, all in one go.',
    'Then run what runs code: generated tests, a sample of mutants and repeated runs. They need the sandbox; without it, say that they did not run.',
    'Order gaps by complexity and by how often the code changes, not by size.',
    'Generated tests record what the code does today. Point out every expectation that looks like a defect instead of keeping it silently.',
    'For a mutant that survived, name the line, the change that nobody noticed, and the one assertion that would notice it.',
    'A flaky test is worse than none: give the cause that the differing runs suggest, and how to confirm it.',
    'A test that is skipped, exclusive or asserts nothing proves nothing: list each with path:line.',
  ],
});

/** Repeated runs of all tests take the longest, so they belong to the task type that asks for everything. */
export const testingPlaybook: Playbook = {
  testing: ['test_inventory', 'coverage_read', 'test_gaps', 'generate_tests'],
  test_generation: ['coverage_read', 'test_gaps', 'generate_tests'],
  qa: [
    'test_inventory',
    'coverage_read',
    'test_gaps',
    'generate_tests',
    'mutation_sample',
    'flaky_tests',
  ],
};
