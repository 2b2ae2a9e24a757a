import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import type { Product } from './support/product.ts';
import { OWNER } from './support/sign-in.ts';
import { startFresh, test } from './support/test.ts';
import { createAuthenticator } from './support/totp.ts';

const GUEST = {
  name: 'Grace Guest',
  email: 'grace@example.com',
  password: 'a long enough passphrase',
};

test.describe('from an account to a team', () => {
  test.use({ storageState: { cookies: [], origins: [] } });

  test('second factor, sessions, keys, an invitation, roles and removal', async ({
    page,
    browser,
  }) => {
    test.setTimeout(150_000);
    const product = await startFresh();
    try {
      await test.step('the first person signs up', async () => {
        await page.goto(product.url);
        await page.waitForURL('**/sign-up');
        await fillSignUp(page, OWNER);
        await page.getByRole('button', { name: 'Create owner account' }).click();
        await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
      });

      const { next, backup } = await test.step('sets up a second factor', () => enrol(page));

      await test.step('a code is asked for at the next sign-in, once each', async () => {
        await page.getByRole('button', { name: `Account: ${OWNER.name}` }).click();
        await page.getByRole('button', { name: 'Sign out' }).click();
        await page.waitForURL('**/sign-in');
        await enterPassword(page, OWNER);
        await expect(page.getByRole('heading', { name: 'Second factor' })).toBeVisible();
        await expectAccessible(page, 'second factor of a sign-in');
        const code = page.getByRole('textbox', { name: 'Code of your authenticator' });
        await code.fill('000000');
        await expect(code).toHaveAccessibleDescription(/wrong/);
        await code.fill(next());
        await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
      });

      await test.step('a backup code opens it too, and the session it makes is ended from here', async () => {
        const other = await browser.newContext({ baseURL: product.url });
        const elsewhere = await other.newPage();
        await elsewhere.goto('/sign-in');
        await enterPassword(elsewhere, OWNER);
        await elsewhere.getByRole('button', { name: 'Use a backup code' }).click();
        // Small and capital letters, spaces and dashes: as people type it.
        await elsewhere.getByLabel('Backup code').fill(backup.replace('-', ' '));
        await expect(elsewhere.getByRole('heading', { name: 'Dashboard' })).toBeVisible();
        await page.goto(`${product.url}/settings`);
        const sessions = page.getByRole('list', { name: 'Sessions' });
        await expect(sessions.getByRole('listitem')).toHaveCount(2);
        await expect(sessions.getByRole('listitem').first()).toContainText('This one');
        await expect(page.getByText('9 backup codes left.')).toBeVisible();
        await sessions.getByRole('button', { name: /^Sign out/ }).click();
        await expect(sessions.getByRole('listitem')).toHaveCount(1);
        await elsewhere.goto('/runs');
        await elsewhere.waitForURL('**/sign-in?next=%2Fruns');
        await other.close();
      });

      await test.step('a key that only reads runs does nothing else', () =>
        useNarrowKey(page, product));

      const link = await test.step('somebody is invited by a link', () => invite(page, product));

      await test.step('they make their account by it and are in', async () => {
        const other = await browser.newContext({ baseURL: product.url });
        const guest = await other.newPage();
        await guest.goto('/sign-up');
        await expect(guest.getByText('Sign-up is closed')).toBeVisible();
        await guest.goto(link);
        await expect(guest.getByRole('heading', { name: /^Join / })).toBeVisible();
        await expect(guest.getByLabel('E-mail')).toHaveValue(GUEST.email);
        await expectAccessible(guest, 'invitation');
        await guest.getByLabel('Name').fill(GUEST.name);
        await guest.getByLabel('Password').fill(GUEST.password);
        await guest.getByRole('button', { name: 'Create account and join' }).click();
        await expect(guest.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
        await guest.goto('/credentials');
        await expect(guest.getByText('Your role sees no credentials')).toBeVisible();

        await changeRole(page, product);
        await guest.reload();
        await expect(guest.getByText('No credentials yet')).toBeVisible();

        await guest.goto(link);
        await expect(guest.getByText('This invitation cannot be used')).toBeVisible();

        await removeGuest(page);
        await guest.goto('/settings/members');
        const own = guest.getByRole('button', { name: `Workspace: ${GUEST.name}'s workspace` });
        await expect(own.first(), 'a workspace of their own is left').toBeVisible();
        await expect(guest.getByText(OWNER.email)).toHaveCount(0);
        await other.close();
      });

      await test.step('a workspace of one’s own is apart from the other, and ends by its name', () =>
        makeWorkspace(page, product));
    } finally {
      await product.remove();
    }
  });
});

test('a credential is stored, tried against its service, changed and deleted', async ({ page }) => {
  const SECRET = 'sk-e2e-0123456789abcdef';
  const service = createServer((request, response) => {
    const known = request.headers.authorization === `Bearer ${SECRET}`;
    response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' });
    response.end(known ? '{"data":[{"id":"model-a"},{"id":"model-b"}]}' : '{}');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const { port } = service.address() as AddressInfo;
  try {
    const name = `Local models ${port}`;
    await page.goto('/credentials');
    await page.getByRole('button', { name: 'New credential' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('searchbox', { name: 'Find a service' }).fill('compatible');
    await expectAccessible(page, 'kinds of credentials');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Store the credential' }).click();
    await expect(dialog.getByText('Base URL is needed.')).toBeVisible();
    await expectAccessible(page, 'form of a credential with an error');
    await dialog.getByLabel('Base URL').fill(`http://127.0.0.1:${port}/v1`);
    await dialog.getByRole('textbox', { name: 'API key' }).fill('sk-wrong-0123456789abcdef');
    await dialog.getByRole('button', { name: 'Store the credential' }).click();
    await dialog.getByRole('button', { name: 'Test it' }).click();
    await expect(dialog.getByRole('status')).toContainText('It does not work');
    await dialog.getByRole('button', { name: 'Done' }).click();

    const row = page.getByRole('list', { name: 'Credentials' }).getByRole('listitem');
    const own = row.filter({ hasText: name });
    await expect(own).toContainText('••••cdef');
    await expect(own).toContainText('Failed');
    await own.getByRole('button', { name: `New secret for ${name}` }).click();
    await dialog.getByRole('textbox', { name: 'API key' }).fill(SECRET);
    await dialog.getByRole('button', { name: 'Change the secret' }).click();
    await expect(own).toContainText('Not tested');
    await own.getByRole('button', { name: `Test ${name}` }).click();
    await expect(own.getByRole('status')).toContainText('lists 2 models');
    await expect(own).toContainText('Worked');
    expect(await page.content()).not.toContain(SECRET);
    await expectAccessible(page, 'tested credential');

    await own.getByRole('button', { name: `Change ${name}` }).click();
    await dialog.getByLabel('Base URL').fill('http://127.0.0.1:9/v1');
    await dialog.getByRole('button', { name: 'Save the credential' }).click();
    await expect(dialog.getByLabel('Base URL')).toHaveAccessibleDescription(/needs api_key again/);
    await dialog.getByRole('button', { name: 'Cancel' }).click();

    await own.getByRole('button', { name: `Delete ${name}` }).click();
    await dialog.getByRole('button', { name: 'Delete the credential' }).click();
    await expect(own).toHaveCount(0);
  } finally {
    await new Promise((resolve) => service.close(resolve));
  }
});

async function fillSignUp(page: Page, person: typeof GUEST): Promise<void> {
  await page.getByLabel('Name').fill(person.name);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
}

async function enterPassword(page: Page, { email, password }: typeof GUEST): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Sets up an authenticator on the account page; gives its next codes and one backup code. */
async function enrol(page: Page): Promise<{ next: () => string; backup: string }> {
  await page.getByRole('navigation', { name: 'Main' }).getByText('Settings').click();
  await page.getByRole('button', { name: 'Set it up' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Your password').fill('not the password');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByRole('alert')).toBeVisible();
  await dialog.getByLabel('Your password').fill(OWNER.password);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await expect(dialog.getByRole('img', { name: 'QR code of the secret' })).toBeVisible();
  await expectAccessible(page, 'QR code');
  const secret = await dialog.getByRole('group', { name: 'Secret' }).textContent();
  const next = createAuthenticator(secret ?? '');
  await paste(dialog.getByRole('textbox', { name: 'Code that it shows now' }), next());
  const codes = dialog.getByRole('list', { name: 'Backup codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(10);
  await expectAccessible(page, 'backup codes');
  await page.keyboard.press('Escape');
  await expect(codes.first(), 'codes that nobody stored stay').toBeVisible();
  const backup = (await codes.first().textContent()) ?? '';
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toBe('automatos-backup-codes.txt');
  await expect(dialog.getByRole('button', { name: 'Done' })).toBeDisabled();
  await dialog.getByLabel('I stored them').check();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByText('10 backup codes left.')).toBeVisible();
  return { next, backup };
}

/** As from a password manager, with a space in the middle. */
async function paste(input: Locator, code: string): Promise<void> {
  await input.fill(`${code.slice(0, 3)} ${code.slice(3)}`);
}

async function useNarrowKey(page: Page, product: Product): Promise<void> {
  await page.goto(`${product.url}/settings/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('dashboard on the wall');
  await dialog.getByLabel('Only what I choose').check();
  await dialog.getByRole('button', { name: 'None' }).click();
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  await expect(dialog.getByText('Choose at least one.')).toBeVisible();
  await expectAccessible(page, 'form of a key with an error');
  await dialog.getByLabel('Runs: read').check();
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const secret = (await dialog.locator('pre').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Done' }).click();
  const ask = async (path: string) =>
    (await fetch(`${product.url}${path}`, { headers: { 'x-api-key': secret } })).status;
  expect(await ask('/api/runs')).toBe(200);
  expect(await ask('/api/workflow-recipes')).toBe(403);
  await expect(page.getByText('1 permission')).toBeVisible();
  await page.getByRole('button', { name: 'New secret for dashboard on the wall' }).click();
  await dialog.getByLabel('The old one counts on').selectOption('Not at all');
  await dialog.getByRole('button', { name: 'Make a new secret' }).click();
  await expect(dialog.locator('pre')).toContainText('ak_srv_');
  await dialog.getByRole('button', { name: 'Done' }).click();
  expect(await ask('/api/runs')).toBe(401);
}

async function invite(page: Page, product: Product): Promise<string> {
  await page.goto(`${product.url}/settings/members`);
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('nobody');
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  await expect(dialog.getByText('Enter an e-mail address.')).toBeVisible();
  await dialog.getByLabel('E-mail').fill(GUEST.email);
  await dialog.getByLabel('Role', { exact: true }).selectOption({ value: 'viewer' });
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  const link = new URL((await dialog.locator('pre').textContent()) ?? '');
  await dialog.getByRole('button', { name: 'Done' }).click();
  const invitations = page.getByRole('list', { name: 'Invitations' });
  await expect(invitations).toContainText('Waits');
  await expect(page.getByRole('combobox', { name: `Role of ${OWNER.name}` })).toBeDisabled();
  await expect(page.getByText('One owner stays')).toBeVisible();
  await expectAccessible(page, 'team with an invitation');
  return `${link.pathname}${link.hash}`;
}

async function changeRole(page: Page, product: Product): Promise<void> {
  await page.goto(`${product.url}/settings/members`);
  await expect(page.getByRole('list', { name: 'Invitations' })).toContainText('Accepted');
  const role = page.getByRole('combobox', { name: `Role of ${GUEST.name}` });
  await role.selectOption('Member');
  await expect(page.getByText(`${GUEST.name} is member now`)).toBeVisible();
  await expect(role).toHaveValue('member');
}

async function removeGuest(page: Page): Promise<void> {
  await page.getByRole('button', { name: `Remove ${GUEST.name}` }).click();
  await page.getByRole('button', { name: 'Remove from the workspace' }).click();
  await expect(page.getByText(GUEST.email)).toHaveCount(1);
}

async function makeWorkspace(page: Page, product: Product): Promise<void> {
  const navigation = page.getByRole('complementary');
  await navigation.getByRole('button', { name: /^Workspace:/ }).click();
  await page.getByRole('button', { name: 'New workspace' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Second home');
  await page.getByRole('button', { name: 'Make the workspace' }).click();
  await expect(navigation.getByRole('button', { name: 'Workspace: Second home' })).toBeVisible();
  await page.goto(`${product.url}/settings/keys`);
  await expect(page.getByText('No API keys')).toBeVisible();

  await page.goto(`${product.url}/settings/workspace`);
  const slug = await page.getByLabel('Short name').inputValue();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog');
  const end = dialog.getByRole('button', { name: 'Delete the workspace' });
  await dialog.getByLabel(`Type ${slug} to go on`).fill('something else');
  await expect(end).toBeDisabled();
  await dialog.getByLabel(`Type ${slug} to go on`).fill(slug);
  await end.click();
  await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
  await expect(navigation.getByRole('button', { name: 'Workspace: Second home' })).toHaveCount(0);
  await page.goto(`${product.url}/settings/keys`);
  await expect(page.getByText('dashboard on the wall')).toBeVisible();
}
