import type { AgentFixture } from './agent-fixture.fixture.ts';

/** Fixtures of all specialists, in the order of the table. */
export const AGENT_FIXTURES: readonly AgentFixture[] = [];
