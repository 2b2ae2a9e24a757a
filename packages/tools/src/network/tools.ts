import type { ToolDefinition } from '../definition.ts';
import { httpRequest } from './http-request.ts';

/** Requests to the outside. */
export const networkTools: readonly ToolDefinition[] = [httpRequest];
