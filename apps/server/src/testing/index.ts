export { createMemoryIdempotencyStore, createTestAuthenticator, OTHER_WORKSPACE_ID, startEdge, testRoute } from './edge-fixture.ts';
export type { EdgeFixture } from './edge-fixture.ts';
export { createMemoryRuns } from './memory-runs.ts';
export type { MemoryRuns } from './memory-runs.ts';
