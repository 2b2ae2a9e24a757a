/** `node scripts/check-boundaries.mjs`: who imports whom, by the rules of .dependency-cruiser.cjs. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findViolations } from './lib/boundaries.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { modules, imports, violations } = findViolations(root, root);
for (const { rule, from, to } of violations) process.stdout.write(`${rule}: ${from} → ${to}\n`);
process.stdout.write(`${modules} modules, ${imports} imports, ${violations.length} violations\n`);
if (modules === 0 || imports === 0)
  process.stdout.write('No modules were read: the check itself is broken.\n');
if (modules === 0 || imports === 0 || violations.length > 0) process.exitCode = 1;
