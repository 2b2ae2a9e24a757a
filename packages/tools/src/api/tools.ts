import type { ToolDefinition } from '../definition.ts';
import { apiClient } from './api-client.ts';
import { apiMock } from './api-mock.ts';
import { contractTest } from './contract-test.ts';
import { openapiDiff } from './openapi-diff.ts';
import { openapiLint } from './openapi-lint.ts';

/** API descriptions and the servers that keep to them. */
export const apiTools: readonly ToolDefinition[] = [
  openapiLint,
  openapiDiff,
  contractTest,
  apiMock,
  apiClient,
];
