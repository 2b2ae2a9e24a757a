import { parseArgs } from 'node:util';
import {
  cloneAgent,
  executeAgent,
  getAgent,
  getAgentMetrics,
  listAgents,
  setAgentStatus,
  type Agent,
  type AgentMetrics,
  type Client,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { print, minute, tableOf } from '../print.ts';
import { COMMON_OPTIONS, paint, type Shell } from '../shell.ts';
import { readParameters, readTarget } from '../task-inputs.ts';
import { formatCost, formatDuration } from '../watch/views.ts';
import { diff, exportAgent, importFile, restore, versions } from './agent-files.ts';
import { toFormat, writeFindings } from './findings-file.ts';
import { toVersion } from './recipe-history.ts';
import { followRun } from './run.ts';
import { startOnce, toPriority } from './start-once.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  status: { type: 'string' },
  category: { type: 'string' },
  capability: { type: 'string' },
  tool: { type: 'string' },
  tag: { type: 'string' },
  search: { type: 'string' },
  target: { type: 'string', short: 't' },
  task: { type: 'string' },
  prompt: { type: 'string' },
  param: { type: 'string', multiple: true, short: 'p', default: [] as string[] },
  title: { type: 'string' },
  priority: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
  watch: { type: 'boolean', short: 'w', default: false },
  detach: { type: 'boolean', short: 'd', default: false },
  'cancel-on-interrupt': { type: 'boolean', default: false },
  format: { type: 'string' },
  output: { type: 'string', short: 'o' },
  name: { type: 'string' },
  version: { type: 'string' },
  'on-conflict': { type: 'string' },
} as const;
type Values = ReturnType<typeof read>['values'];

function read(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

/** `automatos agents list | show | run | status | clone | versions | diff | restore | export | import`. */
export async function agentsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = read(args);
  const [action = 'list', agent, ...rest] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values);
  if (!Object.hasOwn(ACTIONS, action))
    throw new UsageError(`agents knows list, ${Object.keys(ACTIONS).join(', ')}, not "${action}".`);
  if (agent === undefined)
    throw new UsageError(`automatos agents ${action} <${action === 'import' ? 'file' : 'agent'}>`);
  return (ACTIONS[action] as Action)({ shell, client, agent, rest, values });
}

interface Given {
  shell: Shell;
  client: Client;
  agent: string;
  rest: string[];
  values: Values;
}
type Action = (given: Given) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = {
  show,
  run,
  status,
  clone,
  versions: ({ shell, client, agent, values }) =>
    versions({ shell, client, json: values.json }, agent),
  diff: ({ shell, client, agent, rest, values }) =>
    diff({ shell, client, json: values.json }, agent, rest.map(toVersion)),
  restore: ({ shell, client, agent, rest, values }) =>
    restore({ shell, client, json: values.json }, agent, rest.map(toVersion)),
  export: ({ shell, client, agent, values }) =>
    exportAgent({ shell, client, json: values.json }, agent, {
      format: values.format,
      output: values.output,
      version: values.version === undefined ? undefined : toVersion(values.version),
    }),
  import: ({ shell, client, agent, values }) =>
    importFile({ shell, client, json: values.json }, agent, values['on-conflict']),
};

async function list(shell: Shell, client: Client, values: Values): Promise<number> {
  const { status: state, category, capability, tool, tag, search } = values;
  const { data } = await listAgents({
    client,
    query: {
      limit: 100,
      ...(state === undefined ? {} : { status: state as Agent['status'] }),
      ...(category === undefined ? {} : { category }),
      ...(capability === undefined ? {} : { capability }),
      ...(tool === undefined ? {} : { tool }),
      ...(tag === undefined ? {} : { tag }),
      ...(search === undefined ? {} : { search }),
    },
  });
  const rows = data.items.map((agent) => [
    agent.slug,
    agent.status,
    agent.category,
    agent.model.model ?? 'default model',
    agent.name,
  ]);
  const head = ['AGENT', 'STATUS', 'CATEGORY', 'MODEL', 'NAME'];
  return print({ shell, json: values.json }, data, tableOf(head, rows, 'No agents.'));
}

