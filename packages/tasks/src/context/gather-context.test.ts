import type { WorkUnit } from '@automatos/agents';
import { describe, expect, test } from 'vitest';
import { agentNamed } from '../pipeline/task-harness.fixture.ts';
import { emptyFacts } from '../target/target-facts.ts';
import { CONTEXT_TOKENS, gatherContext } from './gather-context.ts';
import type { ContextRequest } from './gather-context.ts';

const unit: WorkUnit = {
  id: 'data_analysis',
  title: 'Describe',
  prompt: 'Describe the data.',
  needs: ['data_analysis'],
  inputs: {},
  dependsOn: ['a', 'b'],
  complexity: 0.3,
};
const folder = {
  ...emptyFacts('folder', '/work', 'The target is a folder.'),
  dataFiles: ['x.csv', 'in/y.csv'],
  logFiles: ['app.log'],
};
const request = (parts: Partial<ContextRequest> = {}): ContextRequest => ({
  goal: 'Describe the data and more',
  facts: folder,
  parameters: {},
  unit,
  agent: agentNamed('data', ['data_analysis']),
  defects: [],
  ...parts,
});

describe('what an agent gets beside its instructions', () => {
  test('the files of the target that its work is about, and what the task itself gives wins', () => {
    expect(gatherContext(request()).inputs).toEqual({
      target: '/work',
      files: ['/work/x.csv', '/work/in/y.csv'],
    });
    expect(gatherContext(request({ parameters: { files: ['z.csv'] } })).inputs).toEqual({
      target: '/work',
      files: ['z.csv'],
    });
  });

  test('stays within the tokens, however long the goal is, and says where everything is from', () => {
    const prepared = gatherContext(request({ goal: 'word '.repeat(20_000) }));
    const tokens = prepared.sources
      .filter(({ source }) => source !== 'inputs')
      .reduce((sum, one) => sum + one.tokens, 0);
    expect(tokens).toBeLessThanOrEqual(CONTEXT_TOKENS);
    expect(tokens).toBeGreaterThan(CONTEXT_TOKENS * 0.9);
    expect(prepared.sources.map(({ source }) => source)).toEqual([
      'goal',
      'target',
      'inputs',
      'unit:a',
      'unit:b',
    ]);
  });

  test('the faults of an earlier result', () => {
    const { prompt, sources } = gatherContext(request({ defects: ['counts hold: 2 of 3'] }));
    expect(prompt).toContain('- counts hold: 2 of 3');
    expect(sources.at(-1)?.source).toBe('quality');
  });
});
