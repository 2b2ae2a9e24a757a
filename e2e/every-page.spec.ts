import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { cookReview, runStatus } from './support/kitchen.ts';
import { heldTest, test } from './support/test.ts';

/** Pages that need nothing but a sign-in, and the heading that shows they are there. */
const PAGES = [
  ['/', 'Dashboard'],
  ['/recipes', 'Recipes'],
  ['/recipes/repository-health-review', 'Repository health review'],
  ['/recipes/repository-health-review?tab=yaml', 'Repository health review'],
  ['/recipes/repository-health-review/edit', /./],
  ['/recipes/repository-health-review/edit?view=yaml', /./],
  ['/recipes/repository-health-review/edit?view=graph', /./],
  ['/recipes/repository-health-review?tab=versions', 'Repository health review'],
  ['/recipes/repository-health-review?tab=schedule', 'Repository health review'],
  ['/recipes/repository-health-review?tab=triggers', 'Repository health review'],
  ['/recipes/repository-health-review?tab=learning', 'Repository health review'],
  ['/runs', 'Runs'],
  ['/agents', 'Agents'],
  ['/agents?view=table', 'Agents'],
  ['/agents/new', 'New agent'],
  ['/agents/patterns', 'Patterns'],
  ['/agents/security', /security/i],
  ['/agents/security?tab=figures', /security/i],
  ['/agents/security?tab=versions', /security/i],
  ['/agents/security/edit', /security/i],
  ['/tasks', 'Tasks'],
  ['/tasks/new', 'New task'],
  ['/tools', 'Tools'],
  ['/providers', 'Providers'],
  ['/providers?tab=routing', 'Providers'],
  ['/providers?tab=models', 'Providers'],
  ['/providers?tab=try', 'Providers'],
  ['/providers/offline', /offline/i],
  ['/usage', 'Usage and cost'],
  ['/usage?tab=calls', 'Usage and cost'],
  ['/usage?tab=budgets', 'Usage and cost'],
  ['/credentials', 'Credentials'],
  ['/settings', 'Account'],
  ['/settings/workspace', 'Workspace'],
  ['/settings/members', 'Team'],
  ['/settings/keys', 'API keys'],
  ['/settings/webhooks', /webhooks/i],
  ['/settings/audit', 'Audit log'],
  ['/settings/security', 'Security'],
  ['/settings/security?tab=settings', 'Security'],
  ['/settings/privacy?tab=records', 'Data protection'],
  ['/settings/privacy?tab=retention', 'Data protection'],
  ['/settings/my-data', 'My data'],
  ['/admin/users', 'Users'],
  ['/admin/workspaces', 'Workspaces'],
] as const;

async function open(page: Page, [path, heading]: (typeof PAGES)[number]): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
  await settled(page);
}

/** Nothing is being loaded any more. */
async function settled(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: /^Loading / })).toHaveCount(0);
}