async function show({ shell, client, agent: ref, values }: Given): Promise<number> {
  const path = { agent_id: ref };
  const { data: agent } = await getAgent({ client, path });
  const { data: metrics } = await getAgentMetrics({ client, path, query: { days: 30 } });
  return print({ shell, json: values.json }, { agent, metrics }, describe(shell, agent, metrics));
}

function describe(shell: Shell, agent: Agent, metrics: AgentMetrics): string {
  const { model, tools, capabilities } = agent;
  const share = (value: number | null) => (value === null ? '–' : `${Math.round(value * 100)} %`);
  const took = metrics.duration_ms_mean === null ? '–' : formatDuration(metrics.duration_ms_mean);
  const lines = [
    `${paint(shell, 'bold', agent.name)} (${agent.slug}, v${agent.version}, ${agent.status})`,
    ...(agent.description === '' ? [] : [`  ${agent.description}`]),
    `  category   ${agent.category}`,
    `  model      ${model.model ?? 'default model'}${model.provider === null ? '' : ` of ${model.provider}`}`,
    `  tasks      ${capabilities.join(', ') || '–'}`,
    `  tools      ${tools.map(({ tool }) => tool).join(', ') || '–'}`,
    `  30 days    ${metrics.turns} turns, ${share(metrics.success_rate)} succeeded, quality ${share(metrics.quality_mean)}, ${took} each, ${formatCost(metrics.cost_micros)}`,
    `  last work  ${minute(metrics.last_turn_at)}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Starts a run and stays until it has ended; with `--format` its findings are what is written. */
async function run({ shell, client, agent, values }: Given): Promise<number> {
  const format = toFormat(values.format);
  const { output, task, prompt, title, watch } = values;
  if (format !== undefined && values.detach)
    throw new UsageError('--format needs the end of the run; leave --detach out.');
  if (format !== undefined && output === undefined && watch)
    throw new UsageError('With --watch, name a file for the findings with -o.');
  const target = readTarget(shell, values.target);
  const priority = toPriority(values.priority);
  const parameters = readParameters(shell, values.param);
  const started = await startOnce((key) =>
    executeAgent({
      client,
      path: { agent_id: agent },
      headers: { 'Idempotency-Key': key },
      body: {
        parameters,
        ...(target === undefined ? {} : { target }),
        ...(task === undefined ? {} : { task_type: task }),
        ...(prompt === undefined ? {} : { prompt }),
        ...(title === undefined ? {} : { title }),
        ...(priority === undefined ? {} : { priority }),
        ...(values['dry-run'] ? { dry_run: true } : {}),
      },
    }),
  );
  if (values.detach) {
    const text = `${started.id}\nWatch it with: automatos runs show ${started.id} --watch\n`;
    return print({ shell, json: values.json }, { run: started }, text);
  }
  const quiet = format !== undefined && output === undefined;
  const code = await followRun(quiet ? { ...shell, out: () => undefined } : shell, client, {
    ...values,
    run: started,
  });
  if (format !== undefined && code !== EXIT.unfinished)
    await writeFindings(shell, client, { runId: started.id, format, output });
  return code;
}

const STATUSES = ['active', 'paused', 'retired'] as const;

async function status({ shell, client, agent, rest, values }: Given): Promise<number> {
  const [text] = rest;
  const wanted = STATUSES.find((name) => name === text);
  if (wanted === undefined)
    throw new UsageError(`automatos agents status <agent> ${STATUSES.join('|')}`);
  const { data } = await setAgentStatus({
    client,
    path: { agent_id: agent },
    body: { status: wanted },
  });
  return print({ shell, json: values.json }, data, `${data.slug} is ${data.status}\n`);
}

async function clone({ shell, client, agent, values }: Given): Promise<number> {
  const { name, json } = values;
  const { data } = await cloneAgent({
    client,
    path: { agent_id: agent },
    body: name === undefined ? {} : { name },
  });
  return print({ shell, json }, data, `${data.slug} made from ${agent} as a draft\n`);
}
