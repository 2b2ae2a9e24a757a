/**
 * A process with a runs room that a crash test kills. Arguments: database (`url` or data folder), the recorder's base
 * URL, and optionally a workspace in which to start a run. Prints `ready` and `ended <status>`.
 */
import { NO_USAGE } from '@automatos/contracts';
import { openDatabase } from '@automatos/database';
import { silentLogger, systemClock } from '@automatos/kernel';
import type { JsonValue, WorkspaceId } from '@automatos/kernel';
import { createEffectLedger } from '../effect-ledger.ts';
import { createRuns } from '../runs-service.ts';
import type { RunContext, StepAttempt } from '../types.ts';

const [where = '', recorder = '', workspaceId = '', startNew = ''] = process.argv.slice(2);
const database = await openDatabase({
  ...(where.startsWith('postgres') ? { url: where } : { dataDir: where }),
  logger: silentLogger,
});
const ledger = createEffectLedger({ database, clock: systemClock });
const runs = createRuns({ database, logger: silentLogger });

async function call(name: string, attempt: StepAttempt): Promise<JsonValue> {
  const response = await fetch(`${recorder}/${name}`, {
    method: 'POST',
    headers: { 'idempotency-key': attempt.idempotencyKey },
    signal: attempt.signal,
  });
  return (await response.json()) as JsonValue;
}

async function branch(lane: RunContext, name: string): Promise<JsonValue> {
  lane.emit({
    type: 'step.started',
    key: `${name}:started`,
    stepId: name,
    data: { name, type: 'tool', attempt: 1, depends_on: [] },
  });
  const results: JsonValue[] = [];
  for (let n = 1; n <= 3; n++)
    results.push(await lane.step(`${name}${n}`, (attempt) => call(`${name}${n}`, attempt)));
  lane.emit({
    type: 'step.completed',
    key: `${name}:completed`,
    stepId: name,
    data: { duration_ms: 1, output_preview: '', usage: NO_USAGE },
    attachment: { output: results },
  });
  return results;
}

runs.registerKind({
  kind: 'crash',
  async execute(context) {
    const first = await context.step('first', (attempt) => call('first', attempt));
    const [left, right] = await Promise.all([
      context.lane(1, (lane) => branch(lane, 'left')),
      context.lane(2, (lane) => branch(lane, 'right')),
    ]);
    const effect = await context.step('effect', (attempt) =>
      ledger.perform(
        {
          workspaceId: context.workspaceId,
          key: attempt.idempotencyKey,
          runId: context.runId,
          kind: 'post',
          request: {},
          repeatable: true,
        },
        () => call('effect', attempt),
      ),
    );
    const document = await context.saveArtifact({
      name: 'report',
      stepId: 'report',
      title: 'Report',
      format: 'markdown',
      contentType: 'text/markdown',
      content: '# done',
    });
    const last = await context.step('last', (attempt) => call('last', attempt));
    return { first, left, right, effect, document: document.id, last };
  },
});
await runs.launch();
const scope = workspaceId as WorkspaceId;
if (startNew === 'start') {
  const steps = ['left', 'right'].map((stepId) => ({
    stepId,
    name: stepId,
    type: 'tool',
    dependsOn: [],
  }));
  await runs.start(scope, {
    kind: 'crash',
    title: 'crash',
    plan: {},
    inputs: {},
    steps,
    by: { kind: 'system', id: 'test', name: 'test' },
  });
}
process.stdout.write('ready\n');
const { items } = await runs.list(scope, { limit: 1 });
const run = items[0];
if (run) {
  for await (const _event of runs.follow(scope, run.id, {
    after: 0,
    signal: new AbortController().signal,
  }));
  process.stdout.write(`ended ${JSON.stringify(await runs.get(scope, run.id))}\n`);
  process.stdout.write(
    `events ${JSON.stringify(await runs.events(scope, run.id, { after: 0, limit: 1000 }))}\n`,
  );
}
await runs.stop();
await database.close();
process.stdout.write('closed\n');
