import { expect } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { test } from './support/test.ts';

test('a goal is split before anything runs, carried out in nine stages, and answered with evidence', async ({
  page,
  repository,
}) => {
  await page.goto('/tasks');
  await page.getByRole('link', { name: 'New task' }).click();
  await page.getByRole('button', { name: 'Start the task' }).click();
  await expect(page.getByText('Say what is to be reached.')).toBeVisible();
  await page
    .getByRole('textbox', { name: 'Goal' })
    .fill('Find leaked secrets, then find missing documentation and broken links');
  await page.getByRole('textbox', { name: 'Target' }).fill(repository.path);
  await page.getByRole('button', { name: 'Show who would do what' }).click();
  const parts = page.getByRole('list', { name: 'Parts' });
  await expect(parts.getByRole('link', { name: 'security' })).toBeVisible();
  await expect(parts.getByRole('link', { name: 'documentation' })).toBeVisible();
  await expectAccessible(page, 'new task with its preview');

  await page.getByRole('button', { name: 'Start the task' }).click();
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
  const stages = page.getByRole('list', { name: 'Stages' });
  await expect(stages.getByRole('listitem')).toHaveCount(9);
  await expect(stages.getByText('Completed')).toHaveCount(9, { timeout: 80_000 });
  await stages.getByRole('button', { name: /Agent selection/ }).click();
  await expect(page.getByRole('list', { name: 'Parts' })).toContainText('scores');
  await stages.getByRole('button', { name: /Execution/ }).click();
  await expect(page.getByText('Parts', { exact: true })).toBeVisible();
  await expectAccessible(page, 'a finished task');

  await page.getByRole('tab', { name: 'Answer' }).click();
  await expect(page.getByRole('heading', { name: 'Answer' })).toBeVisible();
  await expect(page.getByRole('link', { name: /^SARIF/ })).toBeVisible();
  await expectAccessible(page, 'the answer');
  await page.getByRole('tab', { name: /^Evidence/ }).click();
  await page
    .getByRole('button', { name: /^Open source src\/server\.ts/ })
    .first()
    .click();
  await expect(page.locator('tr[aria-current="location"]')).toBeVisible();
});

test('a goal that nobody suits fails, and says what was looked for', async ({ page }) => {
  await page.goto('/tasks/new');
  await page.getByRole('textbox', { name: 'Goal' }).fill('Bake a cherry pie');
  await page.getByRole('button', { name: 'Start the task' }).click();
  await page.waitForURL(/\/tasks\/[0-9a-f-]{36}/);
  await expect(page.getByText('Failed', { exact: true }).first()).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText(/No agent suits the task/).first()).toBeVisible();
  await page.goto('/tasks');
  await expect(page.getByRole('list', { name: 'Tasks' })).toContainText('Bake a cherry pie');
});
