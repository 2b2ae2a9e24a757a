import type { AgentFixture } from './agent-fixture.fixture.ts';
import { apiFixture } from './api.fixture.ts';
import { dataFixture } from './data.fixture.ts';
import { integrationFixture } from './integration.fixture.ts';
import { intelligenceFixture } from './intelligence.fixture.ts';
import { monitoringFixture } from './monitoring.fixture.ts';
import { deploymentFixture } from './deployment.fixture.ts';
import { researchFixture } from './research.fixture.ts';
import { codeFixture } from './code.fixture.ts';
import { securityFixture } from './security.fixture.ts';
import { testingFixture } from './testing.fixture.ts';
import { performanceFixture } from './performance.fixture.ts';
import { documentationFixture } from './documentation.fixture.ts';

/** Fixtures of all specialists, in the order of the table. */
export const AGENT_FIXTURES: readonly AgentFixture[] = [
  securityFixture,
  codeFixture,
  deploymentFixture,
  apiFixture,
  dataFixture,
  monitoringFixture,
  testingFixture,
  performanceFixture,
  integrationFixture,
  intelligenceFixture,
  researchFixture,
  documentationFixture,
];
