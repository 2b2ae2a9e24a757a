import { parseArgs } from 'node:util';
import {
  createSchedule,
  deleteSchedule,
  listScheduleFires,
  listSchedules,
  previewSchedule,
  type Client,
  type ScheduleSpec,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, type Shell } from '../shell.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  cron: { type: 'string' },
  timezone: { type: 'string', default: 'UTC' },
  every: { type: 'string' },
  at: { type: 'string' },
  'input-json': { type: 'string' },
  misfire: { type: 'string' },
  overlap: { type: 'string' },
} as const;

/** `automatos schedules list | preview | create <recipe> | fires <id> | delete <id>`. */
export async function schedulesCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', subject] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values.json);
  if (action === 'preview')
    return preview(shell, client, { spec: toSpec(values), json: values.json });
  if (subject === undefined)
    throw new UsageError(
      `automatos schedules ${action} <${action === 'create' ? 'recipe' : 'id'}>`,
    );
  if (action === 'create') {
    const { data } = await createSchedule({
      client,
      body: { recipe: subject, spec: toSpec(values) },
    });
    shell.out(
      values.json
        ? `${JSON.stringify(data)}\n`
        : `${data.id}\nNext: ${data.next_due_at ?? 'never'}\n`,
    );
    return EXIT.completed;
  }
  if (action === 'fires') return fires(shell, client, { id: subject, json: values.json });
  if (action !== 'delete')
    throw new UsageError(
      `schedules knows list, preview, create, fires and delete, not "${action}".`,
    );
  await deleteSchedule({ client, path: { schedule_id: subject } });
  shell.out('deleted\n');
  return EXIT.completed;
}

interface SpecValues {
  cron?: string | undefined;
  timezone: string;
  every?: string | undefined;
  at?: string | undefined;
  'input-json'?: string | undefined;
  misfire?: string | undefined;
  overlap?: string | undefined;
}

/** The server checks what stands in it; only the shape is made here. */
function toSpec(values: SpecValues): ScheduleSpec {
  const when =
    values.cron !== undefined
      ? { cron: values.cron, timezone: values.timezone }
      : values.every !== undefined
        ? { every_ms: Number(values.every) }
        : values.at !== undefined
          ? { at: values.at }
          : undefined;
  if (when === undefined)
    throw new UsageError(
      'Say when: --cron "0 6 * * *" [--timezone Europe/Zurich], --every <ms> or --at <time>.',
    );
  return {
    ...when,
    ...(values['input-json'] === undefined ? {} : { inputs: toInputs(values['input-json']) }),
    ...(values.misfire === undefined ? {} : { misfire: values.misfire }),
    ...(values.overlap === undefined ? {} : { overlap: values.overlap }),
  } as ScheduleSpec;
}

function toInputs(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    throw new UsageError(`--input-json holds no valid JSON: ${(error as Error).message}.`);
  }
}

async function list(shell: Shell, client: Client, json: boolean): Promise<number> {
  const { data } = await listSchedules({ client, query: { limit: 100 } });
  if (json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.items.length === 0) shell.out('No schedules.\n');
  else {
    const rows = data.items.map((schedule) => [
      schedule.id,
      schedule.recipe_slug,
      schedule.enabled ? (schedule.next_due_at ?? 'never') : 'off',
      schedule.last_outcome ?? '–',
      schedule.name,
    ]);
    shell.out(formatTable([['ID', 'RECIPE', 'NEXT (UTC)', 'LAST', 'NAME'], ...rows]));
  }
  return EXIT.completed;
}

async function preview(
  shell: Shell,
  client: Client,
  given: { spec: ScheduleSpec; json: boolean },
): Promise<number> {
  const { data } = await previewSchedule({ client, body: { spec: given.spec, count: 10 } });
  if (given.json) shell.out(`${JSON.stringify(data)}\n`);
  else for (const item of data.items) shell.out(`${item.due_at}  ${item.local} ${data.timezone}\n`);
  return EXIT.completed;
}

async function fires(
  shell: Shell,
  client: Client,
  given: { id: string; json: boolean },
): Promise<number> {
  const { data } = await listScheduleFires({
    client,
    path: { schedule_id: given.id },
    query: { limit: 50 },
  });
  if (given.json) shell.out(`${JSON.stringify(data)}\n`);
  else {
    const rows = data.items.map((fire) => [
      fire.due_at,
      fire.outcome,
      fire.run_id ?? '–',
      fire.error?.message ?? '',
    ]);
    shell.out(formatTable([['DUE (UTC)', 'OUTCOME', 'RUN', ''], ...rows]));
  }
  return EXIT.completed;
}
