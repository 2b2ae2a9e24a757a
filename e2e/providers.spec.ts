import { createLlmWireServer } from '@automatos/testing/llm-wire';
import type { LlmWireServer } from '@automatos/testing/llm-wire';
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { startProduct } from './support/product.ts';
import type { Product } from './support/product.ts';
import { signInOwner } from './support/sign-in.ts';
import type { Session } from './support/sign-in.ts';
import { test } from './support/test.ts';

const MODEL = 'house-model';
const GROQ = 'openai/gpt-oss-120b';
const USAGE = { input: 1000, output: 100 };

interface PricedProduct extends Product {
  session: Session;
  wire: LlmWireServer;
}

/** A product whose default model has no list price and always uses the same tokens. */
const pricedTest = test.extend<object, { priced: PricedProduct }>({
  priced: [
    // oxlint-disable-next-line no-empty-pattern -- the runner reads what a fixture needs from this pattern
    async ({}, use) => {
      const wire = await createLlmWireServer({
        script: () => ({ kind: 'answer', text: ['The house ', 'answers.'], usage: USAGE }),
      });
      const product = await startProduct({
        OPENAI_COMPATIBLE_BASE_URL: `${wire.url}/v1`,
        LLM_DEFAULT_PROVIDER: 'openai-compatible',
        LLM_DEFAULT_MODEL: MODEL,
      });
      await use({ ...product, wire, session: await signInOwner(product.url) });
      await product.remove();
      await wire.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ priced }, use) => use(priced.url),
  storageState: async ({ priced }, use) => use(priced.session),
});

const chain = (page: Page): Locator =>
  page.getByRole('list', { name: 'Chain of candidates' }).getByRole('listitem');

async function expectChain(page: Page, names: string[]): Promise<void> {
  await expect(chain(page)).toHaveCount(names.length);
  for (const [index, name] of names.entries())
    await expect(chain(page).nth(index)).toContainText(name);
}

async function addToChain(page: Page, provider: string, model: string): Promise<void> {
  const form = page.getByRole('region', { name: 'Chain' });
  await form.getByRole('combobox', { name: 'Provider' }).selectOption(provider);
  await form.getByLabel('Model', { exact: true }).fill(model);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
}

async function ask(page: Page, prompt: string): Promise<void> {
  await page.goto('/providers?tab=try');
  await page.getByRole('textbox', { name: 'Prompt' }).fill(prompt);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
}

test('the chain is built, sorted by keyboard and by dragging, saved, and there after a reload', async ({
  page,
}) => {
  await page.goto('/providers?tab=routing');
  await expect(page.getByText('The chain is empty')).toBeVisible();
  await addToChain(page, 'openai', 'gpt-5.4-mini');
  await addToChain(page, 'groq', 'no-such-model');
  await page.getByRole('button', { name: 'Save the routing' }).click();
  await expect(chain(page).nth(1).getByRole('alert')).toContainText('unknown model');
  await page.getByRole('button', { name: 'Remove groq/no-such-model' }).click();
  await addToChain(page, 'groq', GROQ);
  await addToChain(page, 'offline', 'offline-1');
  await expectChain(page, ['openai/gpt-5.4-mini', `groq/${GROQ}`, 'offline/offline-1']);
  await expect(chain(page).first()).toContainText('Not configured, passed over');

  const handle = page.getByRole('button', { name: `Move groq/${GROQ}`, exact: true });
  await handle.focus();
  await page.keyboard.press('ArrowUp');
  await expectChain(page, [`groq/${GROQ}`, 'openai/gpt-5.4-mini', 'offline/offline-1']);
  await expect(handle).toBeFocused();

  const from = await handle.boundingBox();
  const to = await chain(page).nth(2).boundingBox();
  if (from === null || to === null) throw new Error('the rows are not drawn');
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, to.y + to.height, { steps: 8 });
  await page.mouse.up();
  await expectChain(page, ['openai/gpt-5.4-mini', 'offline/offline-1', `groq/${GROQ}`]);

  await page.getByRole('radio', { name: /^By weight/ }).check();
  await page.getByRole('textbox', { name: 'Weight of openai/gpt-5.4-mini' }).fill('3');
  await page.getByRole('textbox', { name: /^Failures in a row/ }).fill('0');
  await page.getByRole('button', { name: 'Save the routing' }).click();
  await expect(page.getByText('From 1 to 100.')).toBeVisible();
  await page.getByRole('textbox', { name: /^Failures in a row/ }).fill('7');
  await expectAccessible(page, 'routing with changes');
  await page.getByRole('button', { name: 'Save the routing' }).click();
  await expect(page.getByText('The routing is saved')).toBeVisible();
  await page.reload();
  await expectChain(page, ['openai/gpt-5.4-mini', 'offline/offline-1', `groq/${GROQ}`]);
  await expect(page.getByRole('textbox', { name: 'Weight of openai/gpt-5.4-mini' })).toHaveValue(
    '3',
  );
  await expect(page.getByRole('textbox', { name: /^Failures in a row/ })).toHaveValue('7');
});

