import { rm } from 'node:fs/promises';
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import { expectAccessible } from './support/accessibility.ts';
import { layCable } from './support/cable.ts';
import {
  cookReview,
  expectStepStatus,
  kitchenOpened,
  logNumbers,
  meter,
  openStep,
  runStatus,
  textOfTurn,
  toolCalls,
} from './support/kitchen.ts';
import { OWNER } from './support/sign-in.ts';
import { heldTest, outsideFolder, startFresh, test as signedIn } from './support/test.ts';

const TOOLS = {
  Security: ['secret_scan', 'sast_scan', 'dependency_audit', 'lockfile_integrity', 'licence_check'],
  Code: ['code_metrics', 'duplicates', 'import_cycles', 'git_hotspots', 'todo_scan'],
  'Documentation and verdict': ['doc_coverage', 'link_check'],
};

signedIn.describe('from a fresh data folder to a report with evidence', () => {
  signedIn.use({ storageState: { cookies: [], origins: [] } });

  signedIn(
    'a person signs up, cooks the health review and reads every planted fault',
    async ({ page, repository }) => {
      const product = await startFresh();
      const outside = await outsideFolder();
      try {
        await signedIn.step('the first page leads to sign-up', async () => {
          await page.goto(product.url);
          await page.waitForURL('**/sign-up');
          await expect(page.getByRole('heading', { name: 'Set up Automatos' })).toBeVisible();
          await expectAccessible(page, 'sign-up');
        });

        await signedIn.step('sign-up leads to the dashboard', async () => {
          await page.getByLabel('Name').fill(OWNER.name);
          await page.getByLabel('E-mail').fill(OWNER.email);
          await page.getByLabel('Password').fill('too short');
          await page.getByRole('button', { name: 'Create owner account' }).click();
          await expect(page.getByText('Use at least 10 characters.')).toBeVisible();
          await page.getByLabel('Password').fill(OWNER.password);
          await page.getByRole('button', { name: 'Create owner account' }).click();
          await expect(page.getByRole('heading', { name: 'Dashboard', level: 1 })).toBeVisible();
          await expect(page.getByText('Nothing is cooking right now.')).toBeVisible();
        });

        await signedIn.step('the gallery leads to the recipe and its form', async () => {
          await page.getByRole('navigation', { name: 'Main' }).getByText('Recipes').click();
          await expect(page.getByRole('heading', { name: 'Recipes', level: 1 })).toBeVisible();
          await page.getByRole('link', { name: 'Repository health review', exact: true }).click();
          await expect(page.getByRole('list', { name: 'Steps' })).toContainText('Security');
          await page.getByRole('button', { name: 'Cook' }).click();
        });

        const form = page.getByRole('dialog', { name: 'Cook Repository health review' });
        const folder = form.getByRole('textbox', { name: 'Folder' });
        const start = form.getByRole('button', { name: 'Start cooking' });

        await signedIn.step('bad input is refused at its field, and nothing starts', async () => {
          await start.click();
          await expect(folder).toHaveAccessibleDescription(/Folder is needed\./);
          for (const [bad, reason] of [
            [outside, /outside the allowed folders/],
            [`${repository.path}/../no-such-folder`, /Nothing exists at/],
            [`${repository.path}/README.md`, /is no folder/],
          ] as const) {
            await folder.fill(bad);
            await start.click();
            await expect(folder).toHaveAccessibleDescription(reason);
            await expect(folder).toHaveAttribute('aria-invalid', 'true');
          }
          const runs = await page.request.get(`${product.url}/api/runs`);
          expect(await runs.json()).toMatchObject({ items: [], total: 0 });
        });

        await signedIn.step(
          'a good folder starts the run; a reload in it changes nothing',
          async () => {
            await folder.fill(repository.path);
            await start.click();
            await kitchenOpened(page);
            await page.reload();
            await kitchenOpened(page);
            await expect(runStatus(page, 'Completed')).toBeVisible({ timeout: 60_000 });
          },
        );

        await signedIn.step('steps, tool calls and figures stand in the kitchen', async () => {
          await expectToolCallsOnce(page);
          await expect(meter(page, 'Tokens')).toHaveText(/\d/);
          await expect(meter(page, 'Cost')).toHaveText('$0.00');
          await expect(meter(page, 'Duration')).toHaveText(/\d (ms|s)$/);
          await expect(meter(page, 'Tool calls')).toHaveText('12');
        });

        await signedIn.step('the report lists every planted fault at its line', async () => {
          await page.getByRole('button', { name: 'Read the report' }).click();
          const table = page
            .getByRole('table')
            .filter({ has: page.getByRole('columnheader', { name: 'Where' }) });
          await expect(table).toBeVisible();
          for (const { rule, path, line } of repository.planted) {
            const row = table
              .getByRole('row')
              .filter({
                has: page.getByRole('button', { name: `Open source ${path}:${line}`, exact: true }),
              })
              .filter({ has: page.getByRole('cell', { name: rule, exact: true }) });
            await expect(row, `${rule} at ${path}:${line}`).toHaveCount(1);
          }
          await expect(page.getByText('No language model was configured.')).toBeVisible();
        });

        await signedIn.step(
          'findings can be filtered, and open the source at their line',
          async () => {
            const run = page.url().replace('/runs/', '/api/runs/').replace(/\?.*$/, '');
            await expectFindings(page, run, repository.planted.length);
            await expectSource(page);
          },
        );
      } finally {
        await product.remove();
        await rm(outside, { recursive: true, force: true });
      }
    },
  );
});

