import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';

const REVIEW = '/recipes/repository-health-review';

/** Starts the health review from its form; the page shows the Execution Kitchen afterwards. */
export async function cookReview(page: Page, folder: string, origin = ''): Promise<string> {
  await page.goto(`${origin}${REVIEW}?cook=1`);
  const form = page.getByRole('dialog', { name: /^Cook / });
  await form.getByRole('textbox', { name: 'Folder' }).fill(folder);
  await form.getByRole('button', { name: 'Start cooking' }).click();
  return kitchenOpened(page);
}

/** Waits for the kitchen of a run and returns the id of the run. */
export async function kitchenOpened(page: Page): Promise<string> {
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}/);
  await expect(page.getByRole('tab', { name: 'Kitchen' })).toBeVisible();
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** Status of the run in the head of the kitchen. */
export function runStatus(page: Page, status: string): Locator {
  return page.getByRole('main').locator('header').getByText(status, { exact: true });
}

/** A figure of the head of the kitchen, for example `Tokens`. */
export function meter(page: Page, label: string): Locator {
  const term = page.getByRole('main').locator('header dt').getByText(label, { exact: true });
  return term.locator('xpath=following-sibling::dd');
}

/** Row of a step in the timeline; it says the status of the step. */
export function timelineRow(page: Page, step: string): Locator {
  const rows = page.getByRole('list', { name: 'Timeline of the steps' }).getByRole('button');
  return rows.filter({ has: page.getByText(step, { exact: true }) });
}

export async function expectStepStatus(page: Page, step: string, status: RegExp): Promise<void> {
  await expect(timelineRow(page, step)).toHaveAccessibleName(status);
}

/** The detail of a step, chosen in the timeline. */
export async function openStep(page: Page, step: string): Promise<Locator> {
  await timelineRow(page, step).click();
  const detail = page.getByRole('region', { name: step, exact: true });
  await expect(detail).toBeVisible();
  return detail;
}

/** Heads of the tool calls in the detail of a step, of one tool or of all. */
export function toolCalls(detail: Locator, tool?: string): Locator {
  const heads = detail.locator('summary').filter({ hasText: 'Tool call' });
  return tool === undefined
    ? heads
    : heads.filter({ has: detail.page().getByText(tool, { exact: true }) });
}

/** What the model wrote in one turn of a step. */
export function textOfTurn(detail: Locator, turn: number): Locator {
  return detail.getByLabel(`Text of turn ${turn}`);
}

/** Sequence numbers of all events in the log tab, pieces of text included. */
export async function logNumbers(page: Page): Promise<number[]> {
  await page.getByRole('tab', { name: /^Log/ }).click();
  const pieces = page.getByRole('switch', { name: 'Show pieces of streamed text' });
  await pieces.click();
  await expect(pieces).toBeChecked();
  const rows = page.getByRole('list', { name: 'Events' }).locator('summary > span:first-child');
  await expect(rows.first()).toBeVisible();
  return (await rows.allTextContents()).map(Number);
}
