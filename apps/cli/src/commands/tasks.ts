import { parseArgs } from 'node:util';
import {
  cancelTask,
  createTask,
  getRun,
  getTask,
  listTasks,
  type Client,
  type GetTaskResponse,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, exitCodeOfRun, UsageError } from '../exit-codes.ts';
import { minute, print, tableOf } from '../print.ts';
import { COMMON_OPTIONS, paint, type Shell } from '../shell.ts';
import { readParameters, readTarget } from '../task-inputs.ts';
import { formatDuration } from '../watch/views.ts';
import { followRun, showResult } from './run.ts';
import { startOnce, toPriority } from './start-once.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  target: { type: 'string', short: 't' },
  param: { type: 'string', multiple: true, short: 'p', default: [] as string[] },
  agent: { type: 'string', multiple: true, default: [] as string[] },
  pattern: { type: 'string' },
  title: { type: 'string' },
  priority: { type: 'string' },
  watch: { type: 'boolean', short: 'w', default: false },
  detach: { type: 'boolean', short: 'd', default: false },
  'cancel-on-interrupt': { type: 'boolean', default: false },
} as const;
type Values = ReturnType<typeof read>['values'];

function read(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** `automatos tasks list | run | show | cancel`. */
export async function tasksCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = read(args);
  const [action = 'list', subject, ...rest] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values.json);
  if (action === 'run') {
    if (subject === undefined || rest.length > 0)
      throw new UsageError('Say what is to be achieved: automatos tasks run "<goal>" [--target …]');
    return run(shell, client, { goal: subject, values });
  }
  if (action !== 'show' && action !== 'cancel')
    throw new UsageError(`tasks knows list, run, show and cancel, not "${action}".`);
  if (subject === undefined) throw new UsageError(`automatos tasks ${action} <id>`);
  if (action === 'show') return show(shell, client, { id: subject, values });
  const { data } = await cancelTask({ client, path: { task_id: subject } });
  return print({ shell, json: values.json }, data, `${data.id} is ${data.status}\n`);
}

async function list(shell: Shell, client: Client, json: boolean): Promise<number> {
  const { data } = await listTasks({ client, query: { limit: 50 } });
  const rows = data.items.map((task) => [
    task.id,
    task.outcome === 'partial' ? 'partial' : task.status,
    minute(task.created_at),
    task.agents_used.join(', '),
    task.title,
  ]);
  const head = ['ID', 'STATUS', 'CREATED (UTC)', 'AGENTS', 'TITLE'];
  return print({ shell, json }, data, tableOf(head, rows, 'No tasks yet.'));
}

async function run(
  shell: Shell,
  client: Client,
  { goal, values }: { goal: string; values: Values },
): Promise<number> {
  const { agent, pattern, title } = values;
  const target = readTarget(shell, values.target);
  const priority = toPriority(values.priority);
  const parameters = readParameters(shell, values.param);
  const task = await startOnce((key) =>
    createTask({
      client,
      headers: { 'Idempotency-Key': key },
      body: {
        goal,
        parameters,
        ...(target === undefined ? {} : { target }),
        ...(agent.length === 0 ? {} : { agents: agent }),
        ...(pattern === undefined ? {} : { pattern }),
        ...(title === undefined ? {} : { title }),
        ...(priority === undefined ? {} : { priority }),
      },
    }),
  );
  if (values.detach) {
    const text = `${task.id}\nWatch it with: automatos tasks show ${task.id} --watch\n`;
    return print({ shell, json: values.json }, { task }, text);
  }
  return follow(shell, client, { id: task.id, values });
}

/** A task is its run, told in stages. */
async function follow(
  shell: Shell,
  client: Client,
  { id, values }: { id: string; values: Values },
): Promise<number> {
  const { data: own } = await getRun({ client, path: { run_id: id } });
  const code = await followRun(shell, client, { ...values, run: own });
  if (code !== EXIT.unfinished && !values.json) {
    const { data: task } = await getTask({ client, path: { task_id: id } });
    shell.out(describe(shell, task));
  }
  return code;
}

async function show(
  shell: Shell,
  client: Client,
  { id, values }: { id: string; values: Values },
): Promise<number> {
  const { data: task } = await getTask({ client, path: { task_id: id } });
  const ended = task.finished_at !== null;
  if (values.watch && !ended) return follow(shell, client, { id, values });
  if (values.json) shell.out(`${JSON.stringify(task)}\n`);
  else {
    const { data: own } = await getRun({ client, path: { run_id: id } });
    await showResult(shell, client, { run: own, json: false });
    shell.out(describe(shell, task));
  }
  return exitCodeOfRun(task.status);
}

/** The stages and the units with who did them; a part that failed is told, whatever the task became. */
function describe(shell: Shell, task: GetTaskResponse): string {
  const stages = task.stages.map((stage) => [
    stage.status,
    stage.duration_ms === null ? '' : formatDuration(stage.duration_ms),
    stage.attempts > 1 ? `${stage.attempts}×` : '',
    stage.name,
  ]);
  const units = task.units.map((unit) => [
    unit.status,
    unit.agent ?? 'nobody',
    unit.error === null ? unit.title : `${unit.title}: ${unit.error.message}`,
  ]);
  const partial =
    task.outcome === 'partial'
      ? paint(shell, 'yellow', `${task.units_failed} of ${task.units_total} parts failed\n`)
      : '';
  return `\n${tableOf(['STATUS', 'TOOK', '', 'STAGE'], stages, 'No stages yet.')}\n${tableOf(['STATUS', 'AGENT', 'PART'], units, 'No parts yet.')}${partial}`;
}