async function expectToolCallsOnce(page: Page): Promise<void> {
  for (const [step, tools] of Object.entries(TOOLS)) {
    await expectStepStatus(page, step, /Completed/);
    const detail = await openStep(page, step);
    for (const tool of tools) await expect(toolCalls(detail, tool)).toHaveCount(1);
    await expect(toolCalls(detail)).toHaveCount(tools.length);
  }
}

async function expectFindings(page: Page, run: string, planted: number): Promise<void> {
  const count = async (filter: string) => {
    const response = await page.request.get(`${run}/findings?limit=1${filter}`);
    return ((await response.json()) as { total: number }).total;
  };
  const [all, critical] = [await count(''), await count('&severity=critical')];
  expect(all).toBeGreaterThanOrEqual(planted);
  expect(critical).toBeGreaterThan(0);
  await page.getByRole('tab', { name: /^Findings/ }).click();
  await expect(page.getByRole('tab', { name: /^Findings/ })).toContainText(String(all));
  const findings = page.getByRole('list', { name: 'Findings' }).locator('> li');
  await expect(findings).toHaveCount(all);
  await page.getByLabel('Severity').selectOption('critical');
  await expect(findings).toHaveCount(critical);
  await expect(findings.filter({ hasText: 'Critical' })).toHaveCount(critical);
  await page.getByLabel('Found in step').selectOption({ label: 'Documentation and verdict' });
  await expect(page.getByText('No finding matches')).toBeVisible();
  await page.getByLabel('Severity').selectOption('');
  await expect(findings.filter({ hasText: 'docs.broken_link' })).toHaveCount(1);
  await page.getByLabel('Found in step').selectOption('');
  await expect(findings).toHaveCount(all);
}

async function expectSource(page: Page): Promise<void> {
  const finding = page
    .getByRole('list', { name: 'Findings' })
    .locator('> li')
    .filter({ hasText: 'js.eval' });
  await finding.getByRole('button', { name: /^Open source src\/server\.ts:\d+$/ }).click();
  const source = page.getByRole('dialog', { name: 'src/server.ts' });
  const marked = source.locator('tr[aria-current="location"]');
  await expect(marked).toContainText('return eval(formula);');
  await expect(marked).toBeInViewport();
  await page.keyboard.press('Escape');
  await expect(source).toBeHidden();
}

heldTest.describe('while the run goes on', () => {
  heldTest(
    'text and calls show live; a reload and a lost network lose and double nothing',
    async ({ page, held: { model, url }, repository }) => {
      const cable = await layCable(url);
      model.hold('security', 3);
      model.hold('documentation', 5);
      await cookReview(page, repository.path, cable.url);

      await heldTest.step(
        'steps and tool calls appear, and text as far as it is written',
        async () => {
          const detail = await openStep(page, 'Security');
          for (const tool of TOOLS.Security) {
            await expect(toolCalls(detail, tool)).toContainText('Completed');
          }
          await expect(textOfTurn(detail, 2)).toHaveText(piecesUpTo(model.textOf('security'), 3));
          await expectStepStatus(page, 'Security', /Running/);
          await expectStepStatus(page, 'Code', /Completed/);
          await expectStepStatus(page, 'Documentation and verdict', /Waiting/);
          await expect(runStatus(page, 'Running')).toBeVisible();
          await expect(page.getByText('Live', { exact: true })).toBeVisible();
        },
      );

      await heldTest.step('a reload shows the same, once', async () => {
        await page.reload();
        const detail = await openStep(page, 'Security');
        for (const tool of TOOLS.Security) await expect(toolCalls(detail, tool)).toHaveCount(1);
        await expect(textOfTurn(detail, 2)).toHaveText(piecesUpTo(model.textOf('security'), 3));
      });

      await heldTest.step(
        'what happens while the network is away shows after its return',
        async () => {
          cable.cut();
          await expect(page.getByText('Reconnecting…')).toBeVisible();
          model.release('security');
          await expect.poll(() => model.texts('documentation').length).toBe(1);
          cable.join();
          const detail = await openStep(page, 'Documentation and verdict');
          await expect(textOfTurn(detail, 2)).toHaveText(
            piecesUpTo(model.textOf('documentation'), 5),
            {
              timeout: 30_000,
            },
          );
        },
      );

      await heldTest.step('the finished run shows everything once', async () => {
        model.release('documentation');
        await expect(runStatus(page, 'Completed')).toBeVisible({ timeout: 30_000 });
        await expectToolCallsOnce(page);
        for (const [step, name] of [
          ['security', 'Security'],
          ['code', 'Code'],
          ['documentation', 'Documentation and verdict'],
        ] as const) {
          await expect(textOfTurn(await openStep(page, name), 2)).toHaveText(model.textOf(step));
          expect(model.texts(step)).toHaveLength(1);
        }
        await expect(meter(page, 'Model calls')).toHaveText('6');
        await expect(meter(page, 'Tokens')).toHaveText('16,980');
        const live = await logNumbers(page);
        expect(live).toEqual(live.map((_, index) => index + 1));
        await page.reload();
        expect(await logNumbers(page)).toEqual(live);
      });
      await cable.close();
    },
  );
});

function piecesUpTo(text: string, pieces: number): string {
  return text.split('; ').slice(0, pieces).join('; ') + ';';
}
