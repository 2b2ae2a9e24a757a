import { parseArgs } from 'node:util';
import { defaultScript } from './default-script.ts';
import { createLlmWireServer } from './server.ts';

/**
 * The wire server as a process of its own, for crash tests: `node main.ts --port 0 --journal requests.jsonl [--delay-ms 50]`.
 * Prints one JSON line with its URL when it listens; ends on SIGTERM or SIGINT.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    journal: { type: 'string' },
    'delay-ms': { type: 'string' },
  },
});
const delayMs = values['delay-ms'] === undefined ? undefined : Number(values['delay-ms']);

const server = await createLlmWireServer({
  port: Number(values.port),
  ...(values.journal === undefined ? {} : { journal: values.journal }),
  script: async (request) => {
    const reply = await defaultScript(request);
    return delayMs === undefined || reply.kind !== 'answer' ? reply : { ...reply, delayMs };
  },
});
process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void server.close().then(() => process.exit(0)));
