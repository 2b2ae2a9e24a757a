import { allRoutes } from '@automatos/contracts';
import type { BoundRoute } from '@automatos/contracts';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testRoute } from '../testing/edge-fixture.ts';
import { assertServable } from './route-table.ts';

const none = () => Promise.resolve({});
const route = (path: string, params: Record<string, z.ZodType>) =>
  testRoute(
    { operationId: 'x', path, params: z.strictObject(params), workspaceFrom: 'path' },
    none,
  );

test('a route that takes the workspace from its path has to name it there', () => {
  const named = route('/api/w/:workspace_id', { workspace_id: z.string() });
  expect(() => assertServable([named])).not.toThrow();
  expect(() => assertServable([route('/api/w/:other', { other: z.string() })])).toThrow(
    'x: its path names no workspace_id',
  );
});

test('every operation whose path names a workspace takes it from there', () => {
  const forgotten = allRoutes().filter(
    (spec) =>
      spec.path.includes(':workspace_id') && (spec as BoundRoute['spec']).workspaceFrom !== 'path',
  );
  expect(forgotten.map(({ operationId }) => operationId)).toEqual([]);
});
