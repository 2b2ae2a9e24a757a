import type { ToolDefinition } from '../definition.ts';
import { findTools } from '../hints/find-tools.ts';

export const utilityTools: ToolDefinition[] = [findTools];
