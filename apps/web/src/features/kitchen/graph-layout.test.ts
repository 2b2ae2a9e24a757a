import { expect, it } from 'vitest';
import { layoutGraph, type GraphStep } from './graph-layout.ts';

const step = (
  stepId: string,
  dependsOn: string[] = [],
  more: Partial<GraphStep> = {},
): GraphStep => ({
  stepId,
  type: 'agent',
  parent: null,
  dependsOn,
  ...more,
});
const column = 252;

it('puts steps side by side that wait for the same and behind what they wait for', () => {
  const { nodes, edges } = layoutGraph([
    step('a'),
    step('b', ['a']),
    step('c', ['a']),
    step('d', ['b', 'c']),
  ]);
  expect(nodes.map(({ stepId, x }) => [stepId, x])).toEqual([
    ['a', 0],
    ['b', column],
    ['c', column],
    ['d', 2 * column],
  ]);
  expect(new Set(nodes.map((node) => `${node.x}/${node.y}`)).size).toBe(4);
  expect(edges).toEqual([
    { from: 'a', to: 'b' },
    { from: 'a', to: 'c' },
    { from: 'b', to: 'd' },
    { from: 'c', to: 'd' },
  ]);
});

it('draws the steps of a group instead of the group', () => {
  const { nodes, edges } = layoutGraph([
    step('start'),
    step('group', ['start'], { type: 'parallel' }),
    step('left', [], { parent: 'group' }),
    step('right', ['group'], { parent: 'group' }),
    step('end', ['group']),
  ]);
  expect(nodes.map((node) => node.stepId)).toEqual(['start', 'left', 'right', 'end']);
  expect(edges).toContainEqual({ from: 'start', to: 'left' });
  expect(edges).toContainEqual({ from: 'start', to: 'right' });
  expect(edges).toContainEqual({ from: 'left', to: 'end' });
  expect(edges).toContainEqual({ from: 'right', to: 'end' });
  expect(edges).toHaveLength(4);
});

it('leaves out edges that a longer way implies, and steps that do not exist', () => {
  const { edges } = layoutGraph([step('a'), step('b', ['a', 'gone']), step('c', ['a', 'b'])]);
  expect(edges).toEqual([
    { from: 'a', to: 'b' },
    { from: 'b', to: 'c' },
  ]);
});

it('ends even for a circle, and for nothing', () => {
  expect(layoutGraph([step('a', ['b']), step('b', ['a'])]).nodes).toHaveLength(2);
  expect(layoutGraph([])).toEqual({ nodes: [], edges: [], width: 0, height: 0 });
});

it('stands upright on narrow screens and says how much room it takes', () => {
  const steps = [step('a'), step('b', ['a']), step('c', ['a'])];
  const { nodes, width, height } = layoutGraph(steps, 'down');
  expect(nodes.map(({ x, y }) => [x, y])).toEqual([
    [110, 0],
    [0, 120],
    [220, 120],
  ]);
  expect([width, height]).toEqual([416, 184]);
  const lying = layoutGraph(steps);
  expect([lying.width, lying.height]).toEqual([448, 152]);
});
