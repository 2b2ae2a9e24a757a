import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  cancelRun,
  getRun,
  getRunArtifact,
  listRuns,
  listRunSteps,
  pauseRun,
  resumeRun,
  type Client,
  type Run,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT, exitCodeOfRun, UsageError } from '../exit-codes.ts';
import { COMMON_OPTIONS, formatTable, type Shell } from '../shell.ts';
import { formatDuration } from '../watch/views.ts';
import { AGAIN_OPTIONS, compare, events, fork, quality, retry, signal } from './run-again.ts';
import { toFormat, writeFindings } from './findings-file.ts';
import { followRun, showResult } from './run.ts';

const OPTIONS = {
  ...COMMON_OPTIONS,
  ...AGAIN_OPTIONS,
  limit: { type: 'string', default: '20' },
  status: { type: 'string' },
  output: { type: 'string', short: 'o' },
  format: { type: 'string' },
  watch: { type: 'boolean', short: 'w', default: false },
  'cancel-on-interrupt': { type: 'boolean', default: false },
} as const;
const STEER = { cancel: cancelRun, pause: pauseRun, resume: resumeRun } as const;
const isSteer = (action: string): action is keyof typeof STEER => Object.hasOwn(STEER, action);
const AGAIN = { retry, fork, signal, events, compare, quality } as const;
const isAgain = (action: string): action is keyof typeof AGAIN => Object.hasOwn(AGAIN, action);
const ENDED = new Set(['completed', 'failed', 'cancelled']);

/** `automatos runs list | show | document | findings | cancel | pause | resume | retry | fork | signal | events | compare | quality`. */
export async function runsCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    allowPositionals: true,
  });
  const [action = 'list', id, ...rest] = positionals;
  const { client } = connect(shell, values);
  if (action === 'list') return list(shell, client, values);
  if (id === undefined) throw new UsageError(`Name a run: automatos runs ${action} <id>`);
  const path = { run_id: id };
  if (action === 'show') {
    const { data: run } = await getRun({ client, path });
    if (values.watch && !ENDED.has(run.status)) return followRun(shell, client, { ...values, run });
    return show(shell, client, { run, json: values.json });
  }
  if (isAgain(action)) return AGAIN[action](shell, { client, id, rest, values });
  if (action === 'findings') {
    const format = toFormat(values.format) ?? 'sarif';
    return writeFindings(shell, client, { runId: id, format, output: values.output });
  }
  if (action === 'document') {
    const [artifactId] = rest;
    if (artifactId === undefined)
      throw new UsageError('Name the document: automatos runs document <run> <document>');
    return document(shell, client, { ...path, artifact_id: artifactId, output: values.output });
  }
  if (!isSteer(action))
    throw new UsageError(
      `runs knows list, show, document, findings, cancel, pause, resume, ${Object.keys(AGAIN).join(', ')}, not "${action}".`,
    );
  const { data: run } = await STEER[action]({ client, path });
  shell.out(values.json ? `${JSON.stringify({ run })}\n` : `${run.id} is ${run.status}\n`);
  return EXIT.completed;
}

/** Text goes to standard output; a PDF or Word file needs a place. */
async function document(
  shell: Shell,
  client: Client,
  { output, ...path }: { run_id: string; artifact_id: string; output: string | undefined },
): Promise<number> {
  const { data, response } = await getRunArtifact({ client, path, parseAs: 'arrayBuffer' });
  const content = Buffer.from(data as unknown as ArrayBuffer);
  const type = response.headers.get('content-type') ?? '';
  if (output !== undefined) {
    writeFileSync(resolve(shell.cwd, output), content);
    shell.err(`${content.length} bytes written to ${output}\n`);
  } else if (/^text\/|json|xml/.test(type)) shell.out(content.toString('utf8'));
  else throw new UsageError(`The document is ${type}; name a file for it with -o.`);
  return EXIT.completed;
}

async function list(
  shell: Shell,
  client: Client,
  values: { limit: string; status?: string | undefined; json: boolean },
): Promise<number> {
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new UsageError('--limit must be 1 to 100.');
  const status = values.status as Run['status'] | undefined;
  const { data } = await listRuns({
    client,
    query: { limit, ...(status === undefined ? {} : { status }) },
  });
  if (values.json) shell.out(`${JSON.stringify(data)}\n`);
  else if (data.items.length === 0)
    shell.out(
      'No runs yet. Start one with: automatos run repository-health-review --input path=. --watch\n',
    );
  else {
    const rows = data.items.map((run) => [
      run.id,
      run.status,
      run.created_at.slice(0, 19).replace('T', ' '),
      String(run.findings_total),
      run.title,
    ]);
    shell.out(formatTable([['ID', 'STATUS', 'CREATED (UTC)', 'FINDINGS', 'TITLE'], ...rows]));
  }
  return EXIT.completed;
}

/** Ends with the run's own exit code, so that scripts may ask later how it went. */
async function show(
  shell: Shell,
  client: Client,
  shown: { run: Run; json: boolean },
): Promise<number> {
  const { run, json } = shown;
  if (!json) {
    const { data } = await listRunSteps({ client, path: { run_id: run.id } });
    const rows = data.items.map((step) => [
      step.status,
      step.started_at === null || step.finished_at === null
        ? ''
        : formatDuration(Date.parse(step.finished_at) - Date.parse(step.started_at)),
      step.name,
      step.error?.message ?? step.agent ?? step.tool ?? '',
    ]);
    if (rows.length > 0) shell.out(formatTable([['STATUS', 'TOOK', 'STEP', 'BY'], ...rows]));
  }
  await showResult(shell, client, { run, json });
  return exitCodeOfRun(run.status);
}
