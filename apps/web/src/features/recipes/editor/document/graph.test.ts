import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { connect, disconnect, drawRecipe, frameHeight, type Box } from './graph.ts';
import { applyToValue, type Json } from './json-edit.ts';
import { stepTree } from './step-tree.ts';

const recipe: Json = {
  steps: [
    { step_id: 'a' },
    { step_id: 'side', type: 'parallel', steps: [{ step_id: 'l' }, { step_id: 'r' }] },
    {
      step_id: 'way',
      type: 'branch',
      branches: [{ name: 'x', steps: [{ step_id: 'in' }, { step_id: 'then' }] }],
      otherwise: [{ step_id: 'else' }],
    },
  ],
};
const picture = (value: Json, direction: 'right' | 'down' = 'right') =>
  drawRecipe(value, stepTree(value), direction);
const overlaps = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('graph of a recipe', () => {
  it.each(['right', 'down'] as const)(
    'lying or upright (%s): nothing overlaps, and all lies in its frame',
    (direction) => {
      const whole = picture(recipe, direction);
      const { boxes } = whole;
      const clashes = boxes.flatMap((box) =>
        boxes.filter(
          (other) => box !== other && box.parent === other.parent && overlaps(box, other),
        ),
      );
      expect(clashes).toEqual([]);
      const outside = boxes.filter((box) => {
        const frame = boxes.find(({ id }) => id === box.parent) ?? whole;
        const inside = box.x + box.width <= frame.width && box.y + box.height <= frame.height;
        return (
          box.x < 0 ||
          box.y < 0 ||
          !inside ||
          boxes.indexOf(box) < boxes.findIndex(({ id }) => id === box.parent)
        );
      });
      expect(outside).toEqual([]);
    },
  );

  it('draws no frame for a way that is left out, but for one that was emptied', () => {
    const branch = (more: object) =>
      ({
        steps: [
          {
            step_id: 'b',
            type: 'branch',
            branches: [{ name: 'x', steps: [{ step_id: 'a' }] }],
            ...more,
          },
        ],
      }) as Json;
    const labels = (value: Json) => picture(value).boxes.flatMap(({ label }) => label ?? []);
    expect(labels(branch({}))).toEqual(['x']);
    expect(labels(branch({ otherwise: [] }))).toEqual(['x', 'otherwise']);
  });

  it('is as high as its picture, made smaller until it fits the width', () => {
    const drawn = picture(recipe);
    expect(frameHeight(drawn, drawn.width + 56, [100, 9_999])).toBe(drawn.height + 56);
    expect(frameHeight(drawn, 200, [100, 9_999])).toBeLessThan(drawn.height);
    expect(frameHeight(drawn, 10_000, [100, 120])).toBe(120);
  });

  it('draws order as lines: one after the other, side by side without any', () => {
    expect(picture(recipe).lines.map(({ from, to }) => `${from}>${to}`)).toEqual([
      '/steps/0>/steps/1',
      '/steps/1>/steps/2',
      '/steps/2/branches/0/steps/0>/steps/2/branches/0/steps/1',
    ]);
  });

  it('connecting turns an order into a graph with the same order, and the new line', () => {
    const tree = stepTree(recipe);
    const edits = connect(recipe, tree, { from: '/steps/0', to: '/steps/2' });
    expect((edits ?? []).reduce(applyToValue, recipe)).toMatchObject({
      steps: [{ step_id: 'a' }, { depends_on: ['a'] }, { depends_on: ['side', 'a'] }],
    });
  });

  it.each([
    ['a circle', { from: '/steps/2', to: '/steps/0' }],
    ['a line that is there', { from: '/steps/0', to: '/steps/1' }],
    ['itself', { from: '/steps/0', to: '/steps/0' }],
    ['a step inside a container', { from: '/steps/0', to: '/steps/1/steps/0' }],
  ])('refuses %s', (_name, line) => expect(connect(recipe, stepTree(recipe), line)).toBeNull());

  it('refuses lines in a recipe that says it runs in order', () => {
    const fixed = { ...(recipe as object), execution: { mode: 'sequential' } } as Json;
    expect(connect(fixed, stepTree(fixed), { from: '/steps/0', to: '/steps/2' })).toBeNull();
  });

  it('taking the last line away leaves a graph', () => {
    const graph: Json = { steps: [{ step_id: 'a' }, { step_id: 'b', depends_on: ['a'] }] };
    const edits = disconnect(stepTree(graph), { from: '/steps/0', to: '/steps/1' });
    expect((edits ?? []).reduce(applyToValue, graph)).toMatchObject({
      steps: [{}, { depends_on: [] }],
    });
  });

  it('ends for any wiring, circles too', () => {
    const ids = ['a', 'b', 'c', 'd'];
    fc.assert(
      fc.property(fc.array(fc.subarray(ids), { minLength: 4, maxLength: 4 }), (needs) => {
        const value: Json = {
          steps: ids.map((id, index) => ({ step_id: id, depends_on: needs[index] ?? [] })),
        };
        expect(picture(value).boxes).toHaveLength(4);
      }),
    );
  });
});
