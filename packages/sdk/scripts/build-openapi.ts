import { writeFile } from 'node:fs/promises';
import { allRoutes, buildOpenApiDocument, OPENAPI_INFO } from '@automatos/contracts';

const document = buildOpenApiDocument(allRoutes(), OPENAPI_INFO);
const target = new URL('../openapi.json', import.meta.url);
await writeFile(target, `${JSON.stringify(document, null, 2)}\n`);
process.stdout.write(`wrote ${target.pathname}\n`);
