import type { RunStep, StepStatus } from '@automatos/contracts';
import { NO_USAGE } from '@automatos/contracts';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../definition/parse-recipe.ts';
import { earlierRun, keptRows } from './reusable-steps.ts';

function rowsOf(statuses: Record<string, StepStatus>): RunStep[] {
  return Object.entries(statuses).map(([stepId, status]) => ({
    step_id: stepId,
    name: stepId,
    type: 'tool',
    agent: null,
    tool: null,
    parent: null,
    depends_on: [],
    status,
    attempts: 1,
    reused_from: null,
    sub_run_id: null,
    quality_score: null,
    output: { of: stepId },
    error: null,
    usage: NO_USAGE,
    started_at: null,
    finished_at: null,
  }));
}

const kept = (steps: string, statuses: Record<string, StepStatus>, again: string[] = []) => {
  const definition = parseRecipe({ yaml: `slug: r\nname: R\nsteps:\n${steps}` });
  return keptRows(earlierRun(definition, rowsOf(statuses)), new Set(again));
};

const completed = (...ids: string[]): Record<string, StepStatus> =>
  Object.fromEntries(ids.map((id) => [id, 'completed']));

const tool = (id: string, more = '') =>
  `  - { step_id: ${id}, type: tool, tool: t${more === '' ? '' : `, ${more}`} }\n`;

describe('kept rows', () => {
  it('are those before the first step of a sequence that is not over', () => {
    const steps = tool('a') + tool('b') + tool('c');
    expect(kept(steps, { a: 'completed', b: 'failed', c: 'skipped' })).toEqual(['a']);
    expect(kept(steps, { a: 'completed', b: 'completed', c: 'completed' }, ['b', 'c'])).toEqual([
      'a',
    ]);
  });

  it('stay after a failure that the recipe puts up with, which itself is done again', () => {
    const steps = tool('a', 'on_error: skip') + tool('b') + tool('c');
    expect(kept(steps, { a: 'failed', b: 'completed', c: 'failed' })).toEqual(['b']);
  });

  it('are all branches of a graph that nothing open stands before', () => {
    const steps =
      tool('a') + tool('b') + tool('c', 'depends_on: [a]') + tool('d', 'depends_on: [b]');
    expect(kept(steps, { a: 'failed', b: 'completed', c: 'skipped', d: 'completed' })).toEqual([
      'b',
      'd',
    ]);
    expect(
      kept(steps, { a: 'completed', b: 'completed', c: 'completed', d: 'completed' }, ['a']),
    ).toEqual(['b', 'd']);
  });

  it('hold no documents, neither alone nor inside containers', () => {
    const document = (id: string) =>
      `      - { step_id: ${id}, type: document, title: T, template: x }\n`;
    const steps = `${tool('a')}  - step_id: g
    type: parallel
    steps:
      - { step_id: x, type: tool, tool: t }
${document('y')}  - step_id: m
    type: map
    items: '{{inputs.list}}'
    steps:
      - { step_id: p, type: tool, tool: t }
${document('q')}${tool('z')}`;
    const statuses: Record<string, StepStatus> = {
      ...completed('a', 'g', 'x', 'y', 'm', 'p#0', 'q#0', 'p#1', 'q#1'),
      z: 'failed',
    };
    expect(kept(steps, statuses)).toEqual(['a', 'x', 'p#0', 'p#1']);
  });

  it('name a finished container together with what is inside', () => {
    const steps = `  - step_id: l
    type: loop
    until: '{{loop.iteration}} > 1'
    max_iterations: 3
    steps:
      - step_id: g
        type: parallel
        steps:
          - { step_id: x, type: tool, tool: t }
  - { step_id: e, type: tool, tool: t, for_each: '{{inputs.list}}' }
${tool('z')}`;
    const statuses: Record<string, StepStatus> = {
      ...completed('l', 'g#1', 'x#1', 'g#2', 'e', 'e#0'),
      'x#2': 'failed',
      z: 'failed',
    };
    expect(kept(steps, statuses)).toEqual(['l', 'g#1', 'g#2', 'x#1', 'x#2', 'e', 'e#0']);
  });

  it('keep the finished part of a group and of a branch, and none of a map or loop', () => {
    const inner = (id: string) => `      - { step_id: ${id}, type: tool, tool: t }\n`;
    const group = `  - step_id: g\n    type: parallel\n    steps:\n${inner('x')}${inner('y')}`;
    expect(kept(group, { g: 'failed', x: 'completed', y: 'failed' })).toEqual(['x']);
    const branch = `  - step_id: b
    type: branch
    branches:
      - when: '{{inputs.big}}'
        steps:
          - { step_id: x, type: tool, tool: t }
          - { step_id: y, type: tool, tool: t }
          - { step_id: z, type: tool, tool: t }\n`;
    expect(kept(branch, { b: 'failed', x: 'completed', y: 'failed', z: 'completed' })).toEqual([
      'x',
    ]);
    const map = `  - step_id: m\n    type: map\n    items: '{{inputs.list}}'\n    steps:\n${inner('x')}`;
    expect(kept(map, { m: 'failed', 'x#0': 'completed', 'x#1': 'failed' })).toEqual([]);
  });
});
