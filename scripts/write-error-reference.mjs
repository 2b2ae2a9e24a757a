/** Writes `docs/errors.md`; run it with the bundled Node 24, because it reads TypeScript. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_KINDS } from '@automatos/kernel';
import { readErrorCodes, renderErrorReference } from './lib/error-reference.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const text = renderErrorReference(ERROR_KINDS, await readErrorCodes(root));
writeFileSync(join(root, 'docs/errors.md'), text);
