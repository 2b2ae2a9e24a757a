import type { JsonObject, JsonValue } from '@automatos/kernel';
import {
  compareRuns,
  forkRun,
  getRun,
  getRunQuality,
  getRecipe,
  retryRun,
  signalRun,
  streamRunEvents,
  type Client,
  type QualityReport,
  type Run,
  type RunComparison,
} from '@automatos/sdk';
import { EXIT, UsageError } from '../exit-codes.ts';
import { readInputs } from '../inputs.ts';
import { formatTable, paint, type Shell } from '../shell.ts';
import { createRunProgress } from '../watch/run-progress.ts';
import { createJsonView, createPlainView, formatCost, formatDuration } from '../watch/views.ts';
import { followRun } from './run.ts';

/** Options of the actions in this file. */
export const AGAIN_OPTIONS = {
  from: { type: 'string' },
  input: { type: 'string', multiple: true, short: 'i', default: [] as string[] },
  'input-json': { type: 'string' },
  model: { type: 'string' },
  current: { type: 'boolean', default: false },
  title: { type: 'string' },
  payload: { type: 'string' },
} as const;

export interface AgainValues {
  from?: string | undefined;
  input: string[];
  'input-json'?: string | undefined;
  model?: string | undefined;
  current: boolean;
  title?: string | undefined;
  payload?: string | undefined;
  watch: boolean;
  json: boolean;
  'cancel-on-interrupt': boolean;
}

interface Action {
  client: Client;
  id: string;
  /** Positional arguments after the run. */
  rest: readonly string[];
  values: AgainValues;
}

/** `runs retry <id>`: goes on from the step that failed, as a new run. */
export async function retry(shell: Shell, { client, id, values }: Action): Promise<number> {
  const { data: run } = await retryRun({ client, path: { run_id: id } });
  return started(shell, client, { run, values });
}

/** `runs fork <id> --from <step>`: a new run from one step on, with other inputs or another model. */
export async function fork(shell: Shell, { client, id, values }: Action): Promise<number> {
  if (values.from === undefined)
    throw new UsageError('Name the first step to do again: automatos runs fork <id> --from <step>');
  const inputs = await changedInputs(shell, client, { id, values });
  const { data: run } = await forkRun({
    client,
    path: { run_id: id },
    body: {
      from_step: values.from,
      ...(inputs === undefined ? {} : { inputs }),
      ...(values.model === undefined ? {} : { model: toModel(values.model) }),
      ...(values.title === undefined ? {} : { title: values.title }),
      version: values.current ? 'current' : 'same',
    },
  });
  return started(shell, client, { run, values });
}

async function changedInputs(
  shell: Shell,
  client: Client,
  { id, values }: { id: string; values: AgainValues },
): Promise<JsonObject | undefined> {
  if (values.input.length === 0 && values['input-json'] === undefined) return undefined;
  const { data: run } = await getRun({ client, path: { run_id: id } });
  if (run.recipe_slug === null) throw new UsageError('This run has no recipe to fork.');
  const { data: recipe } = await getRecipe({ client, path: { recipe_id: run.recipe_slug } });
  return readInputs(shell, recipe.definition.inputs as JsonObject, {
    pairs: values.input,
    json: values['input-json'],
  });
}

function toModel(text: string): { provider: string; model: string } {
  const slash = text.indexOf('/');
  if (slash < 1 || slash === text.length - 1)
    throw new UsageError(`--model takes provider/model, not "${text}".`);
  return { provider: text.slice(0, slash), model: text.slice(slash + 1) };
}

function started(
  shell: Shell,
  client: Client,
  { run, values }: { run: Run; values: AgainValues },
): Promise<number> | number {
  if (values.watch) return followRun(shell, client, { ...values, run });
  shell.out(
    values.json
      ? `${JSON.stringify({ run })}\n`
      : `${run.id}\nWatch it with: automatos runs show ${run.id} --watch\n`,
  );
  return EXIT.completed;
}

/** `runs signal <id> <name> [--payload <json>]`: sends what a wait step waits for. */
export async function signal(shell: Shell, { client, id, rest, values }: Action): Promise<number> {
  const [name] = rest;
  if (name === undefined)
    throw new UsageError('Name the signal: automatos runs signal <id> <name> [--payload <json>]');
  let payload: JsonValue = null;
  try {
    if (values.payload !== undefined) payload = JSON.parse(values.payload) as JsonValue;
  } catch (error) {
    throw new UsageError(`--payload holds no valid JSON: ${(error as Error).message}.`);
  }
  const { data } = await signalRun({ client, path: { run_id: id }, body: { name, payload } });
  shell.out(values.json ? `${JSON.stringify(data)}\n` : `signal "${name}" sent\n`);
  return EXIT.completed;
}

