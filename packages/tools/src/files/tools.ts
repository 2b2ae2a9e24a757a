import type { ToolDefinition } from '../definition.ts';
import { globFiles } from './glob-files.ts';
import { grepFiles } from './grep-files.ts';
import { listFiles } from './list-files.ts';
import { readFileTool } from './read-file.ts';
import { writeFileTool } from './write-file.ts';

/** Files of the workspace. */
export const filesTools: readonly ToolDefinition[] = [
  listFiles,
  readFileTool,
  globFiles,
  grepFiles,
  writeFileTool,
];
