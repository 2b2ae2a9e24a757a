import type { ToolDefinition } from '../definition.ts';
import { coverageRead } from './coverage-read.ts';
import { flakyTests } from './flaky-tests.ts';
import { generateTests } from './generate-tests.ts';
import { mutationSample } from './mutation-sample.ts';
import { testGaps } from './test-gaps.ts';
import { testInventory } from './test-inventory.ts';

/** Tests and what they are worth. */
export const testingTools: readonly ToolDefinition[] = [
  testInventory,
  coverageRead,
  testGaps,
  generateTests,
  mutationSample,
  flakyTests,
];
