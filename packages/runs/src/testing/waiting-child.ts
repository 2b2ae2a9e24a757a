/**
 * A process whose runs wait for a person inside of a part of a run, for tests that kill it. Arguments: database (URL or
 * data folder), the recorder's base URL, the workspace, and what to do: `start` a run, `decide` what is asked, or `end`:
 * wait for the end of the run. Prints `asked <approval id>`, `decided`, `ended <outcome>`.
 */
import { openDatabase } from '@automatos/database';
import { silentLogger } from '@automatos/kernel';
import type { JsonObject, JsonValue, WorkspaceId } from '@automatos/kernel';
import { createRuns } from '../runs-service.ts';
import type { RunContext } from '../types.ts';
import { eventually } from './eventually.ts';

const [where = '', recorder = '', workspace = '', task = 'end'] = process.argv.slice(2);
const workspaceId = workspace as WorkspaceId;
const say = (line: string) => process.stdout.write(`${line}\n`);
const by = { kind: 'system' as const, id: 'test', name: 'test' };
const database = await openDatabase({
  ...(where.startsWith('postgres') ? { url: where } : { dataDir: where }),
  logger: silentLogger,
});
const runs = createRuns({ database, logger: silentLogger });

const call = (context: RunContext, name: string) =>
  context.step(name, async ({ signal, idempotencyKey }) => {
    const response = await fetch(`${recorder}/${context.runId}/${name}`, {
      method: 'POST',
      headers: { 'idempotency-key': idempotencyKey },
      signal,
    });
    return (await response.json()) as JsonValue;
  });

const request = (kind: string) => ({
  kind,
  title: kind,
  plan: {},
  inputs: {},
  steps: [{ stepId: 'ask', name: 'ask', type: 'approval', dependsOn: [] }],
  by,
});

runs.registerKind({
  kind: 'part',
  async execute(context) {
    await call(context, 'inside');
    const lanes = await context.fork('both', 2);
    const [outcome, signal] = await Promise.all([
      lanes[0]?.approval({
        key: 'ask',
        stepId: 'ask',
        title: 'Go on?',
        message: '',
        timeoutMs: 600_000,
      }),
      lanes[1]?.signalled({ key: 'early', stepId: 'ask', name: 'early' }),
    ]);
    await call(context, 'after');
    return { outcome: outcome as unknown as JsonObject, signal: signal?.payload ?? null };
  },
});
runs.registerKind({
  kind: 'whole',
  async execute(context) {
    await call(context, 'before');
    const part = await context.subRun({ key: 'part', stepId: 'ask', start: request('part') });
    await call(context, 'last');
    return { part: part.outputs };
  },
});
await runs.launch();
if (task === 'start') await runs.start(workspaceId, request('whole'));

const [asked] = await eventually(
  async () =>
    (await runs.approvals(workspaceId, { limit: 10, approver: { ...by, role: 'owner' } })).items,
  (items) => items.length > 0,
);
if (!asked) throw new Error('nobody is asked');
if (task === 'start') {
  await runs.signal(workspaceId, asked.run_id, { name: 'early', payload: 'kept', by });
  await eventually(
    async () => {
      const taken = 'SELECT id FROM run_signals WHERE taken_by IS NOT NULL';
      return (await database.pool.query(taken)).rows;
    },
    (rows) => rows.length > 0,
  );
}
say(`asked ${asked.id}`);
if (task === 'decide') {
  const approver = { ...by, role: 'owner' };
  await runs.decide(workspaceId, asked.id, { decision: 'approve', comment: 'yes', approver });
  say('decided');
}
if (task === 'end') {
  const { items } = await runs.list(workspaceId, { limit: 10 });
  const whole = items.find((run) => run.kind === 'whole');
  const signal = new AbortController().signal;
  for await (const _event of runs.follow(workspaceId, whole?.id ?? '', { after: 0, signal }));
  const run = await runs.get(workspaceId, whole?.id ?? '');
  const events = await runs.events(workspaceId, asked.run_id, { after: 0, limit: 1000 });
  say(
    `ended ${JSON.stringify({ status: run.status, outputs: run.outputs, runs: items.length, types: events.map((event) => event.type) })}`,
  );
  await runs.stop();
  await database.close();
  say('closed');
}
