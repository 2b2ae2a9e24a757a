/** Writes `.env.example` at the repository root; a test fails when it is not current. */
import { writeFileSync } from 'node:fs';
import { renderEnvExample } from '../src/config-settings.ts';

writeFileSync(new URL('../../../.env.example', import.meta.url), renderEnvExample());
