import type { ToolDefinition } from '../definition.ts';
import { gitBlame } from './git-blame.ts';
import { gitDiff } from './git-diff.ts';
import { gitHotspots } from './git-hotspots.ts';
import { gitLog } from './git-log.ts';

/** History of a repository. */
export const gitTools: readonly ToolDefinition[] = [gitLog, gitDiff, gitBlame, gitHotspots];