test('a change of somebody else is not overwritten unseen, and unsaved ones are not left unasked', async ({
  page,
  baseURL,
}) => {
  await page.goto('/providers?tab=routing');
  const waiting = page.getByRole('textbox', { name: /^Calls that may wait/ });
  await waiting.fill('42');
  await page.getByRole('tab', { name: 'Models' }).click();
  const question = page.getByRole('dialog', { name: 'Leave the routing without saving?' });
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(waiting).toHaveValue('42');

  const read = await page.request.get('/api/providers/router');
  const { settings } = (await read.json()) as { settings: { queue: object } };
  const theirs = { ...settings, queue: { ...settings.queue, max_waiting: 9 } };
  const written = await page.request.put('/api/providers/router', {
    data: theirs,
    headers: { 'if-match': read.headers()['etag'] ?? '', origin: baseURL ?? '' },
  });
  expect(written.ok(), await written.text()).toBe(true);
  await page.getByRole('button', { name: 'Save the routing' }).click();
  const conflict = page.getByRole('dialog', { name: /^Somebody else changed the routing/ });
  await expect(conflict.getByRole('row', { name: /queue\.max_waiting/ })).toContainText('42');
  await expectAccessible(page, 'conflict');
  await conflict.getByRole('button', { name: 'Take what is stored' }).click();
  await expect(waiting).toHaveValue('9');
  await expect(page.getByRole('button', { name: 'Save the routing' })).toHaveCount(0);
});

test('a trial with the offline provider says who answered, why, and that no model did', async ({
  page,
}) => {
  await page.goto('/providers?tab=try');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await expect(page.getByText('Write what you want to ask.')).toBeVisible();
  await page.getByRole('button', { name: 'Use an example' }).click();
  await page.getByRole('combobox', { name: 'Who answers' }).selectOption('chosen');
  await page.getByRole('combobox', { name: 'Provider' }).selectOption('offline');
  await expect(page.getByLabel('Model', { exact: true })).not.toHaveValue('');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  const answer = page.getByRole('status', { name: 'Answer' });
  await expect(answer).toContainText('Jupiter');
  await expect(answer).toContainText('rules, no model');
  await expect(answer).toContainText('$0.00');
  const attempts = answer.getByRole('list', { name: 'Attempts' }).getByRole('listitem');
  await expect(attempts.last()).toContainText('Answered');
  await expectAccessible(page, 'trial with its answer');

  await page.goto('/usage');
  const chart = page.locator('[data-chart="usage-by-day"]');
  await page.getByRole('combobox', { name: 'What is measured' }).selectOption('tokens');
  await expect(chart.locator('.recharts-bar-rectangle path').first()).toBeAttached();
  await expect(page.getByRole('table', { name: 'Tokens by day' })).toContainText('offline/');
  await page.getByRole('combobox', { name: 'Compared by' }).selectOption('source');
  await expect(page.getByRole('list', { name: 'Usage by who asked' })).toContainText(
    'Trials from the provider page',
  );
  await expectAccessible(page, 'usage with calls');
  await page.getByRole('tab', { name: 'Calls' }).click();
  const calls = page.getByRole('table', { name: 'Model calls' });
  await expect(calls.getByRole('row').filter({ hasText: 'offline/' }).first()).toContainText(
    'Trial',
  );
});

