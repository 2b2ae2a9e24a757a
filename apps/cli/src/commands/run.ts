import { parseArgs } from 'node:util';
import type { JsonObject } from '@automatos/kernel';
import {
  cancelRun,
  executeRecipe,
  getRecipe,
  getRun,
  listRunArtifacts,
  listRunFindings,
  listRunSteps,
  streamRunEvents,
  type Client,
  type Run,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, exitCodeOfRun, UsageError } from '../exit-codes.ts';
import { readInputs } from '../inputs.ts';
import { COMMON_OPTIONS, paint, type Shell } from '../shell.ts';
import { startOnce, toPriority } from './start-once.ts';
import { createRunProgress } from '../watch/run-progress.ts';
import {
  createJsonView,
  createPlainView,
  createTerminalView,
  formatCost,
  formatDuration,
  type WatchView,
} from '../watch/views.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  input: { type: 'string', multiple: true, short: 'i', default: [] as string[] },
  'input-json': { type: 'string' },
  title: { type: 'string' },
  priority: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  watch: { type: 'boolean', short: 'w', default: false },
  detach: { type: 'boolean', short: 'd', default: false },
  'cancel-on-interrupt': { type: 'boolean', default: false },
} as const;

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
const SHOWN_FINDINGS_MAX = 10;

/** `automatos run <recipe>`: starts a run and stays until it has ended. */
export async function runCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [recipeId, ...rest] = positionals;
  if (recipeId === undefined || rest.length > 0)
    throw new UsageError('Name one recipe: automatos run <recipe> [--input name=value …]');
  const { client } = connect(shell, values);
  const { data: recipe } = await getRecipe({ client, path: { recipe_id: recipeId } });
  const inputs = await readInputs(shell, recipe.definition.inputs as JsonObject, {
    pairs: values.input,
    json: values['input-json'],
  });
  const priority = toPriority(values.priority);
  const run = await startOnce((key) =>
    executeRecipe({
      client,
      path: { recipe_id: recipeId },
      headers: { 'Idempotency-Key': key },
      body: {
        inputs,
        ...(values['dry-run'] ? { dry_run: true } : {}),
        ...(values.title === undefined ? {} : { title: values.title }),
        ...(priority === undefined ? {} : { priority }),
      },
    }),
  );
  if (values.detach) {
    shell.out(
      values.json
        ? `${JSON.stringify({ run })}\n`
        : `${run.id}\nWatch it with: automatos runs show ${run.id} --watch\n`,
    );
    return EXIT.completed;
  }
  return followRun(shell, client, { ...values, run });
}

export interface FollowOptions {
  run: Run;
  watch: boolean;
  json: boolean;
  'cancel-on-interrupt'?: boolean;
}

/** Shows a run until it ends, a person leaves it with Ctrl-C, or it waits for one where nobody looks; gives the exit code. */
export async function followRun(
  shell: Shell,
  client: Client,
  options: FollowOptions,
): Promise<number> {
  const { run } = options;
  const leave = new AbortController();
  let hasPaused = false;
  const { data: steps } = await listRunSteps({ client, path: { run_id: run.id } });
  const view = createView(shell, run, {
    ...options,
    progress: createRunProgress(run, steps.items),
  });
  const stopListening = shell.onInterrupt(() => {
    if (options['cancel-on-interrupt'] === true) {
      cancelRun({ client, path: { run_id: run.id } }).catch((error: unknown) =>
        shell.err(`cannot cancel: ${(error as Error).message}\n`),
      );
    } else leave.abort();
  });
  try {
    for await (const event of streamRunEvents(client, run.id, {
      signal: leave.signal,
      onState: (state) => view.state(state),
    })) {
      view.event(event);
      // Nobody can resume it from here, and a script would wait for ever.
      if (event.type === 'run.paused' || event.type === 'step.waiting_approval') hasPaused = true;
      else if (event.type === 'run.resumed' || event.type === 'approval.decided') hasPaused = false;
      if (hasPaused && shell.terminal === null && event.seq >= (await lastSeq(client, run.id)))
        break;
    }
  } finally {
    stopListening();
    view.end();
  }
  const { data: now } = await getRun({ client, path: { run_id: run.id } });
  const code = exitCodeOfRun(now.status);
  if (code === EXIT.unfinished) sayUnfinished(shell, now, options.json);
  else await showResult(shell, client, { run: now, json: options.json });
  return code;
}