/** Nothing reaches beyond the side of the window. */
async function expectNoSidewaysScroll(page: Page, name: string): Promise<void> {
  // As text: the types of a browser are not those of this program.
  const over = await page.evaluate<number>(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
  expect(over, `${name}: pixels beyond the side of the window`).toBeLessThanOrEqual(0);
}

const WIDE = { width: 1280, height: 720 };
const PHONE = { width: 390, height: 844 };

// One window for all of them: a new one for each would load the same scripts again and again.
test('axe finds nothing on any page, and on a phone none scrolls sideways', async ({ page }) => {
  test.setTimeout(240_000);
  for (const each of PAGES) {
    await test.step(each[0], async () => {
      await page.setViewportSize(WIDE);
      await open(page, each);
      await expectAccessible(page, each[0]);
      await page.setViewportSize(PHONE);
      await settled(page);
      await expectNoSidewaysScroll(page, each[0]);
    });
  }
});

test('axe finds nothing on the form of a run, right and wrong', async ({ page }) => {
  await page.goto('/recipes/repository-health-review?cook=1');
  const form = page.getByRole('dialog');
  await expect(form.getByRole('textbox', { name: 'Folder' })).toBeVisible();
  await expectAccessible(page, 'run form');
  await form.getByRole('button', { name: 'Start cooking' }).click();
  await expect(form.getByRole('alert')).toBeVisible();
  await expectAccessible(page, 'run form with an error');
});

test.describe('without a session', () => {
  test.use({ storageState: { cookies: [], origins: [] } });
  test('axe finds nothing on sign-in', async ({ page, ownerSession }) => {
    expect(ownerSession.cookies).not.toEqual([]);
    await page.goto('/sign-in');
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
    await expectAccessible(page, 'sign-in');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Password is needed.')).toBeVisible();
    await expectAccessible(page, 'sign-in with errors');
  });
});

heldTest(
  'axe finds nothing on a kitchen that runs, and on each tab of a finished one',
  async ({ page, held: { model }, repository }) => {
    model.hold('security', 3);
    await cookReview(page, repository.path);
    await expect(page.getByText('security piece 3;')).toBeVisible();
    await expectAccessible(page, 'running kitchen');
    model.reset();
    await expect(runStatus(page, 'Completed')).toBeVisible();
    for (const tab of ['Kitchen', 'Report', 'Findings', 'Log']) {
      await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
      await settled(page);
      await expect(page.getByRole('tabpanel')).not.toBeEmpty();
      await expectAccessible(page, `${tab} of the finished run`);
    }
    await page.getByRole('tab', { name: /^Findings/ }).click();
    await page
      .getByRole('button', { name: /^Open source src\/server\.ts/ })
      .first()
      .click();
    await expect(page.locator('tr[aria-current="location"]')).toBeVisible();
    await expectAccessible(page, 'source of a finding');
  },
);

test.describe('on a phone', () => {
  test.use({ viewport: PHONE, hasTouch: true });

  test('every page can be reached', async ({ page }) => {
    await page.goto('/recipes/repository-health-review?cook=1');
    await expect(page.getByRole('button', { name: 'Start cooking' })).toBeInViewport();
    await expectNoSidewaysScroll(page, 'run form');

    await page.goto('/');
    const navigation = page.getByRole('navigation', { name: 'Main' });
    for (const name of ['Recipes', 'Runs', 'Agents']) {
      await navigation.getByRole('link', { name }).tap();
      await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
    }
    for (const [name, heading] of [
      ['Tasks', 'Tasks'],
      ['Tools', 'Tools'],
      ['Providers', 'Providers'],
      ['Usage', 'Usage and cost'],
      ['Credentials', 'Credentials'],
      ['Settings', 'Account'],
      ['Admin', 'Users'],
    ] as const) {
      await navigation.getByRole('button', { name: 'More' }).tap();
      await page.getByRole('dialog', { name: 'More' }).getByRole('link', { name }).tap();
      await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
    }
  });
});

heldTest.describe('on a phone, in the kitchen', () => {
  heldTest.use({ viewport: PHONE });

  heldTest(
    'a kitchen fits while it runs, and each of its tabs after',
    async ({ page, held: { model }, repository }) => {
      model.hold('security', 3);
      await cookReview(page, repository.path);
      await expect(page.getByText('security piece 3;')).toBeVisible();
      await expectNoSidewaysScroll(page, 'running kitchen');
      model.reset();
      await expect(runStatus(page, 'Completed')).toBeVisible();
      for (const tab of ['Kitchen', 'Report', 'Findings', 'Log']) {
        await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click();
        await settled(page);
        await expectNoSidewaysScroll(page, tab);
      }
    },
  );
});

test('a run can be started with the keyboard alone', async ({ page, repository }) => {
  await page.goto('/recipes');
  const cook = page.getByRole('link', { name: 'Cook Repository health review' });
  await expect(cook).toBeVisible();
  await tabTo(page, 'Cook Repository health review');
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Cook Repository health review' });
  await expect(form.getByRole('textbox', { name: 'Folder' })).toBeVisible();
  await tabTo(page, 'Folder');
  await page.keyboard.type(repository.path);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/runs\//);
  await expect(runStatus(page, 'Completed')).toBeVisible({ timeout: 60_000 });
  await tabTo(page, 'Kitchen');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'Report' })).toHaveAttribute('aria-selected', 'true');
});

/** Presses Tab until the element with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.getByRole('main').or(page.getByRole('dialog'));
  const target = wanted
    .getByLabel(name, { exact: true })
    .or(wanted.getByText(name, { exact: true }));
  for (let pressed = 0; pressed < 60; pressed++) {
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`60 times Tab did not lead to "${name}".`);
}
