import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countPlaywright, countRun, countVitest, summaryLine } from './counts.mjs';

const vitestReport = (files, numbers) => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: files,
  ...numbers,
});
const failedTest = { status: 'failed', assertionResults: [{ status: 'failed' }] };
const brokenFile = { status: 'failed', assertionResults: [] };

let folder;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'automatos-counts-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a test file that cannot be loaded is a failure beside the failed tests', () => {
  const report = vitestReport([failedTest, brokenFile], {
    numPassedTests: 5,
    numFailedTests: 1,
    numTodoTests: 2,
  });
  expect(countVitest(report)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

test('a browser run counts flaky tests and errors outside of tests as failures', () => {
  const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 2 };
  expect(countPlaywright({ stats, errors: [{}] })).toEqual({ passed: 3, failed: 3, skipped: 2 });
});

test('an exit code that no failed test explains is a failure', () => {
  const reportFile = join(folder, 'report.json');
  writeFileSync(reportFile, JSON.stringify(vitestReport([], { numPassedTests: 4 })));
  const run = { reportFile, count: countVitest };
  expect(countRun({ ...run, exitCode: 1 })).toEqual({ passed: 4, failed: 1, skipped: 0 });
  expect(countRun({ ...run, exitCode: 0 })).toEqual({ passed: 4, failed: 0, skipped: 0 });
});

test('a run without a report is a failure', () => {
  const run = { reportFile: join(folder, 'none.json'), count: countVitest, exitCode: 0 };
  expect(countRun(run).failed).toBe(1);
});

test('the closing line sums up all parts', () => {
  const results = [
    { passed: 2, failed: 0 },
    { passed: 10, failed: 1, skipped: 3 },
  ];
  expect(summaryLine(results)).toBe('12 passed, 1 failed');
});