async function lastSeq(client: Client, runId: string): Promise<number> {
  const { data } = await getRun({ client, path: { run_id: runId } });
  return data.last_seq;
}

function createView(
  shell: Shell,
  run: Run,
  options: { watch: boolean; json: boolean; progress: ReturnType<typeof createRunProgress> },
): WatchView {
  const silent: WatchView = { event() {}, state() {}, end() {} };
  if (!options.watch) return silent;
  if (options.json) return createJsonView(shell);
  return shell.terminal === null
    ? createPlainView(shell, options.progress)
    : createTerminalView(shell, options.progress, run.title);
}

function sayUnfinished(shell: Shell, run: Run, json: boolean): void {
  if (json) shell.out(`${JSON.stringify({ result: { run } })}\n`);
  if (run.status === 'waiting_approval') {
    shell.err(
      'The run waits for a decision; see: automatos approvals list, then automatos approvals approve <id>\n',
    );
    return;
  }
  shell.err(
    run.status === 'paused'
      ? `The run is paused; go on with: automatos runs resume ${run.id}\n`
      : `The run goes on without this window. Come back with: automatos runs show ${run.id} --watch\n`,
  );
}

/** Prints how a run ended: error or outputs, findings, documents, what it cost. */
export async function showResult(
  shell: Shell,
  client: Client,
  shown: { run: Run; json: boolean },
): Promise<void> {
  const { run } = shown;
  const path = { run_id: run.id };
  const [worst, artifacts, counts] = await Promise.all([
    listRunFindings({ client, path, query: { limit: SHOWN_FINDINGS_MAX } }),
    listRunArtifacts({ client, path }),
    countFindings(client, run),
  ]);
  if (shown.json) {
    shell.out(
      `${JSON.stringify({ result: { run, findings: counts, artifacts: artifacts.data.items } })}\n`,
    );
    return;
  }
  const colour = run.status === 'completed' ? 'green' : run.status === 'failed' ? 'red' : 'yellow';
  const took =
    run.finished_at === null
      ? ''
      : ` in ${formatDuration(Date.parse(run.finished_at) - Date.parse(run.started_at ?? run.created_at))}`;
  shell.out(`\n${paint(shell, colour, run.status)}${took}: ${run.title}\n`);
  if (run.error !== null) shell.out(`  ${run.error.message}\n`);
  const tokens = run.usage.input_tokens + run.usage.output_tokens;
  shell.out(
    `  ${run.usage.model_calls} model calls, ${run.usage.tool_calls} tool calls, ${tokens.toLocaleString('en')} tokens, ${formatCost(run.usage.cost_micros)}\n`,
  );
  if (run.findings_total > 0) {
    const summary = SEVERITIES.flatMap((severity) =>
      counts[severity] > 0 ? [`${counts[severity]} ${severity}`] : [],
    );
    shell.out(`  ${run.findings_total} findings: ${summary.join(', ')}\n`);
  }
  for (const { severity, message, rule, location } of worst.data.items) {
    const place =
      location === undefined
        ? ''
        : `${location.path}${location.line === undefined ? '' : `:${location.line}`}  `;
    shell.out(`    ${severity.padEnd(8)} ${place}${message} ${paint(shell, 'dim', `[${rule}]`)}\n`);
  }
  if (run.findings_total > SHOWN_FINDINGS_MAX)
    shell.out(`    … ${run.findings_total - SHOWN_FINDINGS_MAX} more\n`);
  for (const artifact of artifacts.data.items) {
    shell.out(`  document "${artifact.title}": automatos runs document ${run.id} ${artifact.id}\n`);
  }
}

type Counts = Record<(typeof SEVERITIES)[number], number>;

async function countFindings(client: Client, run: Run): Promise<Counts> {
  const counts: Counts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  if (run.findings_total === 0) return counts;
  await Promise.all(
    SEVERITIES.map(async (severity) => {
      const { data } = await listRunFindings({
        client,
        path: { run_id: run.id },
        query: { limit: 1, severity },
      });
      counts[severity] = data.total ?? data.items.length;
    }),
  );
  return counts;
}
