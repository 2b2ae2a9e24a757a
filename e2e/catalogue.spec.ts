import { expect } from '@playwright/test';
import { test } from './support/test.ts';

interface Listed<Item> {
  items: Item[];
}

test('agents show what the API holds, down to persona, tools and versions', async ({ page }) => {
  const agents = await read<{ name: string; tools: { tool: string }[]; slug: string }>('agents');
  expect(agents.length).toBeGreaterThanOrEqual(3);
  await page.goto('/agents');
  const roster = page.getByRole('list', { name: 'Agents' });
  for (const { name } of agents) {
    await expect(roster.getByRole('link', { name, exact: true })).toBeVisible();
  }
  const security = agents.find(({ slug }) => slug === 'security');
  await page.getByLabel('Search agents').fill('security');
  await expect(roster.getByRole('listitem')).not.toHaveCount(agents.length);
  await roster.getByRole('link', { name: security?.name ?? '', exact: true }).click();
  await expect(page.getByRole('heading', { name: security?.name ?? '', level: 1 })).toBeVisible();
  for (const { tool } of security?.tools ?? []) {
    await expect(page.getByRole('code').filter({ hasText: new RegExp(`^${tool}$`) })).toBeVisible();
  }
  await expect(page.getByLabel(/^Prompt of /)).toContainText(/\w{3,}/);

  async function read<Item>(what: string): Promise<Item[]> {
    const response = await page.request.get(`/api/${what}?limit=100`);
    return ((await response.json()) as Listed<Item>).items;
  }
});

test('tools show every tool with its schemas, and can be searched', async ({ page }) => {
  const response = await page.request.get('/api/tools?limit=100');
  const { items } = (await response.json()) as Listed<{ name: string; title: string }>;
  await page.goto('/tools');
  const shown = page.getByRole('main').locator('summary code');
  await expect(shown).toHaveCount(items.length);
  expect((await shown.allTextContents()).toSorted()).toEqual(
    items.map(({ name }) => name).toSorted(),
  );
  await page.getByLabel('Search tools').fill('secret');
  await expect(shown).not.toHaveCount(items.length);
  await page.locator('summary').filter({ hasText: 'secret_scan' }).click();
  await expect(page.getByLabel('Input schema of secret_scan')).toContainText('"path"');
  await page.getByLabel('Search tools').fill('no such tool at all');
  await expect(page.getByText('No tool matches')).toBeVisible();
});

test('providers say honestly who is ready, and what the offline provider is not', async ({
  page,
}) => {
  const response = await page.request.get('/api/providers');
  const { items } = (await response.json()) as Listed<{
    name: string;
    id: string;
    usable: boolean;
    configured: boolean;
    note: string | null;
  }>;
  await page.goto('/providers');
  const cards = page.getByRole('list', { name: 'Providers' }).locator('> li');
  await expect(cards).toHaveCount(items.length);
  for (const { name, usable, configured, note } of items) {
    const card = cards.filter({ has: page.getByRole('heading', { name, exact: true }) });
    if (usable && configured) await expect(card).toContainText('Ready');
    else await expect(card).toContainText(usable ? 'Not configured' : 'Not in this version');
    if (usable && !configured) expect(note).not.toBeNull();
    if (note !== null) await expect(card).toContainText(note);
  }
  const offline = cards.filter({
    has: page.getByRole('heading', {
      name: items.find(({ id }) => id === 'offline')?.name ?? '',
      exact: true,
    }),
  });
  await expect(offline).toContainText('not a language model');
  await expect(offline).toContainText('Default');
  await page.getByRole('tab', { name: 'Models' }).click();
  const models = page.getByRole('table', { name: 'Models' }).getByRole('row');
  await expect(models.first()).toBeVisible();
  const all = await models.count();
  await page.getByLabel('Search models').fill('claude');
  await expect(models).not.toHaveCount(all);
  await expect(models.nth(1)).toContainText('anthropic/');
});
