// Writes packages/sdk/src/generated from packages/sdk/openapi.json and stamps it with that file's hash.
import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createClient } from '@hey-api/openapi-ts';

const sdk = new URL('../../packages/sdk/', import.meta.url);
const text = await readFile(new URL('openapi.json', sdk), 'utf8');
const document = JSON.parse(text);

// The generator turns an operation that may answer as a stream into a stream only; pages must stay callable, and live
// events have their own reader (stream-run-events.ts).
for (const item of Object.values(document.paths)) {
  for (const operation of Object.values(item)) {
    for (const response of Object.values(operation.responses)) {
      if (response.content !== undefined) delete response.content['text/event-stream'];
    }
  }
}

await createClient({
  input: document,
  logs: { level: 'warn', file: false },
  output: {
    path: new URL('src/generated', sdk).pathname,
    module: { extension: '.ts' },
    tsConfigPath: null,
  },
  plugins: [
    { name: '@hey-api/client-fetch', throwOnError: true },
    '@hey-api/typescript',
    { name: '@hey-api/sdk', auth: false, client: false },
  ],
});

const generated = new URL('src/generated/', sdk);
// The product makes its own client (create-client.ts); a ready one at import time would be a second.
await rm(new URL('client.gen.ts', generated));
await rm(new URL('index.ts', generated));
// The generator's own runtime is not written for exactOptionalPropertyTypes. Its exported types still count.
for (const room of ['client/', 'core/']) {
  for (const name of await readdir(new URL(room, generated))) {
    const file = new URL(`${room}${name}`, generated);
    await writeFile(file, `// @ts-nocheck\n${await readFile(file, 'utf8')}`);
  }
}

// Of the content, not of its formatting; generated.test.ts checks it the same way.
const hash = createHash('sha256')
  .update(JSON.stringify(JSON.parse(text)))
  .digest('hex');
await writeFile(new URL('openapi.sha256', generated), `${hash}\n`);
