import type { ToolDefinition } from '../definition.ts';
import { gitHotspots } from './git-hotspots.ts';
import { gitLog } from './git-log.ts';

/** History of a repository. */
export const gitTools: readonly ToolDefinition[] = [gitLog, gitHotspots];
