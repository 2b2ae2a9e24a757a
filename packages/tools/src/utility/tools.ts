import type { ToolDefinition } from '../definition.ts';
import { findTools } from '../hints/find-tools.ts';
import { calculator } from './calculator.ts';
import { dateTime } from './date-time.ts';
import { jsonQuery } from './json-query.ts';
import { scratchpadRead, scratchpadWrite } from './scratchpad.ts';
import { textDiff } from './text-diff.ts';

export const utilityTools: ToolDefinition[] = [
  calculator,
  dateTime,
  jsonQuery,
  textDiff,
  scratchpadRead,
  scratchpadWrite,
  findTools,
];
