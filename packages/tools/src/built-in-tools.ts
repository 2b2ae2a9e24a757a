import type { ToolDefinition } from './definition.ts';
import { globFiles } from './files/glob-files.ts';
import { grepFiles } from './files/grep-files.ts';
import { listFiles } from './files/list-files.ts';
import { readFileTool } from './files/read-file.ts';
import { writeFileTool } from './files/write-file.ts';
import { secretScan } from './security/secret-scan.ts';

/** All tools that come with the product. */
export function builtInTools(): ToolDefinition[] {
  return [listFiles, readFileTool, globFiles, grepFiles, writeFileTool, secretScan];
}
