import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { expectStepStatus, kitchenOpened, runStatus, timelineRow } from './support/kitchen.ts';
import { test } from './support/test.ts';

const PATHS = `
inputs:
  type: object
  properties: { folder: { type: string, format: folder }, file: { type: string } }
  required: [folder, file]`;
const WORK = `
  - { step_id: scan, name: Scan, type: tool, tool: todo_scan, input: { path: '{{inputs.folder}}' } }`;
const READ = `
  - { step_id: read, name: Read, type: tool, tool: read_file, input: { path: '{{inputs.file}}' } }`;

const ASKING = `slug: asks-a-person
name: Asks a person
${PATHS}
steps: ${WORK}
  - step_id: ask
    name: Ask
    type: approval
    title: Go on with the shop?
    message: 'The **scan** is done.'
    fields: { type: object, properties: { audience: { type: string, title: Audience } }, required: [audience] }
${READ}
`;
const PLAIN = `slug: reads-a-file
name: Reads a file
${PATHS}
steps: ${WORK}
${READ}
`;

/** Sends as the browser of the owner does and answers with what came back. */
async function post<Answer>(page: Page, path: string, data: unknown): Promise<Answer> {
  const origin = new URL(page.url()).origin;
  const answer = await page.request.post(path, { data, headers: { origin } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return (await answer.json()) as Answer;
}

async function cook(page: Page, recipe: string, inputs: object): Promise<void> {
  await page.goto('/recipes');
  const slug = /slug: (\S+)/.exec(recipe)?.[1] ?? '';
  await post(page, '/api/workflow-recipes/import', { yaml: recipe, on_conflict: 'skip' });
  const run = await post<{ id: string }>(page, `/api/workflow-recipes/${slug}/execute`, { inputs });
  await page.goto(`/runs/${run.id}`);
  await kitchenOpened(page);
}

// axe looks at whole pages, in light and in dark.
test.slow();

const bell = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

test('a run asks: the bell counts it, the answer in the kitchen lets it go on', async ({
  page,
  repository,
}) => {
  const file = join(repository.path, 'package.json');
  await cook(page, ASKING, { folder: repository.path, file });
  await expect(runStatus(page, 'Waiting for approval')).toBeVisible();
  await page.goto('/');
  await expect(bell(page, 'Approvals, 1 open')).toBeVisible();
  await bell(page, 'Approvals, 1 open').click();
  await expectAccessible(page, 'list behind the bell');
  await page.getByRole('dialog').getByRole('link', { name: 'Go on with the shop?' }).click();

  const card = page.getByRole('region', { name: 'Go on with the shop?' });
  await expect(card.getByText('scan')).toBeVisible();
  await expect(card.getByText(/ left$/)).toBeVisible();
  await expect(card.getByRole('button', { name: 'Approve' })).toBeVisible();
  await expectAccessible(page, 'kitchen that asks');
  await card.getByRole('button', { name: 'Approve' }).click();
  await expect(card.getByText('Audience is needed.')).toBeVisible();
  await card.getByLabel('Audience').fill('team');
  await card.getByLabel('Comment').fill('Looks good');
  await card.getByRole('button', { name: 'Approve' }).click();

  await expect(runStatus(page, 'Completed')).toBeVisible();
  await expect(card).toHaveCount(0);
  await expect(bell(page, 'Approvals')).toBeVisible();
  await page.goto('/approvals');
  const decided = page.getByRole('list', { name: 'Decided approvals' });
  await expect(decided.getByRole('listitem').first()).toContainText('Looks good');
  await expect(decided.getByRole('listitem').first()).toContainText('Approved');
  await expectAccessible(page, 'approvals');
});

test('retry keeps what was done, a fork changes an input, two runs are compared, a log is played', async ({
  page,
  repository,
}) => {
  const late = join(repository.path, `late-${Date.now()}.txt`);
  const other = join(repository.path, 'package.json');
  await cook(page, PLAIN, { folder: repository.path, file: late });
  await expect(runStatus(page, 'Failed')).toBeVisible();
  await expectStepStatus(page, 'Scan', /Completed/);

  await test.step('retry does only what failed', async () => {
    const failed = page.url();
    await writeFile(late, 'here it is\n');
    await page.getByRole('button', { name: 'Retry from failed step' }).click();
    await page.waitForURL((url) => url.href !== failed);
    await kitchenOpened(page);
    await expect(runStatus(page, 'Completed')).toBeVisible();
    await expect(timelineRow(page, 'Scan')).toContainText('reused');
    await expect(timelineRow(page, 'Read')).not.toContainText('reused');
    await expect(page.getByRole('link', { name: 'an earlier run' }).first()).toBeVisible();
  });

  await test.step('a fork with another input', async () => {
    const before = page.url();
    await page.getByRole('button', { name: 'Fork…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Fork this run' });
    await dialog.getByLabel('First step to do again').selectOption('Read');
    await dialog.getByLabel('File').fill(other);
    await expectAccessible(page, 'fork');
    await dialog.getByRole('button', { name: 'Start the fork' }).click();
    await page.waitForURL((url) => url.href !== before);
    await kitchenOpened(page);
    await expect(runStatus(page, 'Completed')).toBeVisible();
  });

  await test.step('the comparison shows what was changed', async () => {
    await page.getByRole('button', { name: 'Compare with…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Compare', exact: true }).click();
    await page.waitForURL(/\/runs\/compare\?left=/);
    const inputs = page.getByRole('region', { name: 'Inputs' });
    await expect(inputs.getByText('/file')).toBeVisible();
    await expect(inputs.getByText(other)).toBeVisible();
    await expect(inputs.getByText(late)).toBeVisible();
    const steps = page.getByRole('list', { name: 'Steps of both runs' }).getByRole('listitem');
    await expect(steps.filter({ hasText: 'Scan' })).toContainText('same output');
    await expect(steps.filter({ hasText: 'Read' })).toContainText('Output differs');
    await expectAccessible(page, 'comparison');
    await page.goBack();
  });

  await test.step('the log is played to its end', async () => {
    await page.getByRole('tab', { name: /^Log/ }).click();
    await page.getByRole('button', { name: 'Replay' }).click();
    const replay = page.getByRole('region', { name: 'Replay' });
    const slider = replay.getByRole('slider');
    await expect(slider).toHaveValue('0');
    await replay.getByRole('button', { name: 'One event on' }).click();
    await expect(slider).toHaveValue('1');
    await expect(replay.getByText('Queued')).toBeVisible();
    await expectAccessible(page, 'replay');
    await replay.getByRole('button', { name: 'All', exact: true }).click();
    await replay.getByRole('button', { name: 'Play', exact: true }).click();
    await expect(slider).toHaveValue((await slider.getAttribute('max')) ?? '');
    await expect(replay.getByText('Completed', { exact: true }).first()).toBeVisible();
  });
});

test('the list of runs is narrowed in the address, and two of it are compared', async ({
  page,
  repository,
}) => {
  const file = join(repository.path, 'package.json');
  for (let count = 0; count < 2; count++) {
    await cook(page, PLAIN, { folder: repository.path, file });
    await expect(runStatus(page, 'Completed')).toBeVisible();
  }
  await page.goto('/runs?status=failed,completed&recipe=reads-a-file');
  await page.getByRole('button', { name: /^Failed/ }).click();
  await expect(page).toHaveURL(/status=completed(&|$)/);
  const rows = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
  await expect(rows.getByText('Failed')).toHaveCount(0);
  await page.getByRole('button', { name: 'Filters', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Completed', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await expectAccessible(page, 'runs with filters');
  await rows.nth(0).getByRole('checkbox').check();
  await rows.nth(1).getByRole('checkbox').check();
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Inputs' })).toContainText('The same');
  await page.goto('/runs?status=completed');
  await page.getByRole('button', { name: 'Reset filters' }).click();
  await expect(page).toHaveURL(/\/runs$/);
});
