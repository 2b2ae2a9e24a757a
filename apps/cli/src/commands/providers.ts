import { parseArgs } from 'node:util';
import { getProviderHealth, listModels, listProviders, testProvider } from '@automatos/sdk';
import type { Client, Model, Provider } from '@automatos/sdk';
import { connect } from '../connection.ts';
import { dollars } from '../dollars.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, paint, type Shell } from '../shell.ts';
import { formatDuration } from '../watch/views.ts';

const EVIDENCE: Record<string, string> = {
  live: 'tried',
  'contract-fake': 'tried over the wire',
  documented: 'documented',
};

/** `automatos providers [list | health | test <id>]`. */
export async function providersCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...COMMON_OPTIONS, window: { type: 'string', default: '60' } },
    allowPositionals: true,
  });
  const [action = 'list', id] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values.json);
  if (action === 'health')
    return health(shell, client, { json: values.json, minutes: Number(values.window) });
  if (action !== 'test')
    throw new UsageError(`providers knows list, health and test, not "${action}".`);
  if (id === undefined) throw new UsageError('Name it: automatos providers test <id>');
  return test(shell, client, { id, json: values.json });
}

function stateOf(provider: Provider): string {
  if (!provider.usable) return 'not in this version';
  if (!provider.configured) return 'not configured';
  return provider.is_default ? 'ready, default' : 'ready';
}

async function list(shell: Shell, client: Client, json: boolean): Promise<number> {
  const { data } = await listProviders({ client });
  if (json) {
    shell.out(`${JSON.stringify(data)}\n`);
    return EXIT.completed;
  }
  const rows = data.items.map((provider) => [
    provider.id,
    stateOf(provider),
    provider.id === 'offline' ? '–' : (EVIDENCE[provider.evidence] ?? provider.evidence),
    String(provider.models),
    provider.name,
  ]);
  shell.out(formatTable([['PROVIDER', 'STATE', 'EVIDENCE', 'MODELS', 'NAME'], ...rows]));
  return EXIT.completed;
}

async function health(
  shell: Shell,
  client: Client,
  { json, minutes }: { json: boolean; minutes: number },
): Promise<number> {
  if (!Number.isInteger(minutes)) throw new UsageError('--window takes whole minutes.');
  const { data } = await getProviderHealth({ client, query: { window_minutes: minutes } });
  if (json) {
    shell.out(`${JSON.stringify(data)}\n`);
    return EXIT.completed;
  }
  const time = (ms: number | null) => (ms === null ? '–' : formatDuration(ms));
  if (data.models.length === 0) shell.out(`No model was called in the last ${minutes} min.\n`);
  else {
    const rows = data.models.map((model) => [
      `${model.provider}/${model.model}`,
      String(model.calls),
      model.success_rate === null
        ? '–'
        : `${(Math.floor(model.success_rate * 1000) / 10).toFixed(1)} %`,
      time(model.p50_ms),
      time(model.p95_ms),
      dollars(model.cost_micros),
    ]);
    shell.out(formatTable([['MODEL', 'CALLS', 'ANSWERED', 'P50', 'P95', 'COST'], ...rows]));
  }
  for (const circuit of data.circuits)
    if (circuit.state !== 'closed')
      shell.out(
        `circuit ${circuit.state} for ${circuit.provider}/${circuit.model}: ${circuit.reason ?? 'no reason given'}${circuit.retry_at === null ? '' : `, probe at ${circuit.retry_at}`}\n`,
      );
  return EXIT.completed;
}

/** A vendor that refuses is an answer, but a failed command: scripts wait for it. */
async function test(
  shell: Shell,
  client: Client,
  { id, json }: { id: string; json: boolean },
): Promise<number> {
  const { data } = await testProvider({ client, path: { provider: id } });
  if (json) shell.out(`${JSON.stringify(data)}\n`);
  else {
    const mark = data.ok ? paint(shell, 'green', 'ok') : paint(shell, 'red', 'failed');
    const code = data.code === null ? '' : ` (${data.code})`;
    shell.out(`${mark}: ${id} after ${formatDuration(data.duration_ms)}: ${data.detail}${code}\n`);
    for (const model of data.models) shell.out(`  ${model}\n`);
  }
  return data.ok ? EXIT.completed : EXIT.failed;
}

/** `automatos models [--provider <id>]`. */
export async function modelsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { ...COMMON_OPTIONS, provider: { type: 'string' } },
    allowPositionals: true,
  });
  const [action = 'list'] = positionals;
  if (action !== 'list') throw new UsageError(`models knows list, not "${action}".`);
  const { client } = connect(shell, values);
  const models = await allModels(client, values.provider);
  if (values.json) shell.out(`${JSON.stringify({ items: models })}\n`);
  else if (models.length === 0) shell.out('The catalogue has no such model.\n');
  else {
    const rows = models.map((model) => [
      `${model.provider}/${model.id}`,
      model.context_window === null ? 'unknown' : model.context_window.toLocaleString('en'),
      dollars(model.price.input_micros),
      dollars(model.price.output_micros),
      model.usable ? 'yes' : 'no',
      model.name,
    ]);
    shell.out(
      formatTable([['MODEL', 'WINDOW', 'IN, PER M', 'OUT, PER M', 'USABLE', 'NAME'], ...rows]),
    );
  }
  return EXIT.completed;
}

async function allModels(client: Client, provider: string | undefined): Promise<Model[]> {
  const models: Model[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string; provider?: string } = { limit: 100 };
    if (cursor !== null) query.cursor = cursor;
    if (provider !== undefined) query.provider = provider;
    const { data } = await listModels({ client, query });
    models.push(...data.items);
    cursor = data.next_cursor;
  } while (cursor !== null);
  return models;
}
