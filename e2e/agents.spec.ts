import { expect } from '@playwright/test';
import { test } from './support/test.ts';

test('an agent is made in five steps, tried before it is saved, changed, compared, restored and deleted', async ({
  page,
  repository,
}) => {
  await page.goto('/agents');
  await page.getByRole('link', { name: 'New agent' }).click();
  const next = (step: string) => page.getByRole('button', { name: `Next: ${step}` }).click();

  // Nothing goes on without a name.
  await next('Persona');
  await expect(page.getByText('Give the agent a name.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('Secret finder');
  await page.getByLabel('Description').fill('Looks for leaked secrets.');
  await next('Persona');
  await page.getByRole('radio', { name: /^A persona of the workspace/ }).check();
  await page.getByRole('button', { name: /^Code Reviewer/ }).click();
  await next('Model');
  await next('Capabilities');
  await page.getByRole('searchbox', { name: 'Search tools' }).fill('secret');
  await page.getByLabel(/secret_scan/).selectOption('read_only');
  await expect(page.getByText(/1 given/)).toBeVisible();
  await next('Review and test');

  await page.getByRole('textbox', { name: 'Target' }).fill(repository.path);
  await page.getByRole('button', { name: 'Try it' }).click();
  const trial = page.getByRole('region', { name: 'Run of the agent' });
  await expect(trial.getByText('It did its work')).toBeVisible({ timeout: 60_000 });
  await expect(trial.getByRole('list', { name: 'Findings' })).toContainText('secret.');

  await page.getByRole('button', { name: 'Create and activate' }).click();
  await expect(page.getByRole('heading', { name: 'Secret finder', level: 1 })).toBeVisible();
  await expect(page.getByText('Active', { exact: true })).toBeVisible();

  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Description').fill('Looks for leaked secrets in a folder.');
  await page.getByRole('button', { name: 'Save the agent' }).click();
  await expect(page.getByText('Version 2', { exact: true })).toBeVisible();
  await page.getByRole('tab', { name: 'Versions' }).click();
  await expect(page.getByRole('list', { name: 'Changed values' })).toContainText('/description');
  await page.getByRole('button', { name: 'Restore version 1' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Restore version 1' }).click();
  await expect(page.getByText('Version 3', { exact: true }).first()).toBeVisible();

  await page.getByRole('button', { name: 'Delete the agent' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the agent' }).click();
  await page.waitForURL(/\/agents$/);
});

test('an agent is given work, and the run stands in its history', async ({ page, repository }) => {
  await page.goto('/agents/security');
  await page.getByRole('button', { name: 'Give it work' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Target' }).fill(repository.path);
  await form.getByRole('textbox', { name: 'Parameters' }).fill('{');
  await form.getByRole('button', { name: 'Start' }).click();
  await expect(form.getByText('This is not a JSON object.')).toBeVisible();
  await form.getByRole('textbox', { name: 'Parameters' }).fill('');
  await form.getByRole('button', { name: 'Start' }).click();
  await page.waitForURL(/\/runs\//);
  await expect(page.getByText('Completed', { exact: true }).first()).toBeVisible({
    timeout: 60_000,
  });
  await page.getByRole('textbox', { name: 'Comment' }).fill('found what mattered');
  await page
    .getByRole('group', { name: 'Rate the work of security' })
    .getByRole('button', { name: 'Good' })
    .click();
  await expect(page.getByText('Your rating of security is kept')).toBeVisible();
  await page.goto('/agents/security?tab=feedback');
  await expect(page.getByRole('list', { name: 'Feedback' })).toContainText('found what mattered');
  await page.goto('/agents/security?tab=history');
  await expect(page.getByRole('list', { name: 'Runs of the agent' })).toContainText(
    'Security Specialist',
  );
});

test('patterns are shown, made and deleted, and say who would get what', async ({ page }) => {
  await page.goto('/agents/patterns');
  await expect(page.getByRole('list', { name: 'Patterns' })).toContainText('Review panel');
  await page.getByRole('button', { name: 'New pattern' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Name' }).fill('Two heads');
  await form.getByRole('radio', { name: /^Collaborative/ }).check();
  await form.getByRole('textbox', { name: 'Agents per part' }).fill('2');
  await form.getByRole('button', { name: 'Save the pattern' }).click();
  await expect(page.getByRole('heading', { name: 'Two heads' })).toBeVisible();

  await page.getByRole('button', { name: 'Preview Two heads' }).click();
  const preview = page.getByRole('dialog');
  await preview.getByRole('textbox', { name: 'Goal' }).fill('Find leaked secrets');
  await preview.getByRole('button', { name: 'Show' }).click();
  await expect(preview.getByRole('list', { name: 'Parts' })).toContainText('security');
  await preview.getByRole('button', { name: 'Close' }).first().click();

  await page.getByRole('button', { name: 'Delete Two heads' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the pattern' }).click();
  await expect(page.getByRole('heading', { name: 'Two heads' })).toHaveCount(0);
});
