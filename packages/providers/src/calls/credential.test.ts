import { expect, test } from 'vitest';
import { fetchAs } from './credential.ts';

test('headers of a credential are added to each request, and nothing changes without them', async () => {
  const sent: Record<string, string>[] = [];
  const fetch: typeof globalThis.fetch = (_input, init) => {
    sent.push(Object.fromEntries(new Headers(init?.headers)));
    return Promise.resolve(new Response());
  };
  const headers = { 'openai-organization': 'org-1' };
  await fetchAs({ headers }, fetch)('http://x.test', { headers: { Authorization: 'Bearer k' } });
  expect(sent).toEqual([{ authorization: 'Bearer k', 'openai-organization': 'org-1' }]);
  expect(fetchAs({ apiKey: 'k' }, fetch)).toBe(fetch);
  expect(fetchAs(null, fetch)).toBe(fetch);
});
