import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { allRoutes, buildOpenApiDocument, OPENAPI_INFO } from '@automatos/contracts';
import { expect, it } from 'vitest';

// Compared by content: how the file is formatted does not matter.
const committed = JSON.stringify(
  JSON.parse(await readFile(new URL('../openapi.json', import.meta.url), 'utf8')),
);
const HOW = 'run `npm run generate -w packages/sdk` (first `npm ci` in tools/openapi-client)';

it('openapi.json is the document of the contracts as they are now', () => {
  const now = JSON.stringify(buildOpenApiDocument(allRoutes(), OPENAPI_INFO));
  expect(committed === now, `packages/sdk/openapi.json is out of date: ${HOW}`).toBe(true);
});

it('the generated client was made from openapi.json as it is now', async () => {
  const stamp = await readFile(new URL('./generated/openapi.sha256', import.meta.url), 'utf8');
  expect(stamp.trim(), HOW).toBe(createHash('sha256').update(committed).digest('hex'));
});

it('every operation of the contracts has its function', async () => {
  const sdk: Record<string, unknown> = { ...(await import('./index.ts')) };
  for (const route of allRoutes())
    expect(sdk[route.operationId], route.operationId).toBeTypeOf('function');
});
