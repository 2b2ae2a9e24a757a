import { expect } from '@playwright/test';
import {
  cookReview,
  expectStepStatus,
  kitchenOpened,
  logNumbers,
  meter,
  openStep,
  runStatus,
  textOfTurn,
} from './support/kitchen.ts';
import { heldTest } from './support/test.ts';

heldTest.describe('a run under control', () => {
  heldTest(
    'text shows piece by piece; pause stops before the next step, resume goes on',
    async ({ page, held: { model }, repository }) => {
      model.hold('security', 2);
      await cookReview(page, repository.path);
      const text = textOfTurn(await openStep(page, 'Security'), 2);
      await expect(text).toHaveText('security piece 1; security piece 2;');
      model.hold('documentation', 1);

      await heldTest.step('pause lets the call under way end and makes no other', async () => {
        await page.getByRole('button', { name: 'Pause' }).click();
        await expect(runStatus(page, 'Paused')).toBeVisible();
        await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
        const asked = model.wire.records.length;
        model.release('security');
        await expect(text).toHaveText(model.textOf('security'));
        await expectStepStatus(page, 'Security', /Completed/);
        expect(model.wire.records.length).toBe(asked);
      });

      await heldTest.step('a paused run stays paused over a reload', async () => {
        await page.reload();
        await expect(runStatus(page, 'Paused')).toBeVisible();
      });

      await heldTest.step('resume finishes it', async () => {
        await page.getByRole('button', { name: 'Resume' }).click();
        const detail = await openStep(page, 'Documentation and verdict');
        await expect(textOfTurn(detail, 2)).toHaveText('documentation piece 1;');
        model.release('documentation');
        await expect(runStatus(page, 'Completed')).toBeVisible();
        await expect(page.getByRole('button', { name: 'Read the report' })).toBeVisible();
      });
    },
  );

  heldTest(
    'cancel asks first, then ends the run and its model call at the vendor',
    async ({ page, held: { model }, repository }) => {
      model.hold('security', 2);
      await cookReview(page, repository.path);
      const text = textOfTurn(await openStep(page, 'Security'), 2);
      await expect(text).toHaveText('security piece 1; security piece 2;');
      const call = model.texts('security').at(0);
      expect(call?.state).toBe('open');

      await page.getByRole('button', { name: 'Cancel run' }).click();
      await page.getByRole('button', { name: 'Keep it running' }).click();
      expect(call?.state).toBe('open');
      await page.getByRole('button', { name: 'Cancel run' }).click();
      await page.getByRole('button', { name: 'Cancel the run' }).click();

      await expect(runStatus(page, 'Cancelled')).toBeVisible();
      await expect.poll(() => call?.state).toBe('aborted');
      expect(model.texts('security')).toHaveLength(1);
      await expectStepStatus(page, 'Documentation and verdict', /(Cancelled|Skipped)/);
      await expect(page.getByRole('button', { name: 'Pause' })).toHaveCount(0);
      await expect(page.getByRole('link', { name: 'Cook again' })).toBeVisible();
      await page.goto('/runs');
      await expect(page.getByRole('list', { name: 'Runs' }).locator('> li').first()).toContainText(
        'Cancelled',
      );
    },
  );

  heldTest(
    'after kill -9 in a model call the page comes back by itself and the run completes',
    async ({ page, held, repository }) => {
      const { model } = held;
      model.hold('security', 3);
      const runId = await cookReview(page, repository.path);
      await expectStepStatus(page, 'Code', /Completed/);
      const text = textOfTurn(await openStep(page, 'Security'), 2);
      await expect(text).toHaveText('security piece 1; security piece 2; security piece 3;');

      await held.kill();
      await expect(page.getByText('Reconnecting…')).toBeVisible();
      model.release('security');
      await held.start();

      await expect(runStatus(page, 'Completed')).toBeVisible({ timeout: 60_000 });
      await expect(page.getByText(/This run was continued 1 time/)).toBeVisible();
      await expect(text).toHaveText(model.textOf('security'));
      // Only the call that was cut is made again: finished ones are neither made nor paid twice.
      expect(model.texts('security')).toHaveLength(2);
      expect(model.texts('code')).toHaveLength(1);
      expect(model.wire.records).toHaveLength(7);
      await expect(meter(page, 'Tool calls')).toHaveText('12');
      const numbers = await logNumbers(page);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      await page.reload();
      expect(await kitchenOpened(page)).toBe(runId);
      expect(await logNumbers(page)).toEqual(numbers);
    },
  );
});
