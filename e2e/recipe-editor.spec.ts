import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { test } from './support/test.ts';

/** Text of the YAML view. */
function yaml(page: Page) {
  return page.getByRole('textbox', { name: 'Recipe as YAML' });
}

/** Shows one of the three views of the editor. */
async function show(page: Page, view: 'Form' | 'YAML' | 'Graph'): Promise<void> {
  await page.getByRole('group', { name: 'View' }).getByRole('button', { name: view }).click();
}

function outline(page: Page) {
  return page.getByRole('navigation', { name: 'Parts of the recipe' });
}

/** Puts the caret behind `line` of the YAML view. */
async function caretBehind(page: Page, line: string): Promise<void> {
  await yaml(page).locator('.cm-line').filter({ hasText: line }).first().click();
  await page.keyboard.press('End');
}

async function expectNoProblems(page: Page): Promise<void> {
  await expect(page.getByText('No problems')).toBeVisible();
}

async function save(page: Page): Promise<void> {
  await expectNoProblems(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

test('a recipe is written in the form, repaired in the YAML, saved, compared and restored', async ({
  page,
}) => {
  const slug = `editor-${Date.now()}`;
  await page.goto('/recipes');
  await page.getByRole('link', { name: 'New recipe' }).click();
  await expect(page.getByRole('heading', { name: 'New recipe', level: 1 })).toBeVisible();
  await page.getByRole('textbox', { name: 'Name' }).fill('Nightly scan');
  await page.getByRole('textbox', { name: 'Slug' }).fill(slug);

  await test.step('what the form says stands in the YAML', async () => {
    await show(page, 'YAML');
    await expect(yaml(page)).toContainText('name: Nightly scan');
    await expect(yaml(page)).toContainText(`slug: ${slug}`);
  });

  await test.step('broken YAML leaves form and graph at the last good state, and says where it breaks', async () => {
    await caretBehind(page, 'name: Nightly scan');
    await page.keyboard.type(' # mine');
    await expectNoProblems(page);
    await page.keyboard.press('Enter');
    await page.keyboard.type('tags: [');
    await expect(
      page.getByRole('alert').filter({ hasText: 'cannot be read at line' }),
    ).toBeVisible();
    await show(page, 'Form');
    await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Nightly scan');
    await expect(page.getByRole('textbox', { name: 'Name' })).toBeDisabled();
    await show(page, 'YAML');
    await caretBehind(page, 'tags: [');
    await page.keyboard.type('night]');
    await expectNoProblems(page);
    await show(page, 'Form');
    await expect(page.getByRole('textbox', { name: 'Tags' })).toHaveValue('night');
  });

  await test.step('steps are added and moved by keyboard, and the graph follows', async () => {
    await outline(page).getByRole('button', { name: 'Add step' }).last().click();
    await page
      .getByRole('dialog', { name: 'Add a step' })
      .getByRole('button', { name: /^Approval/ })
      .click();
    await expect(page.getByRole('heading', { name: 'Approval', level: 2 })).toBeVisible();
    const steps = outline(page).getByRole('list', { name: 'Steps' }).locator('button[data-step]');
    await expect(steps).toHaveText([/Look for secrets/, /Report/, /Approval/]);
    await steps.nth(2).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await expect(steps).toHaveText([/Look for secrets/, /Approval/, /Report/]);
    await expect(steps.nth(1)).toBeFocused();
    await show(page, 'Graph');
    await page
      .getByRole('group', { name: 'Graph of the recipe' })
      .getByRole('button', { name: /Approval/ })
      .click();
    await expect(page.getByRole('region', { name: 'Step Approval' })).toBeVisible();
    await page
      .getByRole('region', { name: 'Step Approval' })
      .getByRole('button', { name: 'Delete step' })
      .click();
    await page.keyboard.press('Control+z');
    await expect(
      page
        .getByRole('group', { name: 'Graph of the recipe' })
        .getByRole('button', { name: /Approval/ }),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Redo' }).click();
    await expect(
      page
        .getByRole('group', { name: 'Graph of the recipe' })
        .getByRole('button', { name: /Approval/ }),
    ).toHaveCount(0);
  });

  await test.step('a wrong reference is found while typing, and its suggestion repairs it', async () => {
    await show(page, 'Form');
    await outline(page)
      .getByRole('button', { name: /^Report/ })
      .click();
    const title = page.getByRole('textbox', { name: 'Title' });
    await title.fill('Secrets in {{inputs.pth}}');
    await expect(page.getByRole('button', { name: /1 problem/ }).first()).toBeVisible();
    await page
      .getByRole('button', { name: /^Use .*path/ })
      .first()
      .click();
    await expect(title).toHaveValue('Secrets in {{inputs.path}}');
  });

  await save(page);
  await page.waitForURL(`**/recipes/${slug}/edit`);
  await expect(page.getByRole('heading', { name: 'Edit Nightly scan' })).toBeVisible();

  await test.step('a second version keeps the comment', async () => {
    await page.getByRole('textbox', { name: 'Name' }).fill('Morning scan');
    await save(page);
    await expect(page.getByText('Saved as version 2')).toBeVisible();
  });

  await test.step('versions are compared line by line and value by value, and the first is restored', async () => {
    await page.goto(`/recipes/${slug}?tab=versions`);
    const diff = page.getByRole('table', { name: 'Version 1 against version 2' });
    await expect(diff).toContainText('name: Nightly scan # mine');
    await expect(diff).toContainText('name: Morning scan # mine');
    await expect(page.getByRole('list', { name: 'Changed values' })).toContainText('/name');
    await page.getByRole('button', { name: 'Restore version 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Restore version 1' }).click();
    await expect(page.getByRole('heading', { name: 'Nightly scan', level: 1 })).toBeVisible();
    await expect(
      page.getByRole('list', { name: 'Versions' }).getByRole('listitem').first(),
    ).toContainText('Version 3');
  });
});

test('leaving with changes asks first, and a change of somebody else is shown before anything is overwritten', async ({
  page,
  baseURL,
}) => {
  const slug = `conflict-${Date.now()}`;
  const create = await page.request.post('/api/workflow-recipes', {
    headers: { origin: baseURL ?? '' },
    data: { yaml: recipe(slug, 'First') },
  });
  expect(create.ok(), await create.text()).toBe(true);
  await page.goto(`/recipes/${slug}/edit`);
  await page.getByRole('textbox', { name: 'Name' }).fill('Mine');
  await page.getByRole('link', { name: 'Runs' }).first().click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Go on editing' }).click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveValue('Mine');
  const theirs = await page.request.put(`/api/workflow-recipes/${slug}`, {
    headers: { origin: new URL(page.url()).origin, 'if-match': '"1"' },
    data: { yaml: recipe(slug, 'Theirs') },
  });
  expect(theirs.ok(), await theirs.text()).toBe(true);
  await save(page);
  const conflict = page.getByRole('dialog', { name: 'This recipe was changed meanwhile' });
  await expect(conflict).toContainText('name: Theirs');
  await expect(conflict).toContainText('name: Mine');
  await conflict.getByRole('button', { name: 'Save mine on top' }).click();
  await expect(page.getByText('Saved as version 3')).toBeVisible();
});

test('a schedule shows its next starts before it is saved', async ({ page }) => {
  await page.goto('/recipes/repository-health-review?tab=schedule');
  await page.getByRole('button', { name: 'New schedule' }).click();
  const dialog = page.getByRole('dialog', { name: 'New schedule' });
  await dialog.getByLabel('Rhythm').selectOption('weekdays');
  await dialog.getByLabel('Time of day').fill('08:30');
  await dialog.getByLabel('Time zone').selectOption('Asia/Tokyo');
  const next = dialog.getByRole('list', { name: 'Next starts' }).getByRole('listitem');
  await expect(next).toHaveCount(5);
  await expect(next.first()).toContainText('08:30 Asia/Tokyo');
  await dialog.getByRole('textbox', { name: 'Folder' }).fill('/tmp');
  await dialog.getByRole('button', { name: 'Save the schedule' }).click();
  const rows = page.getByRole('list', { name: 'Schedules' }).getByRole('listitem');
  await expect(rows.first()).toContainText('At 08:30 on Monday to Friday, Asia/Tokyo');
  await rows
    .first()
    .getByRole('button', { name: /^Delete/ })
    .click();
  await page.getByRole('button', { name: 'Delete the schedule' }).click();
  await expect(page.getByText('It starts only by hand')).toBeVisible();
});

test('a webhook trigger shows its address always and its secret once', async ({ page }) => {
  await page.goto('/recipes/repository-health-review?tab=triggers');
  await page.getByRole('button', { name: 'New trigger' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Push');
  await dialog.getByRole('textbox', { name: /^Folder/ }).fill('{{body.path}}');
  await dialog.getByRole('button', { name: 'Save the trigger' }).click();
  await expect(dialog.getByLabel('secret', { exact: true })).toContainText('whsec_');
  await dialog.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('list', { name: 'Triggers' }).getByRole('listitem').first();
  await expect(row).toContainText('/api/hooks/');
  await expect(page.getByText('whsec_')).toHaveCount(0);
  await row.getByRole('button', { name: 'Delete Push' }).click();
  await page.getByRole('button', { name: 'Delete the trigger' }).click();
  await expect(page.getByText('Nothing else starts it')).toBeVisible();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('a chosen step comes into sight', async ({ page }) => {
    await page.goto('/recipes/repository-health-review/edit');
    await outline(page)
      .getByRole('button', { name: /^Report/ })
      .tap();
    await expect(page.getByRole('heading', { name: 'Report', level: 2 })).toBeInViewport();
  });
});

function recipe(slug: string, name: string): string {
  return [
    `slug: ${slug}`,
    `name: ${name}`,
    'steps:',
    '  - step_id: report',
    '    type: document',
    '    title: T',
    '    template: Hello',
    '',
  ].join('\n');
}
