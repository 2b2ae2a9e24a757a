/** Writes `docs/errors.md` and the generated tables of other pages; run it with the bundled Node 24, because it reads TypeScript. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderReferences } from './lib/reference-tables.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const [page, text] of Object.entries(await renderReferences(root)))
  writeFileSync(join(root, page), text);
