import { expect } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { test } from './support/test.ts';

test('what is done stands in the audit log, can be looked into, checked and taken along', async ({
  page,
}) => {
  const name = `Audited key ${Date.now()}`;
  await page.goto('/settings/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill(name);
  await form.getByRole('button', { name: 'Make the key' }).click();
  await expect(form.getByText(/^ak_srv_/)).toBeVisible();
  await form.getByRole('button', { name: 'Done' }).click();

  await page.goto(`/settings/audit?q=${encodeURIComponent(name)}`);
  const row = page.getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('Done');
  await page.getByRole('combobox', { name: 'Outcome' }).selectOption('Denied');
  await expect(page.getByText('No entry matches')).toBeVisible();
  await expect(page).toHaveURL(/outcome=denied/);
  await page.getByRole('button', { name: 'Reset filters' }).click();
  await page.getByRole('combobox', { name: 'Action' }).selectOption('API key: create');
  await page
    .getByRole('row', { name: new RegExp(name) })
    .getByRole('button')
    .click();
  const detail = page.getByRole('dialog', { name: 'API key: create' });
  await expect(detail.getByText(/^this {3}[0-9a-f]{64}$/m)).toBeVisible();
  await expectAccessible(page, 'entry of the audit log');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Verify chain' }).click();
  await expect(page.getByText(/The chain holds: .* checked/)).toBeVisible();
  await expectAccessible(page, 'checked audit log');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export as CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/^audit-\d{4}-\d{2}-\d{2}\.csv$/);
});