test('a provider page tests the connection and says what is missing', async ({ page }) => {
  await page.goto('/providers');
  await page.getByRole('link', { name: 'OpenAI', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'OpenAI', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await expect(page.getByRole('status', { name: 'Answer of the test' })).toContainText(
    'OPENAI_API_KEY',
  );
  await expectAccessible(page, 'provider with a failed test');
});

pricedTest(
  'an own price makes a cost, a budget refuses beyond it, and both are told',
  async ({ page, priced }) => {
    await ask(page, 'What does it cost?');
    const answer = page.getByRole('status', { name: 'Answer' });
    await expect(answer).toContainText('The house answers.');
    await expect(answer).toContainText('unknown');

    await page.goto('/providers?tab=models');
    await page.getByRole('button', { name: 'Price of another model' }).click();
    const form = page.getByRole('dialog', { name: 'Price of another model' });
    await form.getByRole('combobox', { name: 'Provider' }).selectOption('openai-compatible');
    await form.getByLabel('Model', { exact: true }).fill(MODEL);
    await form.getByRole('button', { name: 'Set the price' }).click();
    await expect(form.getByText('Output needs a price; write 0 for free.')).toBeVisible();
    await form.getByRole('textbox', { name: 'Input', exact: true }).fill('10');
    await form.getByRole('textbox', { name: 'Output', exact: true }).fill('20');
    await expectAccessible(page, 'price form');
    await form.getByRole('button', { name: 'Set the price' }).click();
    await page.getByLabel('Search models').fill(MODEL);
    const row = page.getByRole('table', { name: 'Models' }).getByRole('row').nth(1);
    await expect(row).toContainText('$10.00');
    await expect(row).toContainText('Own price');

    // 1,000 tokens in at $10 and 100 out at $20 per million.
    await ask(page, 'What does it cost now?');
    await expect(answer).toContainText('$0.012');

    await page.goto('/usage?tab=budgets');
    await page.getByRole('button', { name: 'New budget' }).click();
    const budget = page.getByRole('dialog', { name: 'New budget' });
    await budget.getByRole('textbox', { name: 'Name' }).fill('Tiny');
    await budget.getByRole('textbox', { name: 'Limit in dollars' }).fill('0.0001');
    await expectAccessible(page, 'budget form');
    await budget.getByRole('button', { name: 'Save the budget' }).click();
    const listed = page.getByRole('list', { name: 'Budgets' }).getByRole('listitem');
    await expect(listed).toContainText('Tiny');

    const sent = priced.wire.records.length;
    await ask(page, 'And beyond the budget?');
    await expect(page.getByRole('alert').filter({ hasText: 'No answer' })).toContainText(
      'providers.budget.exceeded',
    );
    expect(priced.wire.records.length, 'nothing was sent').toBe(sent);
    await page.getByRole('link', { name: 'See the budgets' }).click();
    await expect(listed).toContainText('1 call refused');
    await expectAccessible(page, 'budgets');
    await listed.getByRole('button', { name: 'Delete Tiny' }).click();
    const question = page.getByRole('dialog', { name: 'Delete “Tiny”?' });
    await question.getByRole('button', { name: 'Delete the budget' }).click();
    await expect(page.getByText('Nothing limits what models may cost')).toBeVisible();
  },
);