/** `runs events <id>`: the stored log from its first event, then what is still to come. */
export async function events(shell: Shell, { client, id, values }: Action): Promise<number> {
  const { data: run } = await getRun({ client, path: { run_id: id } });
  const leave = new AbortController();
  const stopListening = shell.onInterrupt(() => leave.abort());
  const view = values.json
    ? createJsonView(shell)
    : createPlainView(shell, createRunProgress(run, []));
  try {
    for await (const event of streamRunEvents(client, id, { signal: leave.signal })) {
      view.event(event);
      if (!values.watch && event.seq >= run.last_seq) break;
    }
  } finally {
    stopListening();
  }
  return EXIT.completed;
}

/** `runs compare <id> <id>`: what differs between two runs. */
export async function compare(shell: Shell, { client, id, rest, values }: Action): Promise<number> {
  const [right] = rest;
  if (right === undefined) throw new UsageError('Name two runs: automatos runs compare <id> <id>');
  const { data } = await compareRuns({ client, query: { left: id, right } });
  if (values.json) shell.out(`${JSON.stringify(data)}\n`);
  else showComparison(shell, data);
  return EXIT.completed;
}

function showComparison(shell: Shell, { left, right, ...found }: RunComparison): void {
  const took = (run: Run) =>
    run.finished_at === null
      ? '–'
      : formatDuration(Date.parse(run.finished_at) - Date.parse(run.started_at ?? run.created_at));
  const quality = (run: Run) =>
    run.quality_score === null
      ? '–'
      : `${run.quality_score.toFixed(2)} (${run.quality_grade ?? '–'})`;
  const row = (name: string, show: (run: Run) => string) => [name, show(left), show(right)];
  shell.out(
    formatTable([
      ['', 'LEFT', 'RIGHT'],
      row('run', (run) => run.id),
      row('status', (run) => run.status),
      row('version', (run) => `${run.recipe_slug ?? run.kind} v${run.recipe_version ?? '–'}`),
      row('took', took),
      row('cost', (run) => formatCost(run.usage.cost_micros)),
      row('quality', quality),
      row('findings', (run) => String(run.findings_total)),
    ]),
  );
  for (const { pointer, kind } of found.inputs) shell.out(`input ${pointer} ${kind}\n`);
  const steps = found.steps.filter((step) => !step.same_output);
  for (const step of steps) {
    shell.out(
      `\n${paint(shell, 'bold', step.name)}: ${step.left?.status ?? 'absent'} → ${step.right?.status ?? 'absent'}\n`,
    );
    for (const line of step.diff.filter(({ kind }) => kind !== 'same'))
      shell.out(diffLine(shell, line));
  }
  if (steps.length === 0) shell.out('\nAll steps gave the same.\n');
  const { only_left, only_right, both } = found.findings;
  shell.out(`\nfindings: ${both} in both, ${only_left} only left, ${only_right} only right\n`);
}

/** One changed line of a diff. */
export function diffLine(shell: Shell, line: { kind: string; text: string }): string {
  if (line.kind === 'same') return `  ${line.text}\n`;
  return line.kind === 'added'
    ? paint(shell, 'green', `+ ${line.text}\n`)
    : paint(shell, 'red', `- ${line.text}\n`);
}

/** `runs quality <id>`: scores with what was measured. */
export async function quality(shell: Shell, { client, id, values }: Action): Promise<number> {
  const { data } = await getRunQuality({ client, path: { run_id: id } });
  if (values.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.run === null && data.steps.length === 0)
    shell.out('This run was not scored; runs are scored when they complete.\n');
  else
    for (const report of [...(data.run === null ? [] : [data.run]), ...data.steps])
      showReport(shell, report);
  return EXIT.completed;
}

function showReport(shell: Shell, report: QualityReport): void {
  const show = (score: number | null) => (score === null ? 'not measured' : score.toFixed(2));
  const threshold = report.threshold === null ? '' : `, at least ${report.threshold}`;
  shell.out(
    `${paint(shell, 'bold', report.step_id ?? 'run')}: ${show(report.score)} ${report.grade ?? ''}${threshold}\n`,
  );
  for (const dimension of [...report.content, ...report.operational]) {
    shell.out(`  ${dimension.name.padEnd(16)} ${show(dimension.score)}\n`);
    for (const { detail, score } of dimension.evidence)
      if (score !== null && score < 1) shell.out(paint(shell, 'dim', `      ${detail}\n`));
  }
}
