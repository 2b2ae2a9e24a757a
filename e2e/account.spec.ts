import { expect } from '@playwright/test';
import { OWNER } from './support/sign-in.ts';
import { test } from './support/test.ts';

test.describe('sign-in', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('a wrong password is refused in words; the right one leads to the page asked for', async ({
    page,
    ownerSession,
  }) => {
    // The owner exists from here on.
    expect(ownerSession.cookies.length).toBeGreaterThan(0);
    await page.goto('/tools');
    await page.waitForURL('**/sign-in?next=%2Ftools');
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const alert = page.getByRole('main').getByRole('alert');
    await expect(alert).toContainText('You could not be signed in');
    await expect(alert).toContainText(/password/i);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Tools', level: 1 })).toBeVisible();

    await page.getByRole('button', { name: `Account: ${OWNER.name}` }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in');
    const refused = await page.request.get('/api/auth/session');
    expect(refused.status()).toBe(401);
    await page.goto('/');
    await page.waitForURL('**/sign-in');
  });
});

test('an API key is shown once, works until it is revoked, and not after', async ({
  page,
  baseURL,
}) => {
  await page.goto('/settings/keys');
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(dialog.getByText('Name is needed.')).toBeVisible();
  await dialog.getByLabel('Name').fill('nightly review');
  await dialog.getByLabel('Role', { exact: true }).selectOption('viewer');
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const secret = (await dialog.locator('pre').textContent()) ?? '';
  expect(secret.length).toBeGreaterThan(20);
  await dialog.getByRole('button', { name: 'Done' }).click();

  const keys = page.getByRole('list', { name: 'API keys' });
  await expect(keys).toContainText('nightly review');
  await page.reload();
  await expect(keys).toContainText('nightly review');
  expect(await page.content()).not.toContain(secret);

  const ask = () => fetch(`${baseURL}/api/runs`, { headers: { 'x-api-key': secret } });
  expect((await ask()).status).toBe(200);
  const started = await fetch(`${baseURL}/api/workflow-recipes/repository-health-review/execute`, {
    method: 'POST',
    headers: { 'x-api-key': secret, 'content-type': 'application/json' },
    body: '{"inputs":{}}',
  });
  expect(started.status, 'a viewer starts nothing').toBe(403);

  await page.getByRole('button', { name: 'Revoke nightly review' }).click();
  await page.getByRole('button', { name: 'Revoke the key' }).click();
  await expect(page.getByText('nightly review is revoked')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Revoke nightly review' })).toHaveCount(0);
  const refused = await ask();
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject({ status: 401, request_id: expect.any(String) });
});
