/**
 * Pictures of the dashboard and the kitchen in light and dark, wide and on a phone: `node e2e/screenshots.ts <folder>`.
 * The web must be built (`npm start` once).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createFaultyRepository } from '@automatos/testing';
import { chromium } from '@playwright/test';
import type { Browser, Page } from '@playwright/test';
import { cookReview, runStatus } from './support/kitchen.ts';
import { createHeldModel } from './support/model.ts';
import { startProduct } from './support/product.ts';
import { signInOwner } from './support/sign-in.ts';
import type { Session } from './support/sign-in.ts';

const LOOKS = [
  { name: 'light-1440', width: 1440, height: 900, colorScheme: 'light' },
  { name: 'dark-1440', width: 1440, height: 900, colorScheme: 'dark' },
  { name: 'light-390', width: 390, height: 844, colorScheme: 'light' },
  { name: 'dark-390', width: 390, height: 844, colorScheme: 'dark' },
] as const;
const OTHER_PAGES = [
  'recipes',
  'recipes/repository-health-review',
  'runs',
  'agents',
  'agents/security',
  'tools',
  'providers',
  'providers?tab=routing',
  'providers?tab=models',
  'providers?tab=try',
  'providers/offline',
  'usage',
  'usage?tab=calls',
  'usage?tab=budgets',
  'credentials',
  'credentials?new=any',
  'settings',
  'settings/workspace',
  'settings/members',
  'settings/keys',
  'settings/my-data',
  'settings/security',
  'settings/privacy',
  'settings/privacy?tab=retention',
  'admin/users',
  'admin/workspaces',
];

const out = resolve(process.argv[2] ?? 'screenshots');
const root = await mkdtemp(join(tmpdir(), 'automatos-pictures-'));
await mkdir(out, { recursive: true });
const { path: folder } = await createFaultyRepository(join(root, 'shop'));
const model = await createHeldModel(folder);
const held = await startProduct({
  AUTOMATOS_ROOTS: root,
  OPENAI_COMPATIBLE_BASE_URL: `${model.wire.url}/v1`,
  LLM_DEFAULT_PROVIDER: 'openai-compatible',
  LLM_DEFAULT_MODEL: 'fake-model',
});
const offline = await startProduct({ AUTOMATOS_ROOTS: root });
const browser = await chromium.launch({
  executablePath: process.env['AUTOMATOS_TEST_CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const session = await signInOwner(offline.url);
  const first = await open(browser, LOOKS[0], { url: offline.url, session });
  await picture(first, 'dashboard-empty', '/');
  await picture(first, 'run-form', '/recipes/repository-health-review?cook=1');
  const finished = await cookReview(first, folder);
  await runStatus(first, 'Completed').waitFor({ timeout: 60_000 });
  model.hold('security', 9);
  const heldSession = await signInOwner(held.url);
  const live = await open(browser, LOOKS[0], { url: held.url, session: heldSession });
  const running = await cookReview(live, folder);
  await live.getByText('security piece 9;').waitFor();
  // The picture of the README: a whole kitchen with the calls of a step.
  await first.setViewportSize({ width: 1440, height: 1280 });
  await picture(first, 'execution-kitchen', `/runs/${finished}?step=security`);
  for (const look of LOOKS) {
    const page = await open(browser, look, { url: offline.url, session });
    await picture(page, `dashboard-${look.name}`, '/');
    await picture(page, `kitchen-finished-${look.name}`, `/runs/${finished}`);
    await picture(page, `report-${look.name}`, `/runs/${finished}?tab=report`);
    await picture(page, `findings-${look.name}`, `/runs/${finished}?tab=findings`);
    await picture(page, `log-${look.name}`, `/runs/${finished}?tab=log`);
    await picture(
      page,
      `source-${look.name}`,
      `/runs/${finished}?tab=findings&source=src/server.ts:24`,
    );
    for (const path of OTHER_PAGES)
      await picture(page, `${path.replaceAll(/[/?=]/g, '-')}-${look.name}`, `/${path}`);
    await page.context().close();
    const going = await open(browser, look, { url: held.url, session: heldSession });
    await picture(going, `kitchen-running-${look.name}`, `/runs/${running}`);
    await picture(going, `dashboard-running-${look.name}`, '/');
    await going.context().close();
  }
} finally {
  model.reset();
  await browser.close();
  await Promise.all([held.remove(), offline.remove()]);
  await model.wire.close();
  await rm(root, { recursive: true, force: true });
}

async function open(
  from: Browser,
  { width, height, colorScheme }: (typeof LOOKS)[number],
  { url, session }: { url: string; session: Session },
): Promise<Page> {
  const context = await from.newContext({
    baseURL: url,
    storageState: session,
    viewport: { width, height },
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto('/');
  return page;
}

/** The window of a page in the file `<name>-<look>.png`; what is still loading is waited for. */
async function picture(page: Page, file: string, path: string): Promise<void> {
  await page.goto(path);
  // Behind an open drawer the page is hidden from roles, so elements are looked for.
  await page.locator('h1').first().waitFor();
  await page.locator('.animate-breathe:visible').first().waitFor({ state: 'detached' });
  await page.waitForLoadState('load');
  await page.screenshot({ path: join(out, `${file}.png`), animations: 'disabled' });
}
