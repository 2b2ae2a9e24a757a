import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  getHealth,
  getInvariants,
  getProviderConfiguration,
  getReady,
  getSession,
  getSystemHealth,
  isApiProblem,
  type Client,
} from '@automatos/sdk';
import { connect } from '../connection.ts';
import { EXIT } from '../exit-codes.ts';
import { COMMON_OPTIONS, paint, type Shell } from '../shell.ts';

/** `automatos doctor`: what works, what does not and what to do, in the order in which things depend on each other. */
export async function doctorCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: COMMON_OPTIONS });
  const { client, url, credentials } = connect(shell, values);
  const say = (mark: 'ok' | 'warn' | 'bad', text: string) => {
    const shown = {
      ok: paint(shell, 'green', 'ok  '),
      warn: paint(shell, 'yellow', 'warn'),
      bad: paint(shell, 'red', 'bad '),
    }[mark];
    shell.out(`${shown}  ${text}\n`);
  };
  say('ok', `Node ${process.version}`);
  try {
    const { data } = await getHealth({ client });
    say('ok', `server ${data.version} answers at ${url}`);
  } catch (error) {
    say(
      'bad',
      `no server at ${url}: ${(error as Error).message} Start it with "automatos up", or name another with --url.`,
    );
    return EXIT.unreachable;
  }
  const isReady = await checkReady(client, say);
  try {
    const { data } = await getSession({ client });
    say(
      'ok',
      `known as ${data.principal.name} (${data.principal.kind}) in workspace ${data.workspace.name}; credentials: ${credentials}`,
    );
  } catch (error) {
    say(
      'bad',
      `not known to the server (credentials: ${credentials}): ${(error as Error).message}`,
    );
    return EXIT.unreachable;
  }
  const isHealthy = await checkSystem(client, say);
  return isReady && isHealthy ? EXIT.completed : EXIT.failed;
}

type Say = (mark: 'ok' | 'warn' | 'bad', text: string) => void;

async function checkReady(client: Client, say: Say): Promise<boolean> {
  try {
    const { data } = await getReady({ client });
    // What works is told again, in more words, by the system health.
    for (const check of data.checks) if (!check.ok) say('bad', `${check.name}: ${check.detail}`);
    return data.ready;
  } catch (error) {
    say('bad', `the server is not ready: ${(error as Error).message}`);
    return false;
  }
}

async function checkSystem(client: Client, say: Say): Promise<boolean> {
  try {
    const { data } = await getSystemHealth({ client });
    const marks = { healthy: 'ok', warning: 'warn', critical: 'bad' } as const;
    for (const component of data.components)
      say(marks[component.status], `${component.name}: ${component.detail}`);
    say(
      'ok',
      `runs: ${data.runs.running} running, ${data.runs.queued} queued, ${data.runs.paused} paused; last 24 h ${data.runs.completed_24h} completed, ${data.runs.failed_24h} failed`,
    );
    await checkInvariants(client, say);
    for (const note of data.notes) say('warn', note);
    await checkConfiguration(client, say);
    return data.status !== 'critical';
  } catch (error) {
    if (!isApiProblem(error) || error.status !== 403) throw error;
    say('warn', 'this key may not read the system health');
    return true;
  }
}

/** Settings of models, routing and budgets without the effect they seem to have; those that only could be simpler are left out. */
async function checkConfiguration(client: Client, say: Say): Promise<void> {
  const { data } = await getProviderConfiguration({ client });
  for (const { severity, setting, message, remedy } of data.items)
    if (severity !== 'info')
      say(severity === 'error' ? 'bad' : 'warn', `${setting}: ${message} ${remedy}`);
}

async function checkInvariants(client: Client, say: Say): Promise<void> {
  const { data } = await getInvariants({ client });
  for (const { name, violations, description } of data.invariants)
    if (violations > 0) say('bad', `${name}: ${violations} (${description})`);
  const alive = data.workers.filter((worker) => worker.alive).length;
  if (alive === 0) say('bad', 'no process executes runs; start one with the role worker');
  else say('ok', `${alive} ${alive === 1 ? 'process executes' : 'processes execute'} runs`);
}

/** `automatos up`: the same as `npm start` in the product's folder; arguments are handed on. */
export function upCommand(shell: Shell, args: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(shell.productRoot, 'scripts', 'start.mjs'), ...args],
    { cwd: shell.productRoot, stdio: 'inherit' },
  );
  const ignore = shell.onInterrupt(() => undefined);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      ignore();
      resolve(code ?? EXIT.failed);
    });
  });
}
