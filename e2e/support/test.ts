import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base } from '@playwright/test';
import { createFaultyRepository } from '@automatos/testing';
import type { FaultyRepository } from '@automatos/testing';
import { createHeldModel } from './model.ts';
import type { HeldModel } from './model.ts';
import { startProduct } from './product.ts';
import type { Product } from './product.ts';
import { signInOwner } from './sign-in.ts';
import type { Session } from './sign-in.ts';

/** A product whose model answers when the test says so. */
export interface HeldProduct extends Product {
  model: HeldModel;
  session: Session;
}

interface WorkerFixtures {
  /** A repository with planted faults, inside the folders that the products may read. */
  repository: FaultyRepository;
  /** Session of the owner of the product that `npm start` started. */
  ownerSession: Session;
  held: HeldProduct;
}

/** Pages of the product that `npm start` started, signed in as its owner. */
export const test = base.extend<object, WorkerFixtures>({
  repository: [
    // oxlint-disable-next-line no-empty-pattern -- the runner reads what a fixture needs from this pattern
    async ({}, use) => {
      const root = requiredSetting('AUTOMATOS_E2E_ROOT');
      const folder = await mkdtemp(join(root, 'shop-'));
      await use(await createFaultyRepository(join(folder, 'shop')));
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  ownerSession: [
    // oxlint-disable-next-line no-empty-pattern -- the runner reads what a fixture needs from this pattern
    async ({}, use) => {
      await use(await signInOwner(`http://127.0.0.1:${requiredSetting('AUTOMATOS_E2E_PORT')}`));
    },
    { scope: 'worker' },
  ],
  held: [
    async ({ repository }, use) => {
      const model = await createHeldModel(repository.path);
      const product = await startProduct({
        AUTOMATOS_ROOTS: requiredSetting('AUTOMATOS_E2E_ROOT'),
        OPENAI_COMPATIBLE_BASE_URL: `${model.wire.url}/v1`,
        LLM_DEFAULT_PROVIDER: 'openai-compatible',
        LLM_DEFAULT_MODEL: 'fake-model',
      });
      await use({ ...product, model, session: await signInOwner(product.url) });
      await product.remove();
      await model.wire.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  storageState: async ({ ownerSession }, use) => use(ownerSession),
});

/** Pages of the product with the held model, signed in as its owner. */
export const heldTest = test.extend({
  baseURL: async ({ held }, use) => use(held.url),
  storageState: async ({ held }, use) => {
    held.model.reset();
    await use(held.session);
    held.model.reset();
  },
});

/** Starts a product with the offline provider on a fresh folder, which nobody owns yet. */
export function startFresh(): Promise<Product> {
  return startProduct({ AUTOMATOS_ROOTS: requiredSetting('AUTOMATOS_E2E_ROOT') });
}

function requiredSetting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is set by playwright.config.ts.`);
  return value;
}

/** An empty folder outside of everything that the products may read. */
export function outsideFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'automatos-e2e-outside-'));
}
