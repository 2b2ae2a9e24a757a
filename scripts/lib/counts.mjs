/** Reads how many tests passed and failed from the JSON reports of the test runners. */
import { readFileSync } from 'node:fs';

/** `{passed, failed, skipped}` of a vitest report; a file that could not be loaded counts as one failure. */
export function countVitest(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !hasFailedTest(file),
  ).length;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** `{passed, failed, skipped}` of a Playwright report; errors outside of tests, such as a server that did not start, count as failures. */
export function countPlaywright(report) {
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky + report.errors.length, skipped };
}

/** The counts of a run that ended with `exitCode`: a failure that no report explains is still a failure. */
export function countRun({ reportFile, exitCode, count }) {
  const counts = readCounts(reportFile, count);
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** The closing line of a test run. */
export function summaryLine(results) {
  const sum = (key) => results.reduce((total, result) => total + (result[key] ?? 0), 0);
  return `${sum('passed')} passed, ${sum('failed')} failed`;
}

function readCounts(file, count) {
  try {
    return count(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // The run ended before its report was written.
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function hasFailedTest(file) {
  return file.assertionResults.some((test) => test.status === 'failed');
}
